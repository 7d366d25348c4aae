"""What a count means: when to look, what to freeze, what is usual. Pure."""

from __future__ import annotations

import bisect
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HORIZON_HOURS = (24, 72, 168, 672)

# Dense while young, sparse when old: (age below, look every).
CADENCE: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(hours=2), timedelta(minutes=5)),
    (timedelta(hours=24), timedelta(minutes=15)),
    (timedelta(days=7), timedelta(hours=1)),
    (timedelta(days=28), timedelta(hours=6)),
)
OLD_CADENCE = timedelta(days=1)


@dataclass(frozen=True)
class Count:
    """Views at an instant; `taken_at` in seconds since 1970."""

    taken_at: int
    views: int


@dataclass(frozen=True)
class Frozen:
    """Views at a horizon, and how far from the truth they may be."""

    hours: int
    views: int
    error_views: int


@dataclass(frozen=True)
class Typical:
    """What is usual at a horizon: 10th percentile, median and 90th percentile of past episodes."""

    hours: int
    low: int
    median: int
    high: int
    episodes: int


def next_look(air_at: datetime, now: datetime) -> datetime:
    """When to count again: by the cadence for the age, and never past a horizon that is still ahead."""
    age = now - air_at
    step = next((every for below, every in CADENCE if age < below), OLD_CADENCE)
    horizons = [air_at + timedelta(hours=hours) for hours in HORIZON_HOURS]
    ahead = [horizon for horizon in horizons if now < horizon < now + step]
    return ahead[0] if ahead else now + step


def freeze(air_at: datetime, hours: int, counts: Sequence[Count]) -> Frozen | None:
    """Views at `hours` after air, interpolated between the snapshots around that instant (sorted by time).

    The error is how far the truth can lie from it if views never fall between the two: the larger gap to either side.
    `None` while no snapshot is at or past the horizon, or none is before it: then nothing honest can be said.
    """
    at = int(air_at.timestamp()) + hours * 3600
    after = bisect.bisect_left(counts, at, key=lambda count: count.taken_at)
    if after == len(counts):
        return None
    late = counts[after]
    if late.taken_at == at:
        return Frozen(hours, late.views, 0)
    # At the very instant of air nobody had watched: a known point, even without a snapshot there.
    early = counts[after - 1] if after else Count(int(air_at.timestamp()), 0)
    if early.taken_at >= at:
        return None
    share = (at - early.taken_at) / (late.taken_at - early.taken_at)
    views = round(early.views + (late.views - early.views) * share)
    return Frozen(hours, views, max(abs(views - early.views), abs(late.views - views)))


def typical(past: Mapping[int, Sequence[int]], hours: int, least: int = 3) -> Typical | None:
    """What past episodes had at `hours`; `None` when fewer than `least` of them say."""
    values = sorted(past.get(hours, ()))
    if len(values) < least:
        return None
    return Typical(
        hours,
        low=round(_percentile(values, 0.1)),
        median=round(statistics.median(values)),
        high=round(_percentile(values, 0.9)),
        episodes=len(values),
    )


def _percentile(values: Sequence[int], share: float) -> float:
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)
