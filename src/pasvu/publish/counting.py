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
from pasvu.publish.trust import Rest, Trust

log = logging.getLogger(__name__)

CHANNEL_EVERY = timedelta(hours=1)


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

    A snapshot stamped by a wrong clock would freeze a wrong horizon for ever: after a jump nothing is written until
    the clock agrees with the platform's.
    """

    def __init__(
        self, desk: Desk, cadence: Cadence, zone: tzinfo, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._desk, self._cadence, self._zone = desk, cadence, zone
        self._trust, self._rest = Trust(desk, monotonic), Rest(desk.clock)
        self._channel_at: datetime | None = None

    def tick(self) -> None:
        """One round; what cannot be asked now is asked after a pause that grows."""
        now = self._desk.clock.now()
        if self._trust.jumped(now):
            # A pause reckoned by the clock before the jump means nothing now.
            self._rest.end()
            self._channel_at = None
        if self._rest.lasts(now):
            return
        try:
            self._round(now)
        except PasVuError as passing:
            self._rest.after(passing, now)
            log.warning("figures wait: %s", passing)
        else:
            self._rest.end()

    def _round(self, now: datetime) -> None:
        with self._desk.record.read() as session:
            waiting = bool(figures.due(session, now))
        channel_due = self._channel_at is None or now - self._channel_at >= CHANNEL_EVERY
        if not waiting and not channel_due:
            return
        self._trust.check(now)
        if waiting:
            count(self._desk, now, cadence=self._cadence, zone=self._zone)
        if channel_due:
            count_channels(self._desk)
            self._channel_at = now
