"""The time the product lives in: real, or shifted and sped up for rehearsals and tests."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time; every rule that depends on time takes one as an argument."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock's time."""
        ...

    def real_s(self, seconds: float) -> float:
        """How many real seconds `seconds` of this clock take."""
        ...


@dataclass(frozen=True)
class WallClock:
    """The system clock, optionally shifted and sped up.

    `anchor` is the real instant at which the sped-up time started: two processes that share it agree on the time.
    """

    offset_s: float = 0.0
    rate: float = 1.0
    anchor: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        real = datetime.now(UTC)
        return self.anchor + (real - self.anchor) * self.rate + timedelta(seconds=self.offset_s)

    def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock's time."""
        time.sleep(max(0.0, self.real_s(seconds)))

    def real_s(self, seconds: float) -> float:
        """How many real seconds `seconds` of this clock take."""
        return seconds / self.rate


class SetClock:
    """A clock that a test moves by hand; sleeping moves it."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """The instant it was last set to."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move on without waiting."""
        self._now += timedelta(seconds=seconds)

    def real_s(self, seconds: float) -> float:
        """Nothing really passes."""
        return 0.0

    def set(self, now: datetime) -> None:
        """Jump to `now`."""
        self._now = now
