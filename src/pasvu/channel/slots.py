"""The free places of the calendar: where an episode could go next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pasvu.channel import freezes, programmes, queries, schedule
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode
from pasvu.channel.queries import ShownEpisode

WITHIN_DAYS = 60


def next_free(
    session: Session,
    episode: Episode | ShownEpisode,
    now: datetime,
    zone: ZoneInfo,
    limit: int = 4,
    apart: timedelta = schedule.APART,
) -> Sequence[datetime]:
    """The next usual instants that nothing occupies and no freeze holds back, soonest first.

    Its own programme's only where that has slots.
    """
    return _Free(session, now, zone, apart, besides=episode.id).after(episode.programme_id)[:limit]


def next_in_turn(
    session: Session,
    waiting: Sequence[ShownEpisode],
    now: datetime,
    zone: ZoneInfo,
    apart: timedelta = schedule.APART,
) -> Mapping[str, datetime]:
    """The next free instant of each by its id, as if only that one were placed; those without a slot are left out."""
    free = _Free(session, now, zone, apart)
    return {each.id: found[0] for each in waiting if (found := free.after(each.programme_id))}


def neighbour(
    session: Session, episode: Episode, at: datetime, apart: timedelta = schedule.APART
) -> tuple[str, datetime] | None:
    """Title and instant of the nearest other episode that airs closer than `apart` to `at`, or `None`."""
    around = queries.calendar_neighbours(session, at - apart, at + apart, episode.id)
    return min(around, key=lambda each: abs(each[1] - at), default=None)


class _Free:
    """The calendar read once, for as many episodes as one likes."""

    def __init__(
        self, session: Session, now: datetime, zone: ZoneInfo, apart: timedelta, besides: str | None = None
    ) -> None:
        self._slots = programmes.usual_slots(session)
        self._taken = queries.taken_instants(session, now - apart, besides=besides)
        self._frozen = freezes.periods(session, now)
        self._now, self._zone, self._apart = now, zone, apart
        self._found: dict[str | None, list[datetime]] = {}

    def after(self, programme_id: str | None) -> list[datetime]:
        if programme_id not in self._found:
            self._found[programme_id] = self._look(programme_id)
        return self._found[programme_id]

    def _look(self, programme_id: str | None) -> list[datetime]:
        own = [slot for slot in self._slots if slot.programme_id == programme_id]
        found = schedule.free_slots(own or self._slots, self._taken, self._now, WITHIN_DAYS, self._zone, self._apart)
        return [free.at for free in found if schedule.frozen_by(self._frozen, free.at, programme_id) is None]


def first_free(
    session: Session, episode: Episode, now: datetime, zone: ZoneInfo, apart: timedelta = schedule.APART
) -> datetime:
    """The very next of them.

    Raises:
        Refused: no usual slot is free for two months, or there is none at all.
    """
    found = next_free(session, episode, now, zone, limit=1, apart=apart)
    if not found:
        raise Refused(
            "Aucun créneau libre pour « {title} » dans les {days} jours : choisissez son heure vous-même, "
            "ou donnez un créneau habituel à son émission.",
            title=episode.title,
            days=WITHIN_DAYS,
        )
    return found[0]
