"""The live log: broadcasts noticed soon after they start, who watches counted while they are on, ends written down."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from pasvu.channel import figures
from pasvu.channel.errors import PasVuError
from pasvu.channel.values import RemoteLive
from pasvu.publish.desk import Desk
from pasvu.publish.errors import PlatformRefused
from pasvu.publish.platform import Lives
from pasvu.publish.trust import Rest, Trust

log = logging.getLogger(__name__)

# A channel that may not broadcast, or an authorisation that does not see it, is asked again when people have had time.
AFTER_REFUSAL = timedelta(hours=12)
# Sending one episode with its captions costs 550 units: what is left below this is kept for publishing.
KEPT_FOR_PUBLISHING = 1000


class LiveTick:
    """Looks for broadcasts every `find_every` (never when zero), and at those that are on every `count_every`.

    `left` says what each bucket of the quota can still pay today.
    """

    def __init__(
        self,
        desk: Desk,
        find_every: timedelta,
        count_every: timedelta,
        left: Callable[[], Mapping[str, int]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk, self._find_every, self._count_every, self._left = desk, find_every, count_every, left
        self._trust, self._rest = Trust(desk, monotonic), Rest(desk.clock)
        self._found_at: datetime | None = None
        self._counted_at: datetime | None = None

    def tick(self) -> None:
        """One round; a platform that is silent leaves a gap, and is asked after a pause that grows."""
        if not self._find_every:
            return
        now = self._desk.clock.now()
        if self._trust.jumped(now):
            self._rest.end()
            self._found_at = self._counted_at = None
        if self._rest.lasts(now):
            return
        finding = self._due(self._found_at, self._find_every, now)
        # Whoever looks for broadcasts looks at them too: then nothing is to be asked of the record.
        if not finding and not self._count_due(now):
            return
        try:
            self._round(now, finding=finding)
        except PlatformRefused as refused:
            self._rest.until(now + AFTER_REFUSAL)
            log.warning("no live log: %s", refused)
        except PasVuError as passing:
            self._rest.after(passing, now)
            log.warning("the live log waits: %s", passing)
        else:
            self._rest.end()

    def _round(self, now: datetime, *, finding: bool) -> None:
        if self._left().get("general", KEPT_FOR_PUBLISHING) < KEPT_FOR_PUBLISHING:
            return
        self._trust.check(now)
        for name, platform in self._desk.platforms.items():
            if not hasattr(platform, "live_audience"):
                continue
            there = cast(Lives, platform)
            on = there.lives() if finding else None
            if on:
                self._notice(name, on, now)
            self._look(name, there, None if on is None else {each.video_id for each in on})
        if finding:
            self._found_at = now
        self._counted_at = now

    def _notice(self, name: str, on: Sequence[RemoteLive], now: datetime) -> None:
        with self._desk.record.write() as session:
            for each in on:
                figures.notice(session, name, each, now)

    def _look(self, name: str, platform: Lives, on: set[str] | None) -> None:
        """One look at each broadcast of the log that is not over; `on` are those listed, when they were asked for."""
        with self._desk.record.read() as session:
            ids = [each.video_id for each in figures.open_lives(session, name)]
        if not ids:
            return
        asked_at = self._desk.clock.now()
        told = platform.live_audience(ids)
        with self._desk.record.write() as session:
            for live in figures.open_lives(session, name):
                if live.video_id not in ids:
                    continue
                said = told.get(live.video_id)
                figures.keep_live(session, live, said, asked_at, self._count_every)
                silent = said is not None and said.watching is None
                if on is not None and live.video_id not in on and live.ended_at is None and silent:
                    # Neither listed nor watched, and no end said: it would be asked for till the end of time.
                    figures.end_unsaid(live)

    def _count_due(self, now: datetime) -> bool:
        if not self._due(self._counted_at, self._count_every, now):
            return False
        with self._desk.record.read() as session:
            return any(figures.open_lives(session, name) for name in self._desk.platforms)

    @staticmethod
    def _due(last: datetime | None, every: timedelta, now: datetime) -> bool:
        return last is None or now - last >= every
