"""What is done to a selection of the board: approve, assign, tag, put into free slots, try again, withdraw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from pasvu.channel import bulk, publications, review, slots
from pasvu.channel.bulk import Outcome
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode
from pasvu.channel.states import EpisodeState
from pasvu.web.actions.planning import plan_everywhere
from pasvu.web.formats import counted, instant
from pasvu.web.guard import actor, role
from pasvu.web.house import house
from pasvu.web.troubles import back, wants_fragment
from pasvu.web.words import say

actions = Blueprint("choosing", __name__)

REFUSALS_SAID = 3
TITLES_SAID = 2


@dataclass(frozen=True)
class Undo:
    """The address that takes it back, and what it must be told."""

    address: str
    fields: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


@actions.post("/selection/valider")
@role("producer")
def approve() -> Response:
    """Approve every episode of the selection, as it is."""
    with house().record.write() as session:
        outcome = bulk.approve(session, _chosen(), house().now, actor())
        looked_at = [each.id for each in outcome.done if outcome.came_from[each.id] == EpisodeState.IN_REVIEW]
    undo = Undo(url_for(".reopen"), {"ref": looked_at}) if looked_at else None
    return _told(outcome, lambda n: counted(n, "{n} épisode validé.", "{n} épisodes validés."), undo)


@actions.post("/selection/rouvrir")
@role("producer")
def reopen() -> Response:
    """Bring the selection back to review."""
    with house().record.write() as session:

        def one(episode: Episode) -> bool:
            review.reopen(session, episode, house().now, actor())
            return True

        outcome = bulk.each(session, _chosen(), one)
    return _told(outcome, lambda n: counted(n, "{n} épisode de nouveau à relire.", "{n} épisodes de nouveau à relire."))


@actions.post("/selection/attribuer")
@role("producer")
def assign() -> Response:
    """Give the selection to one person."""
    wanted = request.form.get("resp", "")
    if not wanted:
        raise Refused("Choisissez d’abord à qui attribuer la sélection.")
    owner = None if wanted == "personne" else wanted
    with house().record.write() as session:
        outcome = bulk.assign(session, _chosen(), owner, house().now, actor())
    before = outcome.belonged_to
    undo = Undo(url_for(".give_back"), {"ref": list(before), "resp": [each or "" for each in before.values()]})
    return _told(outcome, lambda n: counted(n, "{n} épisode attribué.", "{n} épisodes attribués."), undo)


@actions.post("/selection/rendre")
@role("producer")
def give_back() -> Response:
    """Give each of the selection back to whom it belonged: `resp` names one for each `ref`, in order."""
    owners = dict(zip(_chosen(), (each or None for each in request.form.getlist("resp")), strict=False))
    with house().record.write() as session:
        outcome = bulk.give_back(session, owners, house().now, actor())
    return _told(outcome, lambda n: counted(n, "{n} épisode rendu.", "{n} épisodes rendus."))


@actions.post("/selection/relancer")
@role("producer")
def retry() -> Response:
    """Try again what failed of the selection."""
    with house().record.write() as session:
        outcome = bulk.retry(session, _chosen(), house().now, actor())
    return _told(outcome, lambda n: counted(n, "{n} épisode relancé.", "{n} épisodes relancés."))


@actions.post("/selection/retirer")
@role("producer")
def withdraw() -> Response:
    """Take the selection off the road, and from the public."""
    with house().record.write() as session:
        outcome = bulk.withdraw(session, _chosen(), house().now, actor())
    return _told(outcome, lambda n: counted(n, "{n} épisode retiré.", "{n} épisodes retirés."))


@actions.post("/selection/etiqueter")
@role("producer")
def tag() -> Response:
    """Add keywords to the selection."""
    words = request.form.get("mots", "")
    with house().record.write() as session:
        outcome = bulk.tag(session, _chosen(), words.split(","), house().now, actor())
        undo = Undo(url_for(".untag"), {"ref": [each.id for each in outcome.done], "mots": words})
    return _told(
        outcome, lambda n: counted(n, "Mots-clés ajoutés à {n} épisode.", "Mots-clés ajoutés à {n} épisodes."), undo
    )


@actions.post("/selection/retirer-mots")
@role("producer")
def untag() -> Response:
    """Take keywords off the selection."""
    words = request.form.get("mots", "")
    with house().record.write() as session:
        outcome = bulk.untag(session, _chosen(), words.split(","), house().now, actor())
    return _told(
        outcome, lambda n: counted(n, "Mots-clés retirés de {n} épisode.", "Mots-clés retirés de {n} épisodes.")
    )


@actions.post("/selection/programmer")
@role("producer")
def plan() -> Response:
    """Put each approved episode of the selection into the next free slot of its programme."""
    here = house()
    planned: list[tuple[str, datetime]] = []
    with here.record.write() as session:

        def one(episode: Episode) -> bool:
            if any(each.scheduled_at for each in episode.publications):
                return False
            at = slots.first_free(session, episode, here.now, here.zone, here.settings.spacing)
            plan_everywhere(session, episode, at)
            planned.append((episode.title, at))
            return True

        outcome = bulk.each(session, _chosen(), one)
        undo = Undo(url_for(".unplan"), {"ref": [each.id for each in outcome.done]})
    return _told(
        outcome,
        lambda n: counted(
            n, "{n} épisode programmé dans un créneau libre.", "{n} épisodes programmés dans les créneaux libres."
        ),
        undo,
        more=[f"{title} : {instant(at)}" for title, at in planned],
    )


@actions.post("/selection/deprogrammer")
@role("producer")
def unplan() -> Response:
    """Take the selection out of the calendar."""
    with house().record.write() as session:

        def one(episode: Episode) -> bool:
            publications.unschedule(session, episode, None, house().now, actor())
            return True

        outcome = bulk.each(session, _chosen(), one)
    return _told(
        outcome, lambda n: counted(n, "{n} épisode retiré du calendrier.", "{n} épisodes retirés du calendrier.")
    )


def _chosen() -> list[str]:
    return request.form.getlist("ref")


def _told(
    outcome: Outcome, words: Callable[[int], str], undo: Undo | None = None, more: Sequence[str] = ()
) -> Response:
    done = words(len(outcome.done))
    if more:
        done = f"{done} {' ; '.join(more[:TITLES_SAID])}{' …' if len(more) > TITLES_SAID else '.'}"
    unchanged = counted(len(outcome.unchanged), "{n} épisode l’était déjà.", "{n} épisodes l’étaient déjà.")
    refusals = [say(error) for error in outcome.refused[:REFUSALS_SAID]]
    left = len(outcome.refused) - len(refusals)
    if left:
        refusals.append(counted(left, "Et {n} autre refus.", "Et {n} autres refus."))
    said = [done] if outcome.done else []
    said += [unchanged] if outcome.unchanged else []
    if wants_fragment():
        code = 200 if outcome.done or outcome.unchanged else 422
        return make_response(
            render_template("_outcome.html", said=said, refusals=refusals, undo=undo if outcome.done else None), code
        )
    for sentence in said:
        flash(sentence, "done")
    for sentence in refusals:
        flash(sentence, "wrong")
    return back(url_for("board.show"))
