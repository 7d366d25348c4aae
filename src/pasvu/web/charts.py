"""What the charts draw, as plain JSON: lines of `[x, y]` (an empty `y` breaks the line), bands between two. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pasvu.channel.audience import AGES_H, Aligned, Band, Count, Forecast, Gap

# No one sees more points than this on a chart of a thousand pixels.
POINTS_MOST = 400
TARGET_H = 672

Line = dict[str, Any]
Chart = dict[str, Any]


def line(style: str, label: str, points: Sequence[Sequence[float | int | None]]) -> Line:
    """One line; `style` is a name that the drawing module knows."""
    return {"style": style, "label": label, "points": points}


def episode_chart(
    air_at: datetime,
    counts: Sequence[Count],
    gaps: Sequence[Gap],
    band: Band | None,
    forecast: Forecast | None,
    until_h: float,
    words: dict[str, str],
) -> Chart:
    """An episode's views by hours since air, over the band of what is usual, and what may come; gaps break the line."""
    lines, bands = band_lines(band, words)
    own = own_points(air_at, counts, gaps)
    if forecast is not None:
        start = next(point for point in reversed(own) if point[1] is not None)
        first = len(lines)
        lines.append(line("f-low", "", _towards(start, forecast.low, band)))
        lines.append(line("f-high", "", _towards(start, forecast.high, band)))
        lines.append(line("forecast", words["forecast"], _towards(start, forecast.median, band)))
        bands.append([first + 1, first, "f-band"])
    lines.append(line("own", words["own"], own))
    return {"x": "hours", "until": until_h, "lines": lines, "bands": bands}


def band_lines(band: Band | None, words: dict[str, str]) -> tuple[list[Line], list[list[Any]]]:
    """Low, high and median of what is usual, and the band between the first two."""
    if band is None:
        return [], []

    def along(values: Sequence[int]) -> list[list[float]]:
        return [[0, 0], *([hour, value] for hour, value in zip(band.hours, values, strict=True))]

    lines = [
        line("low", words["low"], along(band.low)),
        line("high", words["high"], along(band.high)),
        line("median", words["median"], along(band.median)),
    ]
    return lines, [[1, 0, "band"]]


def _towards(start: list[Any], views: int, band: Band | None) -> list[list[Any]]:
    """From a point to so many views at 28 days, bent as the usual median bends."""
    points = [start]
    here = band.at(start[0]) if band else None
    if band is not None and here is not None and band.hours[-1] == TARGET_H and band.median[-1] > here[1]:
        whole = band.median[-1] - here[1]
        for hour, median in zip(band.hours, band.median, strict=True):
            if start[0] < hour < TARGET_H:
                bent = round(start[1] + (views - start[1]) * (median - here[1]) / whole)
                # The median dips where a count was set back; a forecast does not.
                points.append([hour, min(views, max(points[-1][1], bent))])
    return [*points, [TARGET_H, views]]


def own_points(air_at: datetime, counts: Sequence[Count], gaps: Sequence[Gap]) -> list[list[Any]]:
    """Snapshots by hours since air, thinned, with a break in each gap."""
    start = int(air_at.timestamp())
    points: list[list[Any]] = [[0, 0]]
    points += [[_hours(each.taken_at - start), each.views] for each in thinned(counts) if each.taken_at >= start]
    points += [[_hours((gap.start + gap.length / 2).timestamp() - start), None] for gap in gaps]
    return sorted(points, key=lambda point: point[0])


def aligned_points(curve: Aligned) -> list[tuple[float, int]]:
    """An aligned curve as points; unknown ages are left out, for they are unknown at these ages only."""
    return [(0, 0), *((hour, views) for hour, views in zip(AGES_H, curve, strict=False) if views is not None)]


def thinned(counts: Sequence[Count]) -> list[Count]:
    """At most `POINTS_MOST` of them, first and last among them."""
    if len(counts) <= POINTS_MOST:
        return list(counts)
    step = (len(counts) - 1) / (POINTS_MOST - 1)
    return [counts[round(place * step)] for place in range(POINTS_MOST)]


def spark(curve: Aligned, width: int = 100, height: int = 26) -> str:
    """Points of a small line of the views since air, for an SVG of this size; nothing when there is little to see."""
    known = [(AGES_H[place], views) for place, views in enumerate(curve) if views is not None]
    if len(known) < 3:
        return ""
    most, longest = max(views for _, views in known) or 1, known[-1][0]
    points = [(0.0, 0), *known]
    return " ".join(
        f"{hours * width / longest:.1f},{height - views * (height - 2) / most:.1f}" for hours, views in points
    )


def _hours(seconds: float) -> float:
    return round(seconds / 3600, 3)
