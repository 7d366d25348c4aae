"""A broadcast's audience from looks at it: peak, average by time, and where nobody looked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pasvu.channel.audience.gaps import Gap

# A look may be a little late; two that are further apart than twice the pace and this say nothing of what lies between.
LATE = timedelta(minutes=1)
# A page that existed so long before the start was an announcement: viewers had time to see it.
ANNOUNCED = timedelta(minutes=15)


@dataclass(frozen=True)
class Watching:
    """People watching at an instant, in seconds since 1970; `None` when the platform gave no figure."""

    taken_at: int
    people: int | None


@dataclass(frozen=True)
class Tally:
    """What the looks so far add up to."""

    peak: int | None = None
    peak_at: int | None = None
    person_s: int = 0
    counted_s: int = 0
    last: Watching | None = None

    @property
    def average(self) -> int | None:
        """People at a time, each second weighing the same; `None` before two looks say."""
        return round(self.person_s / self.counted_s) if self.counted_s else None

    def after(self, look: Watching, every: timedelta) -> Tally:
        """With one more look, later than the last. Between two near looks people come and go evenly."""
        before, people = self.last, look.people
        found = replace(self, last=look)
        if people is None:
            return found
        if self.peak is None or people > self.peak:
            found = replace(found, peak=people, peak_at=look.taken_at)
        if before is None or before.people is None or look.taken_at - before.taken_at > _near_s(every):
            return found
        spent_s = look.taken_at - before.taken_at
        return replace(
            found,
            person_s=self.person_s + (before.people + people) * spent_s // 2,
            counted_s=self.counted_s + spent_s,
        )


def silences(looks: Sequence[Watching], start: datetime, end: datetime, every: timedelta) -> list[Gap]:
    """Where nobody looked between start and end; a look without a figure is not a silence."""
    found = []
    before = start
    for instant in [*(datetime.fromtimestamp(look.taken_at, UTC) for look in looks), end]:
        if (instant - before).total_seconds() > _near_s(every):
            found.append(Gap(before, instant))
        before = max(before, instant)
    return found


def was_announced(created_at: datetime | None, scheduled_at: datetime | None, started_at: datetime) -> bool:
    """Whether viewers could have known: an hour was planned, on a page made a quarter of an hour before the start.

    A broadcast that starts at the press of a button has a page of that very minute, or a lasting one without an hour.
    """
    if scheduled_at is None or created_at is None:
        return False
    return created_at <= scheduled_at and created_at <= started_at - ANNOUNCED


def _near_s(every: timedelta) -> float:
    return (2 * every + LATE).total_seconds()
