"""How every form of the episode's page is kept: one transaction; refused, nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from pasvu.channel import episodes, wording
from pasvu.channel.database import Session
from pasvu.channel.errors import FieldsRefused, NotFound, Refused, Stale
from pasvu.channel.models import Episode
from pasvu.web.formats import counted
from pasvu.web.house import house
from pasvu.web.pages.episode import Draft, refused, render, saved
from pasvu.web.troubles import wants_fragment
from pasvu.web.words import say


class Conflict(Stale):
    """Someone saved the same fields meanwhile: what they hold now, by field."""

    def __init__(self, title: str, theirs: dict[str, str]) -> None:
        super().__init__("« {title} » a été modifié entre-temps : voyez ce qui a changé, puis choisissez.", title=title)
        self.theirs = theirs


def keep(
    ref: str,
    form: str,
    change: Callable[[Session, Episode], None],
    done: str,
    *,
    anchor: str | None = None,
    lines: Sequence[tuple[str, str]] = (),
) -> Response:
    """Do `change` in one transaction and answer: a script gets the parts of the page that follow, a browser the page.

    `form` is the form's name, under which what was typed is shown again when it is refused.
    """
    here = house()
    try:
        with here.record.write() as session:
            episode = episodes.find(session, ref)
            change(session, episode)
            session.flush()
            episode_id, version = episode.id, episode.version
            parts = saved(session, episode, form) if wants_fragment() else ""
    except NotFound:
        raise
    except Refused as refusal:
        wrong = _by_field(refusal)
        sentence = say(refusal) if len(wrong) < 2 else _summed_up(len(wrong))
        if wants_fragment():
            theirs = refusal.theirs if isinstance(refusal, Conflict) else {}
            # 200 and a header: browsers write every 4xx of a script into the console, and this is no fault.
            parts = refused(sentence, theirs, wrong, form)
            return make_response(parts, 200, {"X-Refused": type(refusal).__name__})
        return render(ref, Draft(form, sentence, request.form.to_dict(), lines, wrong), 409)
    if wants_fragment():
        return make_response(parts, 200, {"X-Version": str(version)})
    flash(done, "done")
    return redirect(url_for("episode.show", ref=episode_id, _anchor=anchor or form), code=303)


def _by_field(refusal: Refused) -> dict[str, str]:
    return {field: say(each) for field, each in refusal.wrong.items()} if isinstance(refusal, FieldsRefused) else {}


def _summed_up(fields: int) -> str:
    return counted(fields, "{n} champ est à corriger.", "{n} champs sont à corriger.")


def drawn_from() -> int | None:
    """The version that the form was drawn from."""
    return request.form.get("version", None, int)


def seconds(text: str) -> float:
    """A time as typed, in seconds.

    Raises:
        Refused: not a time.
    """
    try:
        return wording.read_stamp(text)
    except ValueError as unreadable:
        raise Refused("« {text} » n’est pas un temps : écrivez 1:23 ou 0:01:23.500.", text=text) from unreadable
