"""What is usual: median and 10th to 90th percentile of past episodes, at a horizon and along the curve. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pasvu.channel.audience.aligned import AGES_H, Aligned
from pasvu.channel.audience.horizons import HORIZON_HOURS, Frozen

LEAST = 3
# A curve with more holes than this says too little of the ages between.
HOLES_MOST = 0.25


@dataclass(frozen=True)
class Typical:
    """What is usual at a horizon: 10th percentile, median and 90th percentile of past episodes."""

    hours: int
    low: int
    median: int
    high: int
    episodes: int


@dataclass(frozen=True)
class Band:
    """What is usual at the ages of `AGES_H`, of the same episodes from the first age to the last."""

    hours: tuple[float, ...]
    low: tuple[int, ...]
    median: tuple[int, ...]
    high: tuple[int, ...]
    episodes: int
    """How many it is made of: those that reached its last age."""
    among: int
    """How many were looked at; the others are too young, or were counted too seldom."""

    def at(self, age_h: float) -> tuple[float, float, float] | None:
        """Low, median and high at any age that the band covers, on straight lines between its points."""
        if not self.hours or not 0 < age_h <= self.hours[-1]:
            return None
        hours = (0.0, *self.hours)
        after = next(place for place, hour in enumerate(hours) if hour >= age_h)
        share = (age_h - hours[after - 1]) / (hours[after] - hours[after - 1])

        def level(values: tuple[int, ...]) -> float:
            points = (0, *values)
            return points[after - 1] + (points[after] - points[after - 1]) * share

        return level(self.low), level(self.median), level(self.high)


def typical(past: Mapping[int, Sequence[int]], hours: int, least: int = LEAST) -> Typical | None:
    """What past episodes had at `hours`; `None` when fewer than `least` of them say."""
    values = sorted(past.get(hours, ()))
    if len(values) < least:
        return None
    return Typical(
        hours,
        low=round(percentile(values, 0.1)),
        median=round(statistics.median(values)),
        high=round(percentile(values, 0.9)),
        episodes=len(values),
    )


def band(past: Sequence[Aligned], least: int = LEAST) -> Band | None:
    """The usual curve of past episodes, of one and the same set of them from end to end.

    Were each age made of whichever episodes know it, the band would jump where the young ones drop out. It reaches to
    the last horizon that at least half of the episodes (and `least`) have passed, and is made of those alone: as views
    only rise, so does it. `None` when even the first horizon has too few.
    """
    needed = max(least, (len(past) + 1) // 2)
    for horizon in reversed(HORIZON_HOURS):
        end = AGES_H.index(horizon) + 1
        known = [curve[:end] for curve in past if len(curve) >= end and curve[end - 1] is not None]
        known = [curve for curve in known if list(curve).count(None) <= HOLES_MOST * end]
        if len(known) >= needed:
            return _of_all(known, end, len(past))
    return None


def _of_all(curves: Sequence[Aligned], end: int, among: int) -> Band:
    """Of curves that reach the same age; an age that one of them does not know is left out."""
    rows = []
    for place in range(end):
        values = sorted(known for curve in curves if (known := curve[place]) is not None)
        if len(values) == len(curves):
            middle = round(statistics.median(values))
            rows.append((AGES_H[place], round(percentile(values, 0.1)), middle, round(percentile(values, 0.9))))
    hours, low, middle_of, high = zip(*rows, strict=True)
    return Band(hours, low, middle_of, high, len(curves), among)


def times_usual(reached: Sequence[Frozen], usual: Sequence[Typical]) -> tuple[int, float] | None:
    """The last horizon that both this episode and past ones have, and how many times the median it made."""
    medians = {each.hours: each.median for each in usual if each.median}
    common = [each for each in reached if each.hours in medians]
    if not common:
        return None
    last = max(common, key=lambda each: each.hours)
    return last.hours, last.views / medians[last.hours]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the sorted `values` lie, on straight lines between them."""
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)
