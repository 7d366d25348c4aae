"""The captions of one language: heard, read and corrected line by line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, request

from pasvu.channel import captions, episodes
from pasvu.channel.errors import NotFound
from pasvu.channel.models import Caption, Episode
from pasvu.web import playable
from pasvu.web.guard import EVERYONE, may, role
from pasvu.web.house import house

pages = Blueprint("captions", __name__)


@dataclass(frozen=True)
class Line:
    """One caption as the list shows it; `place` counts from 0."""

    place: int
    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True)
class Typed:
    """A line being corrected: as typed, and why it was refused."""

    place: int
    start: str
    end: str
    text: str
    sentence: str = ""


@pages.get("/e/<ref>/sous-titres/<language>")
@role(*EVERYONE)
def show(ref: str, language: str) -> Response:
    """The film with its captions, and every line; `ligne` is the one that is open."""
    return render(ref, language, opened=request.args.get("ligne", None, int))


@pages.get("/e/<ref>/sous-titres/<language>/<int:place>")
@role("producer")
def line(ref: str, language: str, place: int) -> Response:
    """One line as a form, or as text with `lire`."""
    with house().record.read() as session:
        episode = episodes.find(session, ref)
        caption, lines = lines_of(episode, language)
        opened = None if "lire" in request.args else place
        return make_response(
            render_template(
                "episode/_caption_line.html",
                e=episode,
                caption=caption,
                drawn=Path(caption.path).name,
                line=at(lines, place),
                opened=opened,
                typed=None,
                may_edit=True,
            )
        )


def render(
    ref: str, language: str, *, opened: int | None = None, typed: Typed | None = None, code: int = 200
) -> Response:
    """The page, with the line that was refused as it was typed."""
    with house().record.read() as session:
        episode = episodes.find(session, ref)
        caption, lines = lines_of(episode, language)
        page = render_template(
            "captions.html",
            e=episode,
            caption=caption,
            drawn=Path(caption.path).name,
            lines=lines,
            opened=opened if typed is None else typed.place,
            typed=typed,
            film=playable.film(episode),
            may_edit=may("producer"),
        )
        return make_response(page, code)


def lines_of(episode: Episode, language: str) -> tuple[Caption, list[Line]]:
    """The captions of this language and their lines.

    Raises:
        NotFound: none in this language.
    """
    caption = next((each for each in episode.captions if each.language == language), None)
    if caption is None:
        raise NotFound("« {title} » n’a pas de sous-titres « {language} ».", title=episode.title, language=language)
    cues = captions.load(house().absolute(caption.path))
    return caption, [Line(place, cue.start_s, cue.end_s, cue.text) for place, cue in enumerate(cues)]


def at(lines: list[Line], place: int) -> Line:
    """The line at this place.

    Raises:
        NotFound: none.
    """
    if not 0 <= place < len(lines):
        raise NotFound("Cette ligne n’existe plus.")
    return lines[place]
