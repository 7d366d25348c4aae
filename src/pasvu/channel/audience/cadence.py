"""Cadence: how often a video is counted, by its age; dense while young, sparse when old, never past a horizon. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pasvu.channel.audience.horizons import HORIZON_HOURS

DEFAULT_CADENCE = "5m<2h, 15m<24h, 1h<7d, 6h<28d, 1d"

# A look just before each horizon: the error is then what was gained in this little time.
BEFORE_HORIZON = timedelta(minutes=1)
AT_ONCE = 50

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_STEP = re.compile(r"(\d+)([smhd])(?:<(\d+)([smhd]))?")


@dataclass(frozen=True)
class Cadence:
    """`(age below, look every)`, youngest first, and the pace of all that is older."""

    steps: tuple[tuple[timedelta, timedelta], ...]
    old: timedelta

    def step(self, age: timedelta) -> timedelta:
        """How long to wait at most at this age."""
        return next((every for below, every in self.steps if age < below), self.old)

    def next_look(self, air_at: datetime, now: datetime) -> datetime:
        """When to count again: on the grid of the pace for the age, and never past a horizon that is still ahead.

        The grid is the same for every video (multiples of the pace since 1970), so that those of one pace are due
        together and go into the same calls.
        """
        pace_s = self.step(now - air_at).total_seconds()
        due = datetime.fromtimestamp((math.floor(now.timestamp() / pace_s) + 1) * pace_s, UTC)
        for hours in HORIZON_HOURS:
            horizon = air_at + timedelta(hours=hours)
            for mark in (horizon - BEFORE_HORIZON, horizon):
                if now < mark < due:
                    return mark
        return due

    def looks_per_day(self, age: timedelta) -> float:
        """How many looks a video of this age costs in a day."""
        return timedelta(days=1) / self.step(age)


def read_cadence(text: str) -> Cadence:
    """Read `5m<2h, 15m<24h, 1h<7d, 6h<28d, 1d`: every 5 minutes while younger than 2 hours, …, then once a day.

    Raises:
        ValueError: not so written, ages that do not rise, or a pace under a minute or over a day.
    """
    steps: list[tuple[timedelta, timedelta]] = []
    old: timedelta | None = None
    for part in (part.strip() for part in text.split(",")):
        found = _STEP.fullmatch(part)
        if found is None:
            raise ValueError(f"« {part} » is not a pace; write it like {DEFAULT_CADENCE}")
        if old is not None:
            raise ValueError("the pace without an age (such as 1d) comes last, once")
        every = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
        if not timedelta(minutes=1) <= every <= timedelta(days=1):
            raise ValueError(f"« {part} »: a pace is between a minute and a day")
        if found[3] is None:
            old = every
            continue
        below = timedelta(seconds=int(found[3]) * _UNITS[found[4]])
        if steps and below <= steps[-1][0]:
            raise ValueError(f"« {part} »: ages must rise from one pace to the next")
        steps.append((below, every))
    if old is None:
        raise ValueError("the last pace has no age: it serves all that is older (such as 1d)")
    return Cadence(tuple(steps), old)


USUAL_CADENCE = read_cadence(DEFAULT_CADENCE)


def calls_per_day(paces: Mapping[timedelta, int]) -> int:
    """How many calls of fifty videos are asked for in a day, by so many videos of each pace.

    Videos share their calls at each point of their grid; a finer grid contains the coarser one where it divides it.
    """
    counted: dict[int, int] = {}
    for pace, videos in paces.items():
        pace_s = int(pace.total_seconds())
        for second in range(0, 86400, pace_s):
            counted[second] = counted.get(second, 0) + videos
    return sum(math.ceil(videos / AT_ONCE) for videos in counted.values())
