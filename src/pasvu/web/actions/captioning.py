"""Giving an episode captions, correcting a line, taking a language away."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from pasvu.channel import captioning, captions, episodes
from pasvu.channel.captions import Cue
from pasvu.channel.database import Session
from pasvu.channel.errors import Refused
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.web.actions.keeping import drawn_from, keep, seconds
from pasvu.web.guard import actor, role
from pasvu.web.house import house
from pasvu.web.pages.captions import Typed, lines_of, render
from pasvu.web.troubles import wants_fragment
from pasvu.web.words import _, say

actions = Blueprint("captioning", __name__)

GIVEN = "panel"


@actions.post("/e/<ref>/sous-titres")
@role("producer")
def give(ref: str) -> Response:
    """Captions from a file, in place of those of the same language; SRT or WebVTT is told by its content."""

    def change(session: Session, episode: Episode) -> None:
        file = request.files.get("file")
        data = file.read(captions.MOST_BYTES + 1) if file else b""
        if not data:
            raise Refused("Choisissez un fichier de sous-titres : SRT ou WebVTT.")
        language = captions.language_tag(request.form.get("language", ""))
        cues = captions.read(data)
        captioning.check(episode, cues)
        path = captions.store(Folders(house().settings.home).renditions / episode.id / "captions", language, cues)
        captioning.set_captions(session, episode, language, path, GIVEN, house().now, actor(), drawn_from=drawn_from())

    return keep(ref, "sous-titres", change, _("Sous-titres importés."))


@actions.post("/e/<ref>/sous-titres/<language>/retirer")
@role("producer")
def take_away(ref: str, language: str) -> Response:
    """Take the captions of one language away; their file is kept."""

    def change(session: Session, episode: Episode) -> None:
        captioning.remove_captions(session, episode, language, house().now, actor(), drawn_from=drawn_from())

    return keep(ref, "sous-titres", change, _("Sous-titres retirés."))


@actions.post("/e/<ref>/sous-titres/<language>/<int:place>")
@role("producer")
def change_line(ref: str, language: str, place: int) -> Response:
    """Correct one line, or take it away."""
    here, form = house(), request.form
    typed = Typed(place, form.get("start", ""), form.get("end", ""), form.get("text", ""))
    try:
        with here.record.write() as session:
            episode = episodes.find(session, ref)
            cue = None
            if "delete" not in form:
                text = "\n".join(line.strip() for line in typed.text.splitlines() if line.strip())
                cue = Cue(seconds(typed.start), seconds(typed.end), text.replace("-->", "→"))
            captioning.change_line(
                session, episode, language, place, cue, here.now, actor(), drawn_from=form.get("drawn", "")
            )
            session.flush()
            caption, lines = lines_of(episode, language)
            where = next((each for each in lines if cue and (each.start_s, each.text) == (cue.start_s, cue.text)), None)
            episode_id = episode.id
            if wants_fragment() and where is not None and where.place == place:
                return make_response(
                    render_template(
                        "episode/_caption_line.html",
                        e=episode,
                        caption=caption,
                        drawn=caption.path.rsplit("/", 1)[-1],
                        line=where,
                        opened=None,
                        typed=None,
                        may_edit=True,
                    )
                )
    except Refused as refused:
        wrong = Typed(place, typed.start, typed.end, typed.text, say(refused))
        return render(ref, language, typed=wrong, code=200 if wants_fragment() else 409)
    anchor = f"l{where.place if where else max(0, place - 1)}"
    there = url_for("captions.show", ref=episode_id, language=language, _anchor=anchor)
    # Lines were renumbered: the whole list is drawn anew.
    return make_response("", 204, {"X-Go": there}) if wants_fragment() else redirect(there, code=303)
