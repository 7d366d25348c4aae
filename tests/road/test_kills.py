"""The product killed with SIGKILL again and again, at random moments of the whole road: nothing lost, nothing twice.

`PASVU_CAMPAIGN=100` kills a hundred times instead of six; `PASVU_SEED` chooses other moments.
"""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pasvu.channel import publications, review
from pasvu.channel.models import Episode, Publication
from pasvu.channel.states import EpisodeState, PublicationState

from .conftest import Clip
from .product import Home, Running, until

pytestmark = pytest.mark.media

KILLS = int(os.environ.get("PASVU_CAMPAIGN", "6"))
SEED = int(os.environ.get("PASVU_SEED", "23"))
AHEAD = timedelta(hours=6)
PARIS = ZoneInfo("Europe/Paris")
STEPS = ("inspect", "render", "propose", "measure", "render")
UNDER_WAY = (EpisodeState.RECEIVED, EpisodeState.PROCESSING)
# A chunk that takes its time, so that kills strike between two of them too.
SLOW = {"method": "youtube.videos.insert.chunk", "do": "slow", "seconds": 0.15, "times": 100_000}

Mark = tuple[int, int]


class Campaign:
    """One home under fire: what was dropped, what was being done at each kill, what was already done then."""

    def __init__(self, home: Home, clip: Clip) -> None:
        self.home, self._clip = home, clip
        self.random = random.Random(SEED)
        self.sent: dict[bytes, str] = {}
        self.struck: Counter[str] = Counter()
        self.done: dict[Path, Mark] = {}

    def drop(self) -> None:
        number = len(self.sent) + 1
        name = f"Émission {number}.mp4".encode()
        self.sent[name] = hashlib.sha256(self._clip(number)).hexdigest()
        self.home.drop(self._clip(number), name)

    def strike_start(self, product: Running) -> None:
        """Kill while it starts."""
        time.sleep(self.random.uniform(0.1, 3))
        self._kill(product)

    def strike_ingest(self, product: Running, step: str) -> None:
        """Kill while a recording is prepared, at this step if it is still to come."""
        if all(episode.state not in UNDER_WAY for episode in self._there()) and not self._dropped():
            self.drop()
        product.ready()
        until(lambda: self._at(step) or (self._there() and self.home.settled()), f"{step} or the end")
        time.sleep(self.random.uniform(0, 0.7))
        self._kill(product)

    def strike_publish(self, product: Running) -> None:
        """Kill while a master is sent, dressed or handed over."""
        product.ready()
        if not self._sending():
            until(self._plan_one, "an episode to plan")
        until(lambda: self._at("upload") or not self._sending(), "upload or the end")
        time.sleep(self.random.uniform(0, 1.5))
        self._kill(product)

    def plan_all(self) -> None:
        while self._plan_one():
            pass

    def _kill(self, product: Running) -> None:
        product.kill()
        steps = self.home.steps() if (self.home.path / "pasvu.db").exists() else {}
        self.struck.update(steps.values() or ["nothing"])
        assert until(lambda: not self.home.tools(), "every media tool dies with the product", 2)
        self._look_back()

    def _look_back(self) -> None:
        """What was done before stays as it was: the same file, never written again."""
        for path, mark in self.done.items():
            assert _mark(path) == mark, f"{path.name} was made twice"
        for episode in self._there():
            if episode.recording.measured_at is not None:
                path = self.home.path / "renditions" / episode.id / "measures.json"
                self.done[path] = _mark(path)
            for path in (*(made.path for made in episode.renditions), *(still.path for still in episode.thumbnails)):
                self.done[Path(path)] = _mark(Path(path))

    def _there(self) -> list[Episode]:
        return self.home.episodes() if (self.home.path / "pasvu.db").exists() else []

    def _dropped(self) -> bool:
        return self.home.depot.exists() and any(path.is_file() for path in self.home.depot.iterdir())

    def _sending(self) -> bool:
        under_way = (PublicationState.PLANNED, PublicationState.UPLOADING)
        return any(each.state in under_way for episode in self._there() for each in episode.publications)

    def _plan_one(self) -> bool:
        now = datetime.now(UTC).replace(microsecond=0)
        with self.home.record.write() as session:
            for episode in self.home.episodes():
                if episode.state == EpisodeState.IN_REVIEW:
                    found = session.get_one(Episode, episode.id)
                    review.approve(session, found, now, "test")
                    publications.schedule(session, found, "youtube", now + AHEAD, PARIS, now, "test")
                    return True
        return False

    def _at(self, step: str) -> bool:
        return step in self.home.steps().values()


