"""What every counting shares: a clock that may stamp figures, and pauses that grow while a platform is silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pasvu.channel.clock import Clock
from pasvu.channel.errors import PasVuError
from pasvu.publish.desk import Desk
from pasvu.publish.errors import OutOfQuota, PlatformBusy

# A clock may be this far from the platform's before what it stamps is worth less than nothing.
CLOCK_MAY_DIFFER_S = 60.0
CLOCK_CHECKED_EVERY = timedelta(days=1)
# A platform that does not answer is asked again after this, then twice as long, up to the last.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)


class Trust:
    """Holds this machine's clock against the platforms': at a start, once a day, and after a jump."""

    def __init__(self, desk: Desk, monotonic: Callable[[], float]) -> None:
        self._desk, self._monotonic = desk, monotonic
        self._ticked: tuple[datetime, float] | None = None
        self._checked_at: datetime | None = None

    def jumped(self, now: datetime) -> bool:
        """Whether the clock moved otherwise than time did since the last call; it is then to be checked again."""
        ticked, self._ticked = self._ticked, (now, self._monotonic())
        if ticked is None:
            return True  # a start: nobody knows what the clock did meanwhile
        really_s = self._ticked[1] - ticked[1]
        thought_s = self._desk.clock.real_s((now - ticked[0]).total_seconds())
        if abs(thought_s - really_s) <= CLOCK_MAY_DIFFER_S:
            return False
        self._checked_at = None
        return True

    def check(self, now: datetime) -> None:
        """Ask the platforms what time it is, when that is due.

        Raises:
            PlatformBusy: their clocks and ours differ; nothing may be counted.
        """
        if self._checked_at is not None and now - self._checked_at < CLOCK_CHECKED_EVERY:
            return
        for name, platform in self._desk.platforms.items():
            gap_s = platform.clock_gap_s()
            if abs(self._desk.clock.real_s(gap_s)) > CLOCK_MAY_DIFFER_S:
                raise PlatformBusy(
                    f"L’horloge de cette machine diffère de celle de {name} de {gap_s:.0f} s : rien n’est compté tant "
                    "qu’elle n’est pas remise à l’heure."
                )
        self._checked_at = now


class Rest:
    """A pause after trouble: twice as long each time in a row, or as long as the platform wishes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: datetime | None = None
        self._pause = FIRST_PAUSE

    def lasts(self, now: datetime) -> bool:
        """Whether it is still to be waited."""
        return self._until is not None and now < self._until

    def end(self) -> None:
        """All is well again."""
        self._until, self._pause = None, FIRST_PAUSE

    def until(self, instant: datetime) -> None:
        """Begin a pause that ends at an instant."""
        self._until = instant

    def after(self, trouble: PasVuError, now: datetime) -> None:
        """Begin a pause."""
        if isinstance(trouble, OutOfQuota):
            self._until = trouble.until
            return
        wished = trouble.retry_after_s if isinstance(trouble, PlatformBusy) else None
        self._until = self._clock.now() + max(self._pause, timedelta(seconds=wished or 0))
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
