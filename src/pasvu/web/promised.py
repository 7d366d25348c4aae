"""The air-time promise of one episode, as a sentence with its light."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pasvu.channel import queries
from pasvu.channel.database import Session
from pasvu.channel.models import Episode
from pasvu.channel.promise import Light, Promise
from pasvu.channel.states import EpisodeState, PublicationState
from pasvu.web.formats import instant
from pasvu.web.house import house
from pasvu.web.words import _

_PLANNABLE = (EpisodeState.IN_REVIEW, EpisodeState.CHANGES_REQUESTED, EpisodeState.APPROVED)


@dataclass(frozen=True)
class Promised:
    """What the page says."""

    light: str
    sentence: str


def promised(session: Session, episode: Episode, next_free: datetime | None) -> Promised | None:
    """How its instant stands, or, before one is chosen, how the next free slot would; `None` when there is neither."""
    if episode.state not in _PLANNABLE:
        return None
    chosen = next((each for each in episode.publications if each.scheduled_at is not None), None)
    if chosen is not None and chosen.state in (PublicationState.ON_AIR, PublicationState.WITHDRAWN):
        return None
    at = chosen.scheduled_at if chosen is not None else next_free
    if at is None or at <= house().now:
        return None
    found = queries.promise_for(session, episode, at, house().now, house().settings.terms)
    return Promised(found.light, _sentence(found, at, chosen is not None))


def _sentence(found: Promise, at: datetime, chosen: bool) -> str:
    when = instant(at)
    if found.approve_by is not None:
        if found.light == Light.LATE:
            return _("Trop tard pour %(when)s : l’épisode n’y serait plus à temps.", when=when)
        by = instant(found.approve_by)
        if found.light == Light.AT_RISK:
            return _("Pour %(when)s, validez au plus tard %(by)s : ce sera de justesse.", when=when, by=by)
        return _("Pour %(when)s, validez au plus tard %(by)s.", when=when, by=by)
    if found.ready_at is None:
        return _("Arrêté : sans rien faire, l’épisode ne sera pas là %(when)s.", when=when)
    ready = instant(found.ready_at)
    if found.light == Light.LATE:
        return _("Sera en retard : prêt %(ready)s, pour %(when)s.", ready=ready, when=when)
    if not chosen:
        return _("Programmé %(when)s, il serait prêt à temps, %(ready)s.", when=when, ready=ready)
    if found.light == Light.AT_RISK:
        return _("De justesse : prêt %(ready)s, pour %(when)s.", ready=ready, when=when)
    return _("À l’heure : prêt %(ready)s, pour %(when)s.", ready=ready, when=when)