def _mark(path: Path) -> Mark:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def test_killed_at_random_moments_of_the_whole_road(home: Home, clip: Clip) -> None:
    campaign = Campaign(home, clip)
    campaign.drop()
    with home.running(upload_chunk_mib="0.25") as product:
        product.ready()
        home.order_trouble(SLOW)
        campaign.drop()
        campaign.strike_ingest(product, "identify")
    for number in range(1, KILLS):
        with home.running(upload_chunk_mib="0.25") as product:
            if number % 6 == 5:
                campaign.strike_start(product)
            elif number % 3 == 2:
                campaign.strike_publish(product)
            else:
                campaign.strike_ingest(product, STEPS[number % len(STEPS)])

    with home.running(upload_chunk_mib="0.25") as product:
        product.ready()
        until(lambda: len(home.episodes()) == len(campaign.sent), "every file taken")
        until(home.settled, "every recording prepared")
        campaign.plan_all()
        until(lambda: _all_published(home, PublicationState.HELD), "every master held by the platform")
        campaign._look_back()
        _check_record(home, campaign)
        _check_platform(home, {"private"})
        assert product.end() == 0
    if KILLS >= 12:
        assert {"measure", "render", "upload"} <= set(campaign.struck), campaign.struck
    assert sum(campaign.struck.values()) >= KILLS
    print(f"{KILLS} kills, seed {SEED}, {len(campaign.sent)} files: {dict(campaign.struck)}")

    # The instant passes: the same home, six hours and a bit later.
    late = str((AHEAD + timedelta(minutes=30)).total_seconds())
    with home.running(clock_offset_s=late) as product:
        product.ready()
        until(lambda: _all_published(home, PublicationState.ON_AIR), "every episode seen on air")
        _check_platform(home, {"private", "public"})


def _all_published(home: Home, state: PublicationState) -> bool:
    found: list[Publication] = [each for episode in home.episodes() for each in episode.publications]
    failed = [each.state_reason for each in found if each.state == PublicationState.FAILED]
    assert not failed, failed
    return all(each.state == state for each in found)


def _check_record(home: Home, campaign: Campaign) -> None:
    episodes = home.episodes()
    assert sorted(episode.recording.parts[0].name for episode in episodes) == sorted(campaign.sent)
    for episode in episodes:
        (part,) = episode.recording.parts
        assert part.sha256 == campaign.sent[part.name]
        assert hashlib.sha256(Path(part.path).read_bytes()).hexdigest() == part.sha256
        happened = Counter(home.journal(episode.id))
        assert happened["episode.received", None] == 1
        assert happened["episode.state", "processing"] == 1
        assert happened["episode.state", "in_review"] == 1
        assert happened["publication.sent", None] == 1
        assert happened["job.stopped", None] == 0
        assert [made.kind for made in episode.renditions] == ["master"]
        folder = home.path / "renditions" / episode.id
        assert not [path for path in folder.rglob("*") if path.name.endswith(".part")], "work left behind"
    assert not [path for path in home.depot.rglob("*") if path.is_file()]
    assert not list((home.path / "quarantine").iterdir())


def _check_platform(home: Home, privacies: set[str]) -> None:
    """One video an episode, its bytes whole, and public from its instant on only."""
    there = {video["id"]: video for video in home.held("videos")["videos"]}
    found = home.episodes()
    assert len(there) == len(found)
    for episode in found:
        (publication,) = episode.publications
        master = episode.rendition("master")
        assert master is not None
        assert publication.video_id is not None
        assert publication.scheduled_at is not None
        video = there[publication.video_id]
        assert video["sha256"] == master.sha256
        assert video["title"] == episode.title
        assert {moment["privacy"] for moment in video["history"]} == privacies
        public = [moment["at"] for moment in video["history"] if moment["privacy"] == "public"]
        assert all(datetime.fromisoformat(at) >= publication.scheduled_at for at in public)
