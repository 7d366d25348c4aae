"""The live log as JSON; nothing here writes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import jsonify, request
from werkzeug.wrappers import Response

from pasvu.channel import figures
from pasvu.channel.documents import instant
from pasvu.channel.figures import LoggedLive
from pasvu.web.api.place import api, keyed, refusal
from pasvu.web.house import house


@api.get("/api/v1/lives")
@keyed
def list_lives() -> Response:
    """Broadcasts of the last days, newest first."""
    here = house()
    asked = min(max(request.args.get("days", 28, int), 1), 730)
    with here.record.read() as session:
        found = figures.logged(session, here.platform_names[0], here.now - timedelta(days=asked))
        reply: Response = jsonify({"lives": [_told(each) for each in found]})
    return reply


@api.get("/api/v1/lives/<video_id>")
@keyed
def one_live(video_id: str) -> Response:
    """Every count of one broadcast, as it was taken."""
    with house().record.read() as session:
        found = figures.logged(session, house().platform_names[0], video_id=video_id)
        if not found:
            return refusal(404, "No such broadcast.")
        counts = [
            {"taken_at": _at(look.taken_at), "watching": look.people}
            for look in figures.looks(session, found[0].live.id)
        ]
        reply: Response = jsonify({"live": _told(found[0]), "counts": counts})
    return reply


def _told(one: LoggedLive) -> dict[str, Any]:
    live, tally = one.live, one.tally
    return {
        "video_id": live.video_id,
        "platform": live.platform,
        "title": live.title,
        "started_at": instant(live.started_at),
        "ended_at": instant(live.ended_at),
        "noticed_at": instant(live.noticed_at),
        "announced": one.announced,
        "peak": tally.peak,
        "peak_at": _at(tally.peak_at),
        "average": tally.average,
        "counted_s": tally.counted_s,
        "watching": live.last if one.on else None,
        "measured_at": _at(live.last_at),
        "episode": one.episode.id if one.episode else None,
    }


def _at(second: int | None) -> str | None:
    return instant(figures.instant(second)) if second is not None else None
