"""« Épisodes »: the board, whole or as the fragment that follows it live."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from pasvu.channel import queries
from pasvu.channel.database import Session
from pasvu.channel.queries import Board, Column, Filters
from pasvu.web import cards
from pasvu.web.guard import EVERYONE, role, signed_in
from pasvu.web.house import house

pages = Blueprint("board", __name__)


@pages.get("/")
@role(*EVERYONE)
def show() -> Response:
    """The board. A poll that knows the fingerprint gets 204 while nothing has changed."""
    here = house()
    page = max(1, request.args.get("page", 1, int))
    partial = request.headers.get("HX-Request-Type") == "partial"
    filters = _filters()
    with here.record.read() as session:
        # Asked every two seconds by every tab: what has not changed is not even read.
        if partial and request.args.get("vu") == queries.fingerprint(session, page):
            return make_response("", 204)
        found = queries.board(session, filters, here.now, page, whole=_whole())
        shown = _shown(found, filters, page)
        if partial:
            return make_response(cards.with_token(render_template("_board.html", **shown)))
        return make_response(cards.with_token(render_template("board.html", **shown, **_around(session))))


def _filters() -> Filters:
    return Filters(
        words=request.args.get("q", "").strip(),
        programme=request.args.get("emission", ""),
        owner=request.args.get("resp", ""),
    )


def _whole() -> Column | None:
    asked = request.args.get("entier", "")
    return Column(asked) if asked in set(Column) else None


def _shown(found: Board, filters: Filters, page: int) -> dict[str, object]:
    kept = {"q": filters.words, "emission": filters.programme, "resp": filters.owner, "entier": _whole() or ""}
    address: dict[str, Any] = {name: value for name, value in kept.items() if value}
    last_page = found.on_air_pages
    return {
        "board": found,
        "filters": filters,
        "draw": cards.draw,
        "Column": Column,
        "page": page,
        "newer": url_for(".show", **address, page=page - 1) if page > 1 else None,
        "older": url_for(".show", **address, page=page + 1) if page < last_page else None,
        "last_page": last_page,
        "live": url_for(".show", **address, page=page, vu=found.fingerprint),
        "empty_board": not any(found.counts.values())
        and not found.on_air_count
        and not found.incoming
        and not found.uploads,
        "narrowed": filters != Filters(),
        "whole": {column: url_for(".show", **{**address, "entier": column}) for column in Column},
    }


def _around(session: Session) -> dict[str, object]:
    since, views_then = signed_in().previous_visit_at, signed_in().previous_visit_views
    return {
        "since": queries.since_last_visit(session, since, views_then) if since else None,
        "programmes": queries.programmes(session),
        "people": queries.people(session),
        "depots": [str(folder) for folder in house().settings.watch_dirs],
    }
