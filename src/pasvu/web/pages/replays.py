"""« Directs »: finished lives asked for by their address, how far each is, and how long its site still keeps it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from pasvu.channel import queries, sites
from pasvu.channel.folders import Folders
from pasvu.channel.queries import Replays
from pasvu.web.guard import EVERYONE, may, role
from pasvu.web.house import house

pages = Blueprint("replays", __name__)


@pages.get("/directs")
@role(*EVERYONE)
def show() -> Response:
    """The page, or the fragment that follows it live: 204 while nothing has changed."""
    if request.headers.get("HX-Request-Type") != "partial":
        return render()
    here = house()
    with here.record.read() as session:
        found = queries.replays(session, here.now, allowed=here.settings.replays)
    if request.args.get("vu") == _fingerprint(found):
        return make_response("", 204)
    return make_response(render_template("_replays.html", **_shown(found)))


def render(typed: Mapping[str, str] | None = None, wrong: str | None = None, code: int = 200) -> Response:
    """The whole page, with what was typed when the form was refused."""
    here = house()
    with here.record.read() as session:
        found = queries.replays(session, here.now, allowed=here.settings.replays)
        shows = queries.programmes(session)
    secrets = Folders(here.settings.home)
    lent = [
        site.name for site in sites.SITES if here.settings.replay_cookies and secrets.cookies_of(site.key).is_file()
    ]
    page = render_template("replays.html", **_shown(found), programmes=shows, typed=typed or {}, wrong=wrong, lent=lent)
    return make_response(page, code)


def _shown(found: Replays) -> dict[str, Any]:
    return {
        "replays": found,
        "may_ask": may("media", "producer"),
        "live": url_for("replays.show", vu=_fingerprint(found)),
    }


def _fingerprint(found: Replays) -> str:
    parts = [f"{row.id}:{row.state}:{row.updated_at}:{row.percent}:{row.days_left}:{row.better}" for row in found.rows]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
