"""Counting: views of what is on air and figures of the channel, by the fewest calls of each platform."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from pasvu.channel import figures
from pasvu.channel.audience import USUAL_CADENCE, Cadence
from pasvu.channel.errors import PasVuError
from pasvu.channel.states import PublicationState
from pasvu.publish.desk import Desk
from pasvu.publish.errors import OutOfQuota, PlatformBusy

log = logging.getLogger(__name__)

CHANNEL_EVERY = timedelta(hours=1)
# A platform that does not answer is asked again after this, then twice as long, up to the last.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)
# A clock may be this far from the platform's before what it stamps is worth less than nothing.
CLOCK_MAY_DIFFER_S = 60.0
CLOCK_CHECKED_EVERY = timedelta(days=1)


def count(
    desk: Desk, now: datetime, *, everything: bool = False, cadence: Cadence = USUAL_CADENCE, zone: tzinfo = UTC
) -> int:
    """Take the snapshots that are due (or of all on air); how many were taken."""
    with desk.record.read() as session:
        due = figures.on_air(session) if everything else figures.due(session, now)
    taken = 0
    for platform, some in desk.batches(due):
        asked_at = desk.clock.now()
        there = platform.figures([video_id for _, video_id in some])
        with desk.record.write() as session:
            counted = []
            for publication in figures.with_horizons(session, [each for each, _ in some]):
                found = there.get(publication.video_id or "")
                if publication.state != PublicationState.ON_AIR:
                    continue  # a person decided otherwise while we asked
                if found is None:
                    figures.skip(publication, asked_at, cadence)
                else:
                    counted.append((publication, found))
            figures.keep_all(session, counted, asked_at, cadence, zone)
            taken += len(counted)
    return taken


def count_channels(desk: Desk) -> None:
    """Write down each platform's figures of the whole channel."""
    for name, platform in desk.platforms.items():
        asked_at = desk.clock.now()
        there = platform.channel_figures()
        with desk.record.write() as session:
            figures.keep_channel(session, name, there, asked_at)


class CountTick:
    """Counts what is due, whatever happened meanwhile: a restart, days off, a clock that jumped, a silent platform.

    A snapshot stamped by a wrong clock would freeze a wrong horizon for ever: after a jump the clock is held against
    the platform's, and nothing is written until they agree.
    """

    def __init__(
        self, desk: Desk, cadence: Cadence, zone: tzinfo, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._desk, self._cadence, self._zone, self._monotonic = desk, cadence, zone, monotonic
        self._paused_until: datetime | None = None
        self._pause = FIRST_PAUSE
        self._channel_at: datetime | None = None
        self._last_tick: tuple[datetime, float] | None = None
        self._clock_checked_at: datetime | None = None

    def tick(self) -> None:
        """One round; what cannot be asked now is asked after a pause that grows."""
        now = self._desk.clock.now()
        jumped = self._jumped(now)
        if jumped:
            # A pause reckoned by the clock before the jump means nothing now.
            self._clock_checked_at = self._paused_until = self._channel_at = None
        if self._paused_until is not None and now < self._paused_until:
            return
        try:
            self._round(now)
        except OutOfQuota as wait:
            self._rest(wait.until - now, wait)
        except PasVuError as passing:
            wished = passing.retry_after_s if isinstance(passing, PlatformBusy) else None
            self._rest(max(self._pause, timedelta(seconds=wished or 0)), passing)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        else:
            self._pause = FIRST_PAUSE

    def _round(self, now: datetime) -> None:
        with self._desk.record.read() as session:
            waiting = bool(figures.due(session, now))
        channel_due = self._channel_at is None or now - self._channel_at >= CHANNEL_EVERY
        if not waiting and not channel_due:
            return
        if not self._clock_agrees(now):
            return
        if waiting:
            count(self._desk, now, cadence=self._cadence, zone=self._zone)
        if channel_due:
            count_channels(self._desk)
            self._channel_at = now

    def _jumped(self, now: datetime) -> bool:
        ticked, self._last_tick = self._last_tick, (now, self._monotonic())
        if ticked is None:
            return True  # a start: nobody knows what the clock did meanwhile
        really_s = self._last_tick[1] - ticked[1]
        thought_s = self._desk.clock.real_s((now - ticked[0]).total_seconds())
        return abs(thought_s - really_s) > CLOCK_MAY_DIFFER_S

    def _clock_agrees(self, now: datetime) -> bool:
        if self._clock_checked_at is not None and now - self._clock_checked_at < CLOCK_CHECKED_EVERY:
            return True
        for name, platform in self._desk.platforms.items():
            gap_s = platform.clock_gap_s()
            if abs(self._desk.clock.real_s(gap_s)) > CLOCK_MAY_DIFFER_S:
                raise PlatformBusy(
                    f"L’horloge de cette machine diffère de celle de {name} de {gap_s:.0f} s : rien n’est compté tant "
                    "qu’elle n’est pas remise à l’heure."
                )
        self._clock_checked_at = now
        return True

    def _rest(self, pause: timedelta, why: PasVuError) -> None:
        log.warning("figures wait %.0f s: %s", pause.total_seconds(), why)
        self._paused_until = self._desk.clock.now() + pause
