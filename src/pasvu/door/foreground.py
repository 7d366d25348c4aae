"""Doing the work in the foreground when no other process of this home does it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from sqlalchemy import select

from pasvu.channel import due, engine, replays
from pasvu.channel.models import Episode, JobProgress
from pasvu.channel.states import EpisodeState, ReplayState
from pasvu.door.house import House
from pasvu.door.product import Product

LOOK_EVERY_S = 0.3


@contextmanager
def someone_works(house: House) -> Iterator[None]:
    """Inside, jobs are done: by the product if it runs, else by this very process."""
    if engine.worker_runs(house.folders.run):
        yield
        return
    product = Product(house)
    product.rehearse()
    product.work()
    try:
        yield
    finally:
        product.stop()


def until_reviewable(house: House, ids: Sequence[str]) -> None:
    """Wait until each episode is ready to review, or has stopped for a person; progress on stderr."""
    with someone_works(house), _bars() as bars:
        shown: dict[str, TaskID] = {}
        _until(lambda: _arrived(house, ids, bars, shown))


def until_fetched(house: House, request_id: str, *, patient: bool) -> None:
    """Wait until a live is an episode or has stopped; the impatient do not wait for a site that is not ready."""
    with someone_works(house), _bars() as bars:
        shown = bars.add_task("replay", total=1.0)

        def ended() -> bool:
            with house.record.read() as session:
                request = replays.find(session, request_id)
            bars.update(shown, completed=request.share or 0.0, description=request.reason or "replay")
            going_on = {ReplayState.ASKED, ReplayState.FETCHING} | ({ReplayState.WAITING} if patient else set())
            return request.state not in going_on

        _until(ended)


def until_published(house: House) -> None:
    """Wait until nothing of what is planned needs this process any more."""
    with someone_works(house):
        time.sleep(LOOK_EVERY_S)
        _until(lambda: _nothing_due(house))


def _arrived(house: House, ids: Sequence[str], bars: Progress, shown: dict[str, TaskID]) -> bool:
    with house.record.read() as session:
        found = session.scalars(select(Episode).where(Episode.id.in_(ids))).all()
        rows = session.scalars(select(JobProgress).where(JobProgress.episode_id.in_(ids))).all()
    for row in rows:
        if row.job_id not in shown:
            shown[row.job_id] = bars.add_task(row.step, total=1.0)
        bars.update(shown[row.job_id], description=row.step, completed=row.share or 0.0)
    under_way = (EpisodeState.RECEIVED, EpisodeState.PROCESSING)
    return all(episode.state not in under_way or episode.job_state is not None for episode in found)


def _nothing_due(house: House) -> bool:
    now = house.clock.now()
    with house.record.read() as session:
        return not (due.for_upload(session, now) or due.unsettled(session, now) or due.to_be_seen(session, now))


def _until(there: Callable[[], bool]) -> None:
    while not there():
        time.sleep(LOOK_EVERY_S)


def _bars() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        console=Console(file=sys.stderr),
        transient=True,
    )
