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
    found = []
    before = air_at
    for instant in [*(datetime.fromtimestamp(second, UTC) for second in taken_at), now]:
        if instant > before:
            if instant - before > 2 * cadence.step(before - air_at) + LATE:
                found.append(Gap(before, instant))
            before = instant
    return found
