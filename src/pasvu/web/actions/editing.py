"""Changing what an episode says and shows: its text, cut, chapters, still; and taking a change back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from pasvu.channel import episodes, review, undoing, wording
from pasvu.channel.database import Session
from pasvu.channel.errors import Refused
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.channel.values import Chapter, Span
from pasvu.web import chronicle, drawn
from pasvu.web.actions.keeping import Conflict, drawn_from, keep, seconds
from pasvu.web.guard import actor, role
from pasvu.web.house import house
from pasvu.web.pages.episode import FORM_FIELDS
from pasvu.web.words import _

actions = Blueprint("editing", __name__)

SEEN = "seen_"


@actions.post("/e/<ref>/fiche")
@role("producer")
def save_text(ref: str) -> Response:
    """Keep the form's fields; `seen_…` says what a field held when it was drawn, for those sent as one types."""

    def change(session: Session, episode: Episode) -> None:
        changes: dict[str, object] = {name: request.form[name] for name in FORM_FIELDS if name in request.form}
        if "guests" in changes:
            changes["guests"] = _guests(request.form["guests"])
        seen = {name: request.form[SEEN + name] for name in changes if SEEN + name in request.form}
        version = drawn_from()
        if seen and set(seen) == set(changes):
            # Two people may write on one card at once, as long as it is not in the same field.
            theirs = drawn.conflicts(episode, seen)
            if theirs:
                raise Conflict(episode.title, theirs)
            version = None
        episodes.edit(session, episode, changes, house().now, actor(), drawn_from=version)

    return keep(ref, "fiche", change, _("Fiche enregistrée."))


@actions.post("/e/<ref>/coupe")
@role("producer")
def save_cut(ref: str) -> Response:
    """Choose where the episode starts and ends; the cut is then made again."""

    lines = list(zip(request.form.getlist("taken_from"), request.form.getlist("taken_to"), strict=False))

    def change(session: Session, episode: Episode) -> None:
        start_s, end_s = (seconds(request.form.get(name, "")) for name in ("start", "end"))
        taken = [Span(seconds(begins), seconds(ends)) for begins, ends in lines if begins.strip() or ends.strip()]
        review.trim(session, episode, start_s, end_s, house().now, actor(), removed=taken, drawn_from=drawn_from())

    return keep(ref, "coupe", change, _("Coupe enregistrée : la nouvelle version se prépare."), lines=lines)


@actions.post("/e/<ref>/chapitres")
@role("producer")
def save_chapters(ref: str) -> Response:
    """Replace the chapters by the lines of the form; a line without time nor title is dropped."""
    lines = list(zip(request.form.getlist("at"), request.form.getlist("chapter"), strict=False))

    def change(session: Session, episode: Episode) -> None:
        chapters = []
        for at, title in lines:
            if not at.strip() and not title.strip():
                continue
            if not title.strip():
                raise Refused("Le chapitre de {at} n’a pas de titre : donnez-lui-en un, ou supprimez-le.", at=at)
            if not at.strip():
                raise Refused("Le chapitre « {title} » n’a pas de temps : écrivez 1:23.", title=title)
            chapters.append(Chapter(seconds(at), " ".join(title.split())))
        # The same chapters as those drawn: whatever else changed meanwhile, nothing of anyone's is overwritten.
        as_drawn = request.form.get("drawn") == drawn.chapters(episode)
        review.set_chapters(
            session, episode, chapters, house().now, actor(), drawn_from=None if as_drawn else drawn_from()
        )

    return keep(ref, "chapitres", change, _("Chapitres enregistrés."), lines=lines)


@actions.post("/e/<ref>/chapitres/texte")
@role("producer")
def import_chapters(ref: str) -> Response:
    """Replace the chapters by lines of text, in the episode's time or the recording's."""

    def change(session: Session, episode: Episode) -> None:
        try:
            chapters = wording.read_chapters(request.form.get("text", ""))
        except ValueError as unreadable:
            raise Refused(str(unreadable)) from unreadable
        if request.form.get("temps") != "enregistrement":
            cut = episodes.meant_timeline(episode)
            chapters = [Chapter(cut.in_recording(chapter.start_s), chapter.title) for chapter in chapters]
        review.set_chapters(session, episode, chapters, house().now, actor(), drawn_from=drawn_from())

    return keep(ref, "chapitres-texte", change, _("Chapitres remplacés."), anchor="chapitres")


@actions.post("/e/<ref>/vignette")
@role("producer")
def choose_still(ref: str) -> Response:
    """Take one of the stills."""

    def change(session: Session, episode: Episode) -> None:
        review.choose_thumbnail(session, episode, request.form.get("still", -1, int), house().now, actor())

    return keep(ref, "vignette", change, _("Vignette choisie."))


@actions.post("/e/<ref>/annuler")
@role("producer")
def undo(ref: str) -> Response:
    """Take back one's own last change."""
    with house().record.write() as session:
        episode = episodes.find(session, ref)
        captions = Folders(house().settings.home).renditions / episode.id / "captions"
        undone = chronicle.change(undoing.undo(session, episode, captions, house().now, actor()))
        episode_id = episode.id
    flash(_("Annulé : %(what)s.", what=undone), "done")
    return redirect(url_for("episode.show", ref=episode_id), code=303)


def _guests(text: str) -> list[tuple[str, str]]:
    # One guest a line: « Nom, rôle ».
    people = []
    for line in text.splitlines():
        name, _sep, what = line.partition(",")
        if name.strip():
            people.append((name.strip(), what.strip()))
    return people
