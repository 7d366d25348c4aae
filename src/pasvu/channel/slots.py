"""The free places of the calendar: where an episode could go next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pasvu.channel import freezes, programmes, queries, schedule
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode

WITHIN_DAYS = 60


def next_free(session: Session, episode: Episode, now: datetime, zone: ZoneInfo, limit: int = 4) -> Sequence[datetime]:
    """The next usual instants that nothing occupies and no freeze holds back, soonest first.

    Its own programme's only where that has slots.
    """
    slots = programmes.usual_slots(session)
    own = [slot for slot in slots if slot.programme_id == episode.programme_id]
    taken = queries.taken_instants(session, now, besides=episode.id)
    frozen = freezes.periods(session, now)
    return [
        free.at
        for free in schedule.free_slots(own or slots, taken, now, WITHIN_DAYS, zone)
        if schedule.frozen_by(frozen, free.at, episode.programme_id) is None
    ][:limit]


def first_free(session: Session, episode: Episode, now: datetime, zone: ZoneInfo) -> datetime:
    """The very next of them.

    Raises:
        Refused: no usual slot is free for two months, or there is none at all.
    """
    found = next_free(session, episode, now, zone, limit=1)
    if not found:
        raise Refused(
            "Aucun créneau libre pour « {title} » dans les {days} jours : choisissez son heure vous-même, "
            "ou donnez un créneau habituel à son émission.",
            title=episode.title,
            days=WITHIN_DAYS,
        )
    return found[0]
