"""Wall-clock times in the channel's zone, usual slots, clashes, periods in which nothing airs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pasvu.channel.errors import Refused

# Beyond, an instant in UTC may fall outside of what a date can hold.
FIRST_YEAR, LAST_YEAR = 1970, 9000
APART = timedelta(minutes=30)
"""How far apart two episodes go on air, where nothing else is said."""


@dataclass(frozen=True)
class UsualSlot:
    """When a programme usually airs: weekday (Monday is 0) and wall-clock time."""

    programme_id: str
    weekday: int
    at: time


@dataclass(frozen=True)
class FreeSlot:
    """A usual slot on a given day that nothing occupies."""

    programme_id: str
    at: datetime


@dataclass(frozen=True)
class FrozenPeriod:
    """Instants in `[since, until)` at which nothing goes on air by itself, in one programme or in all."""

    freeze_id: int
    since: datetime
    until: datetime
    reason: str
    programme_id: str | None = None
    let_through: frozenset[int] = frozenset()
    """Publications that a person let through by name."""

    def holds(self, at: datetime, programme_id: str | None, publication_id: int | None = None) -> bool:
        """Whether an instant of this programme is held back; a publication that is not in the record yet has no id."""
        concerned = self.programme_id is None or self.programme_id == programme_id
        return concerned and self.since <= at < self.until and publication_id not in self.let_through


def frozen_by(
    periods: Iterable[FrozenPeriod], at: datetime, programme_id: str | None, publication_id: int | None = None
) -> FrozenPeriod | None:
    """The period that holds this instant back, the one that ends last if there are several; else `None`."""
    holding = [period for period in periods if period.holds(at, programme_id, publication_id)]
    return max(holding, key=lambda period: period.until, default=None)


def resolve(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall-clock time without offset, in `zone`.

    Raises:
        Refused: the clocks jump over that time, or show it twice; both readings are in the sentence.
    """
    if not FIRST_YEAR <= wall.year <= LAST_YEAR:
        raise Refused("L’année {year} n’est pas de celles où l’on programme.", year=wall.year)
    early = wall.replace(tzinfo=zone, fold=0)
    late = wall.replace(tzinfo=zone, fold=1)
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    first, second = sorted(_with_offset(reading, zone) for reading in (early, late))
    about = {"day": f"{wall:%Y-%m-%d}", "time": f"{wall:%H:%M}", "zone": zone.key, "first": first, "second": second}
    if early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        raise Refused(
            "Le {day} à {time} n’existe pas en {zone} : les horloges avancent cette nuit-là. Choisissez {first} ou "
            "{second}.",
            **about,
        )
    raise Refused(
        "Le {day} à {time} arrive deux fois en {zone} : les horloges reculent cette nuit-là. Précisez {first} ou "
        "{second}.",
        **about,
    )


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """The UTC instant of an ISO 8601 text; without offset, it is read in `zone`.

    Raises:
        Refused: not a time, or one that does not exist or comes twice in `zone`.
    """
    try:
        read = datetime.fromisoformat(text.strip())
        instant = read.astimezone(UTC) if read.tzinfo else None
    except (ValueError, OverflowError) as unreadable:
        raise Refused(
            "« {text} » n’est pas un instant : écrivez 2026-11-26T19:00 ou 2026-11-26T18:00Z.", text=text
        ) from unreadable
    if re.fullmatch(r"\s*\d{4}-?\d{2}-?\d{2}\s*", text):
        raise Refused("« {text} » n’a pas d’heure : écrivez 2026-11-26T19:00.", text=text)
    return instant or resolve(read, zone)


def keep_wall_time(instant: datetime, day: date, zone: ZoneInfo) -> datetime:
    """The instant on `day` at the same wall-clock time as `instant`, whatever the clocks did in between."""
    return resolve(datetime.combine(day, instant.astimezone(zone).time().replace(fold=0)), zone)


def clock_change(day: date, zone: ZoneInfo) -> int:
    """+1 when the clocks go forward on `day`, -1 when they go back, 0 otherwise."""
    start = datetime.combine(day, time(0), zone).utcoffset() or timedelta()
    end = datetime.combine(day + timedelta(days=1), time(0), zone).utcoffset() or timedelta()
    return (end > start) - (end < start)


def free_slots(
    slots: Iterable[UsualSlot],
    taken: Sequence[datetime],
    since: datetime,
    days: int,
    zone: ZoneInfo,
    apart: timedelta = APART,
) -> list[FreeSlot]:
    """Usual slots from `since` on, for `days` days, to which no instant of `taken` is closer than `apart`."""
    first = since.astimezone(zone).date()
    found = []
    for slot in slots:
        for ahead in range(days):
            day = first + timedelta(days=ahead)
            if day.weekday() != slot.weekday:
                continue
            try:
                at = resolve(datetime.combine(day, slot.at), zone)
            except Refused:
                continue  # that night the slot's hour does not exist, or comes twice: a person picks one
            if at > since and clash(at, taken, apart) is None:
                found.append(FreeSlot(slot.programme_id, at))
    return sorted(found, key=lambda free: free.at)


def clash(at: datetime, others: Iterable[datetime], apart: timedelta = APART) -> datetime | None:
    """The nearest instant of `others` closer than `apart` to `at`, or `None`."""
    near = [other for other in others if abs(other - at) < apart]
    return min(near, key=lambda other: abs(other - at)) if near else None


def _with_offset(reading: datetime, zone: ZoneInfo) -> str:
    return reading.astimezone(UTC).astimezone(zone).isoformat(timespec="minutes")
