"""Horizons: views at so many hours after air, frozen from the snapshots around that instant, with their error. Pure."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

HORIZON_HOURS = (24, 72, 168, 672)

# Intervals on each side that tell how fast a count was growing when a fall hides it.
NEIGHBOURS = 3


class Count(NamedTuple):
    """Views at an instant; `taken_at` in seconds since 1970. A bare pair, for a page reads a thousand of them."""

    taken_at: int
    views: int


@dataclass(frozen=True)
class Frozen:
    """Views at a horizon, and how far from the truth they may be."""

    hours: int
    views: int
    error_views: int


def freeze(air_at: datetime, hours: int, counts: Sequence[Count]) -> Frozen | None:
    """Views at `hours` after air, interpolated between the snapshots around that instant (sorted by time).

    The error is how far the truth can lie from it while the count only rises, or only falls, between the two: the
    larger gap to either side. When the platform set the count back between them, it also grew meanwhile: the fastest
    growth seen around is added. `None` while no snapshot is at or past the horizon, or none is before it: then nothing
    honest can be said.
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
    views = between(early, late, at)
    error = max(abs(views - early.views), abs(late.views - views))
    if late.views < early.views:
        error += math.ceil(_fastest(counts, after) * (late.taken_at - early.taken_at))
    return Frozen(hours, views, error)


def between(early: Count, late: Count, at: int) -> int:
    """Views at the second `at`, on the straight line between two snapshots."""
    share = (at - early.taken_at) / (late.taken_at - early.taken_at)
    return round(early.views + (late.views - early.views) * share)


def _fastest(counts: Sequence[Count], after: int) -> float:
    near = counts[max(0, after - 1 - NEIGHBOURS) : after + 1 + NEIGHBOURS]
    rates = [(b.views - a.views) / (b.taken_at - a.taken_at) for a, b in itertools.pairwise(near)]
    return max([0.0, *rates])
