"""Deciding about what a platform shows: put right, keep, undo, change now or later."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from pasvu.channel import episodes, planned, remote, schedule
from pasvu.channel.database import Session
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import Episode
from pasvu.web.guard import actor, role
from pasvu.web.house import house
from pasvu.web.words import PLATFORMS, _, name_of

actions = Blueprint("remote", __name__)


@actions.post("/e/<ref>/sur/<platform>/choisir")
@role("producer")
def choose(ref: str, platform: str) -> Response:
    """Keep what someone changed there (`quoi=la-bas`), or put ours back (`quoi=ici`); `champ` names which fields."""
    only = tuple(request.form.getlist("champ"))
    if not only:
        raise Refused("Cochez au moins un champ.")
    theirs = request.form.get("quoi") == "la-bas"
    decide = remote.keep_theirs if theirs else remote.keep_ours
    with house().record.write() as session:
        episode = episodes.find(session, ref)
        decide(session, episode, platform, house().now, actor(), only=only)
        episode_id = episode.id
    name = name_of(PLATFORMS, platform)
    kept = _("Gardé comme sur %(platform)s.", platform=name)
    put_back = _("Notre version repart vers %(platform)s.", platform=name)
    return _back(episode_id, platform, kept if theirs else put_back)


@actions.post("/e/<ref>/sur/<platform>/annuler")
@role("producer")
def undo(ref: str, platform: str) -> Response:
    """Undo our last change there."""
    with house().record.write() as session:
        episode = episodes.find(session, ref)
        back = remote.roll_back(session, episode, platform, house().now, actor())
        episode_id = episode.id
    name = name_of(PLATFORMS, platform)
    whole = _("Dernier changement annulé : la fiche est revenue à son texte d’avant, %(platform)s suit.", platform=name)
    there = _(
        "Dernier changement annulé sur %(platform)s, qui garde l’ancien texte ; la fiche ne bouge pas.", platform=name
    )
    return _back(episode_id, platform, whole if back else there)


@actions.post("/e/<ref>/sur/<platform>/changer")
@role("producer")
def change(ref: str, platform: str) -> Response:
    """Change one field (`champ`, `valeur`) there: now, at an instant (`jour`, `heure`), or after it airs (`delai`)."""
    here, form = house(), request.form
    field = form.get("champ", "")
    typed = form.get("visibilite" if field == remote.VISIBILITY else "valeur", "")
    with here.record.write() as session:
        episode = episodes.find(session, ref)
        read = planned.read_changes({field: typed})
        objections = _objections(episode, platform, read)
        when = form.get("quand", "maintenant")
        if when == "maintenant":
            if objections:
                raise Refused("Ce changement ne serait pas accepté : {why}", why=" ".join(objections))
            remote.change_now(session, episode, platform, read, here.now, actor())
        else:
            _plan(session, episode, platform, read, objections)
        episode_id = episode.id
    said = _("Changé : la plateforme le montre dans une minute.") if when == "maintenant" else _("Changement prévu.")
    return _back(episode_id, platform, said)


@actions.post("/e/<ref>/sur/<platform>/prevu/<int:change_id>/annuler")
@role("producer")
def cancel(ref: str, platform: str, change_id: int) -> Response:
    """Take a planned change away."""
    with house().record.write() as session:
        episode = episodes.find(session, ref)
        planned.cancel(session, episode, change_id, house().now, actor())
        episode_id = episode.id
    return _back(episode_id, platform, _("Changement prévu annulé."))


def _plan(session: Session, episode: Episode, platform: str, read: dict[str, object], objections: list[str]) -> None:
    here, form = house(), request.form
    at: datetime | None = None
    after_s: int | None = None
    if form.get("quand") == "apres":
        after_s = planned.read_delay(f"{form.get('delai', '').strip()}{form.get('unite', 'j')}")
    else:
        at = schedule.read_instant(f"{form.get('jour', '')}T{form.get('heure', '')}", here.zone)
    planned.plan(
        session,
        episode,
        platform,
        read,
        here.zone,
        here.now,
        actor(),
        at=at,
        after_s=after_s,
        objections=objections,
    )


def _objections(episode: Episode, platform: str, read: dict[str, object]) -> list[str]:
    known = house().platforms.get(platform)
    if known is None:
        raise NotFound("Cette plateforme n’existe pas ici.")
    return known.objections(planned.meant_with(planned.on(episode, platform), read))


def _back(episode_id: str, platform: str, said: str) -> Response:
    flash(said, "done")
    return redirect(url_for("episode.show", ref=episode_id, _anchor=f"sur-{platform}"), code=303)
