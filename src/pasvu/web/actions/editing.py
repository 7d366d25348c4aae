"""Changing what an episode says and shows: its text, cut, chapters, still."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from pasvu.channel import episodes, review, wording
from pasvu.channel.database import Session
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import Episode
from pasvu.channel.values import Chapter
from pasvu.web.guard import actor, role
from pasvu.web.house import house
from pasvu.web.pages.episode import Draft, render
from pasvu.web.troubles import toast, wants_fragment
from pasvu.web.words import _, say

actions = Blueprint("editing", __name__)

TEXT_FIELDS = ("title", "summary", "language", "programme", "owner", "recorded_on", "tags", "guests")


@actions.post("/e/<ref>/fiche")
@role("producer")
def save_text(ref: str) -> Response:
    """Keep the form's fields."""

    def keep(session: Session, episode: Episode) -> None:
        changes: dict[str, object] = {name: request.form[name] for name in TEXT_FIELDS if name in request.form}
        if "guests" in changes:
            changes["guests"] = _guests(request.form["guests"])
        episodes.edit(session, episode, changes, house().now, actor(), drawn_from=_drawn_from())

    return _keep(ref, "fiche", keep, _("Fiche enregistrée."))


@actions.post("/e/<ref>/coupe")
@role("producer")
def save_cut(ref: str) -> Response:
    """Choose where the episode starts and ends; the cut is then made again."""

    def keep(session: Session, episode: Episode) -> None:
        start_s, end_s = (_seconds(request.form.get(name, "")) for name in ("start", "end"))
        review.trim(session, episode, start_s, end_s, house().now, actor(), drawn_from=_drawn_from())

    return _keep(ref, "coupe", keep, _("Coupe enregistrée : la nouvelle version se prépare."))


@actions.post("/e/<ref>/chapitres")
@role("producer")
def save_chapters(ref: str) -> Response:
    """Replace the chapters by the lines of the form; a line without time nor title is dropped."""

    def keep(session: Session, episode: Episode) -> None:
        pairs = zip(request.form.getlist("at"), request.form.getlist("chapter"), strict=False)
        chapters = []
        for at, title in pairs:
            if not at.strip() and not title.strip():
                continue
            if not title.strip():
                raise Refused("Le chapitre de {at} n’a pas de titre : donnez-lui-en un, ou supprimez-le.", at=at)
            chapters.append(Chapter(_seconds(at), " ".join(title.split())))
        review.set_chapters(session, episode, chapters, house().now, actor(), drawn_from=_drawn_from())

    return _keep(ref, "chapitres", keep, _("Chapitres enregistrés."))


@actions.post("/e/<ref>/vignette")
@role("producer")
def choose_still(ref: str) -> Response:
    """Take one of the stills."""

    def keep(session: Session, episode: Episode) -> None:
        thumbnail_id = request.form.get("still", -1, int)
        review.choose_thumbnail(session, episode, thumbnail_id, house().now, actor())

    return _keep(ref, "vignette", keep, _("Vignette choisie."))


def _keep(ref: str, form: str, keep: Callable[[Session, Episode], None], done: str) -> Response:
    """Do it in one transaction; refused, show the page again with all that was typed."""
    try:
        with house().record.write() as session:
            episode = episodes.find(session, ref)
            keep(session, episode)
            episode_id, version = episode.id, episode.version
    except NotFound:
        raise
    except Refused as refused:
        if wants_fragment():
            raise
        return render(ref, Draft(form, say(refused), request.form.to_dict()), 409)
    if wants_fragment():
        reply = toast(done)
        reply.headers["X-Version"] = str(version)
        return reply
    flash(done, "done")
    return redirect(url_for("episode.show", ref=episode_id, _anchor=form), code=303)


def _drawn_from() -> int | None:
    return request.form.get("version", None, int)


def _seconds(text: str) -> float:
    try:
        return wording.read_stamp(text)
    except ValueError as unreadable:
        raise Refused("« {text} » n’est pas un temps : écrivez 1:23 ou 0:01:23.500.", text=text) from unreadable


def _guests(text: str) -> list[tuple[str, str]]:
    # One guest a line: « Nom, rôle ».
    people = []
    for line in text.splitlines():
        name, _sep, what = line.partition(",")
        if name.strip():
            people.append((name.strip(), what.strip()))
    return people
