"""« Épisodes »: the board, whole or as the fragment that follows it live."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from pasvu.channel import queries
from pasvu.channel.database import Session
from pasvu.channel.queries import Board, Column, Filters
from pasvu.web import checklist, moves
from pasvu.web.guard import EVERYONE, may, role, signed_in
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
        found = queries.board(session, filters, here.now, page)
        if partial and request.args.get("vu") == found.fingerprint:
            return make_response("", 204)
        shown = _shown(found, filters, page)
        if partial:
            return make_response(render_template("_board.html", **shown))
        return make_response(render_template("board.html", **shown, **_around(session)))


def _filters() -> Filters:
    return Filters(
        words=request.args.get("q", "").strip(),
        programme=request.args.get("emission", ""),
        owner=request.args.get("resp", ""),
    )


def _shown(found: Board, filters: Filters, page: int) -> dict[str, object]:
    kept = {"q": filters.words, "emission": filters.programme, "resp": filters.owner}
    address: dict[str, Any] = {name: value for name, value in kept.items() if value}
    last_page = found.on_air_pages
    return {
        "board": found,
        "filters": filters,
        "moves": moves.moves if may("producer") else lambda card: {},
        "Column": Column,
        "steps_done": checklist.steps_done,
        "steps": checklist.STEPS,
        "page": page,
        "newer": url_for(".show", **address, page=page - 1) if page > 1 else None,
        "older": url_for(".show", **address, page=page + 1) if page < last_page else None,
        "last_page": last_page,
        "live": url_for(".show", **address, page=page, vu=found.fingerprint),
        "empty_board": not any(found.counts.values())
        and not found.on_air_count
        and not found.incoming
        and not found.uploads,
        "narrowed": bool(address),
    }


def _around(session: Session) -> dict[str, object]:
    since = signed_in().previous_visit_at
    return {
        "since": queries.since_last_visit(session, since) if since else None,
        "programmes": queries.programmes(session),
        "people": queries.people(session),
        "depots": [str(folder) for folder in house().settings.watch_dirs],
    }
