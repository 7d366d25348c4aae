"""Stills, films and waveforms, served by the record's ids: no path ever comes from a browser."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, send_file

from pasvu.channel import episodes, queries
from pasvu.web import playable, ranges
from pasvu.web.guard import EVERYONE, role
from pasvu.web.house import house

pages = Blueprint("media", __name__)

KEPT_S = 86400


@pages.get("/vignette/<int:thumbnail_id>")
@role(*EVERYONE)
def still(thumbnail_id: int) -> Response:
    """A still; its id names the same picture for ever."""
    with house().record.read() as session:
        found = queries.thumbnail(session, thumbnail_id)
        path = _absolute(found.path) if found else None
    if path is None or not path.is_file():
        abort(404)
    reply = send_file(path, conditional=True)
    reply.headers["Cache-Control"] = f"private, max-age={KEPT_S}"
    return reply


@pages.get("/e/<ref>/film")
@role(*EVERYONE)
def film(ref: str) -> Response:
    """The film a browser can play, in short ranges."""
    with house().record.read() as session:
        found = playable.film(episodes.find(session, ref))
    if found is None:
        abort(404)
    return ranges.reply(_absolute(str(found.path)), found.media_type)


@pages.get("/e/<ref>/ondes")
@role(*EVERYONE)
def wave(ref: str) -> Response:
    """The waveform: pairs of signed bytes, lowest and highest, one pair for each 100 ms of the recording."""
    with house().record.read() as session:
        kept = episodes.find(session, ref).recording.peaks_path
    path = _absolute(kept) if kept else None
    if path is None or not path.is_file():
        abort(404)
    reply = send_file(path, mimetype="application/octet-stream", conditional=True)
    reply.headers["Cache-Control"] = f"private, max-age={KEPT_S}"
    return reply


def _absolute(path: str) -> Path:
    # Paths in the record may be relative to the home, so that a home can be moved.
    return (house().settings.home.absolute() / path).resolve()
