"""What the publish tests share: a record, a clock set by hand, a platform in memory, and the whole road in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from channel.opening import database_url, fresh_url, record
from channel.stage import AIR, NOW, PARIS, scheduled
from pasvu.channel import due
from pasvu.channel.audience import USUAL_CADENCE
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.engine import Jobs
from pasvu.channel.models import Publication
from pasvu.channel.states import JobState
from pasvu.publish.counting import CountTick
from pasvu.publish.desk import Desk
from pasvu.publish.steps import PublishSteps
from pasvu.publish.workflow import PublishTick

from .fake import EVERY, FakeJobs, FakePlatform

__all__ = ["database_url", "fresh_url", "record"]

MARGIN = timedelta(seconds=60)


@dataclass
class House:
    """Everything a publication meets."""

    record: Record
    clock: SetClock
    platform: FakePlatform
    jobs: FakeJobs
    steps: PublishSteps
    tick: PublishTick
    counting: CountTick
    desk: Desk
    folder: Path

    def schedule(self, title: str = "Le grand débat", *, at: datetime = AIR) -> int:
        with self.record.write() as session:
            return scheduled(session, title, at=at, now=self.clock.now(), folder=self.folder).id

    def road(self, publication_id: int) -> str:
        """What the engine runs for one publication."""
        outcome = self.steps.send(publication_id, "job")
        if outcome == JobState.DONE:
            outcome = self.steps.dress(publication_id)
            if outcome in (JobState.DONE, JobState.LATER):
                outcome = self.steps.hold(publication_id)
        return outcome

    def hold(self, title: str = "Le grand débat", *, at: datetime = AIR) -> int:
        """A publication that the platform holds."""
        publication_id = self.schedule(title, at=at)
        assert self.road(publication_id) == JobState.DONE
        return publication_id

    def get(self, publication_id: int) -> Publication:
        """What the record says of it."""
        with self.record.read() as session:
            found = session.get_one(Publication, publication_id)
            found.episode.thumbnails  # noqa: B018 - read while the session is open
            found.horizons  # noqa: B018
            return found

    def nothing_to_tell(self) -> bool:
        """Whether the platforms hold what people last decided."""
        with self.record.read() as session:
            return not due.unsettled(session, self.clock.now())

    @contextmanager
    def decide(self, publication_id: int) -> Iterator[tuple[Any, Publication]]:
        """A person acts on it."""
        with self.record.write() as session:
            yield session, session.get_one(Publication, publication_id)

    def decides(self, publication_id: int, act: Callable[[Any, Publication], None]) -> None:
        with self.decide(publication_id) as (session, publication):
            act(session, publication)


@pytest.fixture
def house(record: Record, tmp_path: Path) -> House:
    clock = SetClock(NOW)
    platform, jobs = FakePlatform(clock), FakeJobs()
    desk = Desk(record, clock, {"youtube": platform}, MARGIN, report_every=timedelta())
    folder = tmp_path / "renditions"
    folder.mkdir()
    tick = PublishTick(desk, cast(Jobs, jobs), EVERY)
    counting = CountTick(desk, USUAL_CADENCE, PARIS)
    return House(record, clock, platform, jobs, PublishSteps(desk), tick, counting, desk, folder)
