"""An episode's views since it went on air, thinned for a chart, against what is usual. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pasvu.channel.audience import Count, Typical

# No one sees more points than this on a chart of a thousand pixels.
POINTS_MOST = 400


def chart(air_at: datetime, counts: Sequence[Count], usual: Sequence[Typical]) -> dict[str, list[Any]]:
    """Columns for the chart: hours since air, this episode, the low, median and high of past ones.

    The usual figures are known at the horizons only: the chart joins them by lines.
    """
    start = int(air_at.timestamp())
    own = {0.0: 0}
    for count in _thinned([each for each in counts if each.taken_at >= start]):
        own[round((count.taken_at - start) / 3600, 3)] = count.views
    last = max(own)
    band = {0.0: (0, 0, 0)}
    for typical in usual:
        band[float(typical.hours)] = (typical.low, typical.median, typical.high)
        if typical.hours > last:
            break  # one horizon ahead shows where it should go; further would flatten the curve
    hours = sorted({*own, *band})
    return {
        "hours": hours,
        "views": [own.get(hour) for hour in hours],
        "low": [band[hour][0] if hour in band else None for hour in hours],
        "median": [band[hour][1] if hour in band else None for hour in hours],
        "high": [band[hour][2] if hour in band else None for hour in hours],
    }


def _thinned(counts: Sequence[Count]) -> list[Count]:
    if len(counts) <= POINTS_MOST:
        return list(counts)
    step = (len(counts) - 1) / (POINTS_MOST - 1)
    return [counts[round(place * step)] for place in range(POINTS_MOST)]


def times_usual(counts: Sequence[Count], air_at: datetime, usual: Sequence[Typical]) -> tuple[int, float] | None:
    """The last horizon that both this episode and the past ones have, and how many times the median it made."""
    start = int(air_at.timestamp())
    found = None
    for typical in usual:
        at = start + typical.hours * 3600
        before = [count for count in counts if count.taken_at <= at]
        if before and counts[-1].taken_at >= at and typical.median:
            found = (typical.hours, before[-1].views / typical.median)
    return found


def spark(counts: Sequence[Count], width: int = 100, height: int = 26) -> str:
    """Points of a small line of the views gained between snapshots, for an SVG of this size."""
    thin = _thinned(counts)
    if len(thin) < 3:
        return ""
    most = max(thin[-1].views, 1)
    span = max(thin[-1].taken_at - thin[0].taken_at, 1)
    step = max(1, len(thin) // 28)
    return " ".join(
        f"{(each.taken_at - thin[0].taken_at) * width / span:.1f},{height - each.views * (height - 2) / most:.1f}"
        for each in [*thin[::step], thin[-1]]
    )
