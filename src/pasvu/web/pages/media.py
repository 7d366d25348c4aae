"""Stills, films and waveforms, served by the record's ids: no path ever comes from a browser."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, send_file

from pasvu.channel import captions, episodes, queries
from pasvu.channel.timeline import Timeline
from pasvu.web import playable, ranges
from pasvu.web.guard import EVERYONE, role
from pasvu.web.house import house
from pasvu.web.pages.episode import chapter_text

pages = Blueprint("media", __name__)

KEPT_S = 86400


@pages.get("/vignette/<int:thumbnail_id>")
@role(*EVERYONE)
def still(thumbnail_id: int) -> Response:
    """A still; its id names the same picture for ever."""
    with house().record.read() as session:
        found = queries.thumbnail(session, thumbnail_id)
        path = house().absolute(found.path) if found else None
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
    return ranges.reply(house().absolute(str(found.path)), found.media_type)


@pages.get("/e/<ref>/ondes")
@role(*EVERYONE)
def wave(ref: str) -> Response:
    """The waveform: pairs of signed bytes, lowest and highest, one pair for each 100 ms of the recording."""
    with house().record.read() as session:
        kept = episodes.find(session, ref).recording.peaks_path
    path = house().absolute(kept) if kept else None
    if path is None or not path.is_file():
        abort(404)
    reply = send_file(path, mimetype="application/octet-stream", conditional=True)
    reply.headers["Cache-Control"] = f"private, max-age={KEPT_S}"
    return reply


@pages.get("/e/<ref>/son.m4a")
@role(*EVERYONE)
def audio(ref: str) -> Response:
    """The audio rendition, to be kept."""
    with house().record.read() as session:
        found = episodes.find(session, ref)
        made, name = found.rendition("audio"), f"{found.slug}.m4a"
    path = house().absolute(made.path) if made else None
    if path is None or not path.is_file():
        abort(404)
    return send_file(path, mimetype="audio/mp4", as_attachment=True, download_name=name, conditional=True)


@pages.get("/e/<ref>/son")
@role(*EVERYONE)
def listened(ref: str) -> Response:
    """The audio rendition, in short ranges, to be heard on the page."""
    with house().record.read() as session:
        made = episodes.find(session, ref).rendition("audio")
    if made is None:
        abort(404)
    return ranges.reply(house().absolute(made.path), "audio/mp4")


@pages.get("/e/<ref>/chapitres.txt")
@role(*EVERYONE)
def chapters(ref: str) -> Response:
    """The chapters as text, in the episode's own time."""
    with house().record.read() as session:
        found = episodes.find(session, ref)
        slug, text = found.slug, chapter_text(found)
    return _download(text + "\n", f"{slug}-chapitres.txt", "text/plain")


@pages.get("/e/<ref>/sous-titres/<language>.<kind>")
@role(*EVERYONE)
def captions_file(ref: str, language: str, kind: str) -> Response:
    """The captions of one language as SRT or WebVTT, in the time of the episode or of the film that is shown."""
    if kind not in ("srt", "vtt"):
        abort(404)
    with house().record.read() as session:
        episode = episodes.find(session, ref)
        kept = next((each for each in episode.captions if each.language == language), None)
        if kept is None:
            abort(404)
        base = request.args.get("temps", "episode")
        shown = playable.film(episode)
        cues = captions.load(house().absolute(kept.path))
        if base == "episode":
            cues = captions.in_cut(cues, episodes.meant_timeline(episode))
        elif base == "film" and shown is not None and shown.offset_s:
            cues = captions.in_cut(cues, Timeline.of([(shown.offset_s, episode.recording.duration_s or 0.0)]))
        name = f"{episode.slug}.{language}.{kind}"
    text = captions.srt(cues) if kind == "srt" else captions.vtt(cues)
    if base == "film":
        return Response(text, mimetype="text/vtt")
    return _download(text, name, "application/x-subrip" if kind == "srt" else "text/vtt")


def _download(text: str, name: str, media_type: str) -> Response:
    return Response(text, mimetype=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
