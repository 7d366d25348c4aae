"""« Épisodes »: the board, whole or as the fragment that follows it live."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from markupsafe import Markup

from pasvu.channel import queries
from pasvu.channel.queries import Board, Column, Filters
from pasvu.web import cards
from pasvu.web.guard import EVERYONE, may, role, signed_in
from pasvu.web.house import house
from pasvu.web.words import language

pages = Blueprint("board", __name__)

FIGURES_MOVE_S = 60
"""Views of the last 24 hours move with the clock, though nothing is counted: a board is not kept longer than this."""


@pages.get("/")
@role(*EVERYONE)
def show() -> Response:
    """The board. A poll that knows the fingerprint gets 204 while nothing has changed."""
    here = house()
    page = max(1, request.args.get("page", 1, int))
    partial = request.headers.get("HX-Request-Type") == "partial"
    # Asked every two seconds by every tab: what has not changed is not even read.
    seen = here.record.kept(("board", page), lambda session: queries.board_fingerprint(session, page))
    if partial and request.args.get("vu") == seen:
        return make_response("", 204)
    filters = _filters()
    roles = (may("media", "producer"), may("producer"))
    of_the_minute = int(here.now.timestamp() // FIGURES_MOVE_S)
    visit = signed_in().previous_visit_at
    key = (here.settings.home, seen, filters, page, _whole(), language(), roles, of_the_minute, visit)
    drawn = _KEPT.get(key, lambda: _draw(filters, page, seen))
    if not partial:
        drawn = render_template("board.html", board_drawn=Markup(drawn), filters=filters, **_around())  # noqa: S704 - drawn by our own template
    return make_response(cards.with_token(drawn))


_KEPT = cards.Kept()


def _draw(filters: Filters, page: int, seen: str) -> str:
    here = house()
    with here.record.read() as session:
        found = queries.board(session, filters, here.now, page, whole=_whole())
        return render_template("_board.html", **_shown(found, filters, page, seen), csrf_token=cards.token_mark)


def _filters() -> Filters:
    return Filters(
        words=request.args.get("q", "").strip(),
        programme=request.args.get("emission", ""),
        owner=request.args.get("resp", ""),
        in_trouble=request.args.get("voir") == "soucis",
        arrived_since=signed_in().previous_visit_at if request.args.get("voir") == "nouveaux" else None,
    )


def _whole() -> Column | None:
    asked = request.args.get("entier", "")
    return Column(asked) if asked in set(Column) else None


def _shown(found: Board, filters: Filters, page: int, seen: str) -> dict[str, object]:
    kept = {"q": filters.words, "emission": filters.programme, "resp": filters.owner, "entier": _whole() or ""}
    kept["voir"] = "soucis" if filters.in_trouble else "nouveaux" if filters.arrived_since else ""
    address: dict[str, Any] = {name: value for name, value in kept.items() if value}
    last_page = found.on_air_pages
    return {
        "board": found,
        "draw": cards.pencil(signed_in().previous_visit_at),
        "Column": Column,
        "page": page,
        "newer": url_for(".show", **address, page=page - 1) if page > 1 else None,
        "older": url_for(".show", **address, page=page + 1) if page < last_page else None,
        "last_page": last_page,
        "live": url_for(".show", **address, page=page, vu=seen),
        "empty_board": not any(found.counts.values())
        and not found.on_air_count
        and not found.incoming
        and not found.uploads,
        "narrowed": filters != Filters(),
        "depots": [str(folder) for folder in house().settings.watch_dirs],
        "whole": {column: url_for(".show", **{**address, "entier": column}) for column in Column},
    }


def _around() -> dict[str, object]:
    record, me = house().record, signed_in()
    since, views_then = me.previous_visit_at, me.previous_visit_views
    return {
        "since": record.kept(
            ("since", since, views_then), lambda session: queries.since_last_visit(session, since, views_then)
        )
        if since
        else None,
        "programmes": record.kept("programme choices", queries.programme_choices),
        "people": record.kept("people choices", queries.people_choices),
    }
