"""Curves aligned on air time: every episode's views at the same ages, so that episodes compare. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime

from pasvu.channel.audience.horizons import Count, between

# Hours after air: dense where curves bend. Every horizon is among them.
AGES_H: tuple[float, ...] = (
    *(0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 21, 24),
    *(28, 32, 36, 42, 48, 54, 60, 66, 72, 80, 88, 96, 108, 120, 132, 144, 156, 168),
    *(192, 216, 240, 264, 288, 312, 336, 360, 384, 408, 432, 456, 480, 504, 528, 552, 576, 600, 624, 648, 672),
)

Aligned = Sequence[int | None]
"""Views at each of `AGES_H`; `None` where nobody counted near enough. May be shorter: the rest is ahead."""

# Since this day a public view is the first frame played, in all formats (revision history of 2026-08-27; the change
# itself is reported from the 24th): counts before and after do not mean the same.
BREAK_AT = datetime(2026, 8, 24, tzinfo=UTC)

# Two counts further apart than this share of the age say too little of what lies between.
WIDEST_SHARE = 0.25
WIDEST_YOUNG_S = 1800


def passed_ages(air_at: datetime, early: Count | None, late: Count) -> list[tuple[int, int | None]]:
    """The ages that two successive counts surround, as (place in `AGES_H`, views or `None`).

    Without an earlier count, the instant of air stands for it: nobody had watched.
    """
    start = int(air_at.timestamp())
    before = early or Count(start, 0)
    found: list[tuple[int, int | None]] = []
    for place, age_h in enumerate(AGES_H):
        at = start + round(age_h * 3600)
        if not before.taken_at < at <= late.taken_at:
            continue
        wide = late.taken_at - before.taken_at > max(WIDEST_YOUNG_S, age_h * 3600 * WIDEST_SHARE)
        found.append((place, None if wide and late.taken_at != at else between(before, late, at)))
    return found


def align(air_at: datetime, counts: Sequence[Count]) -> list[int | None]:
    """The aligned curve of a whole history, sorted by time: what `passed_ages` gives count by count."""
    start = int(air_at.timestamp())
    points: list[int | None] = []
    for age_h in AGES_H:
        after = bisect_left(counts, start + round(age_h * 3600), key=lambda count: count.taken_at)
        if after == len(counts):
            break
        early = counts[after - 1] if after else None
        near = dict(passed_ages(air_at, early, counts[after]))
        points.append(near.get(len(points)))
    return points


def same_meaning(one: datetime, other: datetime) -> bool:
    """Whether views of two episodes aired at these instants are counted alike."""
    return (one >= BREAK_AT) == (other >= BREAK_AT)
