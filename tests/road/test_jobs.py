"""Jobs stopped, tried again, and shared by two workers."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pasvu.channel.settings import load
from pasvu.channel.states import EpisodeState
from pasvu.door.house import opened
from pasvu.door.jobs import Work

from .conftest import Clip
from .product import HASTY, Home, until

pytestmark = pytest.mark.media

DEAD_WITHIN_S = 2.0


@pytest.fixture
def long_film(make: Callable[..., bytes]) -> bytes:
    """A recording whose picture must be made anew, which takes a while."""
    picture = ("-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=30", "-f", "lavfi", "-i", "sine=300:r=48000:d=30")
    return make("long.avi", *picture, "-c:v", "mpeg4", "-q:v", "9", "-c:a", "mp3")


def test_a_stopped_job_ends_at_once_and_can_be_taken_up_again(home: Home, long_film: bytes) -> None:
    home.drop(long_film, "Long entretien.avi")
    with home.running() as product, opened(load(home.path, home.environ)) as house:
        product.ready()
        work = Work(house)
        until(lambda: "encode" in home.steps().values() and home.tools(), "the encode runs")
        (job,) = [each for each in work.list() if each.kind == "ingest"]
        assert job.step == "encode"
        begun = time.monotonic()
        work.cancel(job.id, "test")
        until(lambda: not home.tools(), "the encode dies", DEAD_WITHIN_S - (time.monotonic() - begun))
        (episode,) = home.episodes()
        assert (episode.state, episode.job_state) == (EpisodeState.PROCESSING, "cancelled")
        assert episode.state_reason == "Préparation arrêtée par test."
        assert Path(episode.recording.parts[0].path).read_bytes() == long_film
        # Longer than a tick: nothing takes it up by itself.
        time.sleep(1.5)
        assert not home.tools()

        home.call("job", "retry", job.id)
        before = until(lambda: "encode" in home.steps().values() and home.tools(), "the encode runs again")
        again = next(each for each in work.list() if each.kind == "ingest")
        assert again.id != job.id
        # Stopped and tried again within one look of the running step at the record: it must not run beside itself.
        work.cancel(again.id, "test")
        work.retry(again.id, "test")
        until(lambda: not set(before) & set(home.tools()), "the second encode dies", DEAD_WITHIN_S + 1)
        until(home.settled, "prepared by the third")
        (episode,) = home.episodes()
        assert (episode.state, episode.job_state) == (EpisodeState.IN_REVIEW, None)
        assert [made.kind for made in episode.renditions].count("master") == 1
        assert not list((home.path / "renditions" / episode.id).glob(".*.part"))


def test_two_workers_share_and_one_takes_over_from_the_other(home: Home, clip: Clip) -> None:
    with (
        home.running("worker", program=HASTY) as first,
        home.running("worker", program=HASTY) as second,
    ):
        first.ready()
        second.ready()
        files = []
        for number in range(1, 4):
            path = home.path.parent / f"Partage {number}.mp4"
            path.write_bytes(clip(number))
            files.append(path)
        home.call("ingest", *files)
        # Both take work, and whoever holds the heavy part is killed in the midst of it.
        owners = until(lambda: _render_owners(home), "a cut is being made")
        slots = {_slot(home, product.process.pid): product for product in (first, second)}
        killed = slots.pop(next(iter(owners)))
        killed.kill()
        (survivor,) = slots.values()
        until(lambda: home.settled() or survivor.process.poll() is not None, "the other one finishes everything")
        assert survivor.process.poll() is None, survivor.said
        for episode in home.episodes():
            assert episode.state == EpisodeState.IN_REVIEW, episode.state_reason
            happened = Counter(home.journal(episode.id))
            assert set(happened.values()) == {1}, happened
            assert [made.kind for made in episode.renditions] == ["master"]
        assert not home.tools()


def _render_owners(home: Home) -> set[str]:
    """Executors of the cuts being made now."""
    with home.record.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT executor_id FROM workflow_status WHERE name = 'ingest.render' AND status = 'PENDING'"
        )
        return {str(row[0]) for row in rows}


def _slot(home: Home, pid: int) -> str:
    for lock in (home.path / "run").glob("worker-*.lock"):
        if lock.read_text() == str(pid):
            return f"{os.uname().nodename}:{lock.stem.rpartition('-')[2]}"
    raise AssertionError(f"process {pid} holds no slot")
