"""Gaps: stretches in which nobody counted, though the cadence asked for it; shown, never filled. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pasvu.channel.audience.cadence import Cadence

# A look may be late: a slow answer, a restart. Twice the pace and this much more is an absence.
LATE = timedelta(minutes=5)


@dataclass(frozen=True)
class Gap:
    """Nobody counted between these two instants."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it lasted."""
        return self.end - self.start


def gaps(cadence: Cadence, air_at: datetime, taken_at: Sequence[int], now: datetime) -> list[Gap]:
    """Where looks are missing from air until now; `taken_at` are seconds since 1970, sorted."""
    # In seconds: a page looks through a thousand counts, and dates would be most of its time.
    start, end = air_at.timestamp(), now.timestamp()
    steps = [(start + below.total_seconds(), every.total_seconds()) for below, every in cadence.steps]
    found, before, late_s, old_s = [], start, LATE.total_seconds(), cadence.old.total_seconds()
    for second in (*taken_at, end):
        if second <= before:
            continue
        if second - before > late_s and second - before > late_s + 2 * next(
            (every for below, every in steps if before < below), old_s
        ):
            found.append(Gap(_at(before, air_at), _at(second, now)))
        before = second
    return found


def _at(second: float, exact: datetime) -> datetime:
    return exact if second == exact.timestamp() else datetime.fromtimestamp(second, UTC)
