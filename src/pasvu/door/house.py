"""The wiring: settings become folders, clock, record, jobs and platforms; opened once by each process."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from pasvu.channel import migrations
from pasvu.channel.clock import Clock, WallClock
from pasvu.channel.database import Record, driver_url, prepare_file
from pasvu.channel.folders import Folders
from pasvu.channel.settings import Settings
from pasvu.door.presence import present
from pasvu.ingest.tools import Tools, find_tools
from pasvu.publish.desk import Desk
from pasvu.publish.ledger import Ledger
from pasvu.publish.platform import Platform

if TYPE_CHECKING:
    from pasvu.channel.engine import Jobs, Worker
    from pasvu.door.connection import Connection
    from pasvu.ingest.replaying import ReplaySteps


@dataclass(frozen=True)
class House:
    """Everything that the rooms are given.

    The engine and Google's client each take a third of a second to import: they come at first use, so that a
    command that only reads the record answers at once.
    """

    settings: Settings
    folders: Folders
    clock: Clock
    record: Record

    @cached_property
    def jobs(self) -> Jobs:
        """Durable jobs, asked for and looked at."""
        from pasvu.channel.engine import Jobs

        return Jobs(self.record.url)

    @cached_property
    def tools(self) -> Tools:
        """ffmpeg and ffprobe, looked for at first use."""
        chosen = self.settings
        return find_tools(
            str(chosen.ffmpeg) if chosen.ffmpeg else None, str(chosen.ffprobe) if chosen.ffprobe else None
        )

    @cached_property
    def ledger(self) -> Ledger:
        """What YouTube's quota has been spent on."""
        from pasvu.publish.youtube import quota

        return Ledger(self.record, self.clock, "youtube", quota, {"general": self.settings.quota_reserve})

    @cached_property
    def connection(self) -> Connection:
        """The authorisation of the channel, and the stand-in while rehearsing."""
        from pasvu.door.connection import Connection

        return Connection(self.settings, self.folders, self.clock, self.ledger, self.record)

    @property
    def platforms(self) -> Mapping[str, Platform]:
        """The platforms that episodes go to."""
        return self.connection

    @cached_property
    def desk(self) -> Desk:
        """What publishing works with."""
        terms = self.settings.terms
        return Desk(self.record, self.clock, self.platforms, terms.margin, terms.hours, safe=self.connection.addresses)

    @cached_property
    def replay_steps(self) -> ReplaySteps:
        """What fetching a live works with."""
        from pasvu.ingest.replaying import ReplaySteps

        floor = int(self.settings.free_disk_gib * 1024**3)
        zone, cookies = self.settings.zone, self.settings.replay_cookies
        return ReplaySteps(self.record, self.folders, self.clock, lambda: self.tools, zone, floor, cookies=cookies)

    def worker(self) -> Worker:
        """This process as a worker."""
        from pasvu.channel.engine import Worker

        at_once = self.settings.uploads_at_once
        return Worker(driver_url(self.settings.url), self.folders.run, uploads_at_once=at_once)


@contextmanager
def opened(settings: Settings) -> Iterator[House]:
    """The house, its folders made and its tables up to date."""
    folders = Folders(settings.home.absolute())
    folders.make()
    for watched in settings.watch_dirs:
        watched.mkdir(parents=True, exist_ok=True)
    with present(folders.run):
        url = driver_url(settings.url)
        prepare_file(url)
        if not migrations.is_current(url):
            from pasvu.channel.engine import prepare_tables

            migrations.upgrade(url, folders.run)
            prepare_tables(url)
        record = Record(url)
        house = House(settings, folders, clock_of(settings, folders), record)
        try:
            yield house
        finally:
            if "connection" in house.__dict__:
                house.connection.close()
            if "jobs" in house.__dict__:
                house.jobs.close()
            record.close()


def clock_of(settings: Settings, folders: Folders) -> Clock:
    """The product's clock; processes of one home that speed it up agree on when that began."""
    if settings.clock_rate == 1:
        return WallClock(offset_s=settings.clock_offset_s)
    wanted = {"rate": settings.clock_rate, "offset_s": settings.clock_offset_s}
    with (folders.run / "clock.json").open("a+") as file:
        # Two processes started at once would each write their own beginning.
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        kept = json.loads(file.read() or "{}")
        if {key: kept.get(key) for key in wanted} != wanted:
            kept = {**wanted, "anchor": datetime.now(UTC).isoformat()}
            file.truncate(0)
            file.write(json.dumps(kept))
    return WallClock(settings.clock_offset_s, settings.clock_rate, datetime.fromisoformat(kept["anchor"]))
