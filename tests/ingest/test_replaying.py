"""From a live asked for to its episode: waiting for the site, what comes along, and once only, whatever dies."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import empty_record
from channel.stage import NOW
from pasvu.channel import queries, replays
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode, ReplayRequest
from pasvu.channel.states import JobState, ReplayState
from pasvu.ingest import fetching, moving, replaying
from pasvu.ingest.replaying import ReplaySteps, job_of
from pasvu.ingest.tools import Tools

from .live_site import DURATION_S, LiveSite, serving

pytestmark = [pytest.mark.media, pytest.mark.jail]


@pytest.fixture
def site(lives: Path, tmp_path: Path) -> Iterator[LiveSite]:
    # A copy: these tests change what the site serves.
    with serving(shutil.copytree(lives, tmp_path / "lives")) as running:
        yield running


class Desk:
    """A home where lives are asked for and fetched, one attempt at a time."""

    def __init__(self, home: Path, tools: Tools, site: LiveSite) -> None:
        folders = Folders(home)
        folders.make()
        self.record, self.clock = Record(empty_record.lay(home)), SetClock(NOW)
        zone = ZoneInfo("Europe/Paris")
        self.steps = ReplaySteps(self.record, folders, self.clock, lambda: tools, zone, egress=site.egress)

    def ask(self, address: str) -> str:
        with self.record.write() as session:
            return replays.ask(session, address, NOW, "nadia", allowed=True, any_site=True, programme="directs").id

    def attempt(self, request_id: str) -> str:
        """What the tick and the job do, without the engine between them."""
        with self.record.write() as session:
            request = replays.find(session, request_id)
            replays.wake(request, self.clock.now())
            job_id = job_of(request)
        outcome = self.steps.fetch(request_id, job_id)
        return self.steps.take(request_id, job_id) if outcome == JobState.DONE else outcome

    def row(self, request_id: str) -> queries.ReplayRow:
        with self.record.read() as session:
            return queries.replay_row(session.get_one(ReplayRequest, request_id), self.clock.now())

    def episodes(self) -> list[Episode]:
        with self.record.read() as session:
            found = session.query(Episode).all()
            for episode in found:
                _ = episode.recording.parts, episode.chapters, episode.captions, episode.remarks, episode.thumbnails
                _ = episode.programme
            return found


@pytest.fixture
def desk(tools: Tools, site: LiveSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(fetching, "PATIENCE_S", 0.01)
    made = Desk(tmp_path / "home", tools, site)
    yield made
    made.record.close()


def test_a_live_waits_until_it_is_over_and_becomes_an_episode(desk: Desk, site: LiveSite) -> None:
    finished = (site.folder / "master.m3u8").read_bytes()
    (site.folder / "master.m3u8").write_bytes((site.folder / "live.m3u8").read_bytes())
    request_id = desk.ask(site.address("master.m3u8"))
    assert desk.attempt(request_id) == JobState.LATER
    row = desk.row(request_id)
    assert row.state is ReplayState.WAITING
    assert row.next_try_at == NOW + timedelta(minutes=5)
    assert "n’est pas terminé" in (row.reason or "")
    (site.folder / "master.m3u8").write_bytes(finished)
    desk.clock.set(NOW + timedelta(minutes=5))
    assert desk.attempt(request_id) == JobState.DONE
    row = desk.row(request_id)
    assert (row.state, row.percent, row.missing_s) == (ReplayState.RECEIVED, 100, None)
    (episode,) = desk.episodes()
    assert row.episode is not None
    assert row.episode.id == episode.id
    assert episode.recording.origin == "replay"
    assert episode.programme is not None
    assert episode.programme.slug == "directs"
    assert [caption.language for caption in episode.captions] == ["fr"]
    assert "Bonsoir" in Path(episode.captions[0].path).read_text()
    part = episode.recording.parts[0]
    assert part.claimed_at is not None
    assert Path(part.path).stat().st_size == part.bytes
    assert not desk.steps.folder(request_id).exists()


def test_a_short_live_is_asked_for_again_then_taken_with_a_word(
    desk: Desk, site: LiveSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "SHORT_TRIES", 1)
    request_id = desk.ask(site.address("short.html"))
    assert desk.attempt(request_id) == JobState.LATER
    assert "qu’une partie de ce direct" in (desk.row(request_id).reason or "")

    # The disk refuses: nothing of it is left, and a person may try again.
    def refuse(*_args: object, **_options: object) -> None:
        raise OSError("no")

    desk.clock.set(NOW + timedelta(minutes=5))
    with monkeypatch.context() as patched:
        patched.setattr(moving, "bring", refuse)
        assert desk.attempt(request_id) == JobState.FAILED
    assert (desk.row(request_id).state, desk.episodes()) == (ReplayState.FAILED, [])
    with desk.record.write() as session:
        replays.retry(session, replays.find(session, request_id), NOW, "nadia")

    # Killed while it takes the film in: the episode is there, its file is not.
    def die(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(moving, "bring", die)
        with pytest.raises(KeyboardInterrupt):
            desk.attempt(request_id)
    with desk.record.read() as session:
        job_id = job_of(replays.find(session, request_id))
    assert desk.row(request_id).state is ReplayState.RECEIVED
    desk.steps.take(request_id, job_id)
    (episode,) = desk.episodes()
    assert (episode.title, episode.recorded_on) == ("Le grand direct d’Angoulême", "2026-11-20")
    assert [mark.title for mark in episode.chapters] == ["Ouverture", "Questions de la salle", "Fin"]
    assert "débat" in episode.summary
    assert episode.thumbnails[0].chosen
    remarks = " ".join(remark.text for remark in episode.remarks)
    assert site.address("short.html") in remarks
    assert "Il manque 9:3" in remarks
    row = desk.row(request_id)
    assert row.missing_s == pytest.approx(600 - DURATION_S, abs=0.2)
    assert Path(episode.recording.parts[0].path).exists()


def test_stopped_by_a_person_it_stops_and_keeps_what_is_there(desk: Desk, site: LiveSite) -> None:
    site.bytes_per_s = (site.folder / "plain.mp4").stat().st_size // 3
    request_id = desk.ask(site.address("plain.mp4"))
    stopping = partial(desk.steps._listener, request_id)

    def cancelled_on_the_way(*args: str) -> object:
        heard = stopping(*args[1:])

        def stop() -> bool:
            if list(desk.steps.folder(request_id).glob("*.part")):
                with desk.record.write() as session:
                    request = replays.find(session, request_id)
                    if request.state is ReplayState.FETCHING:
                        replays.cancel(session, request, NOW, "karim")
            return heard()

        return stop

    object.__setattr__(desk.steps, "_listener", cancelled_on_the_way)
    assert desk.attempt(request_id) == JobState.CANCELLED
    assert desk.row(request_id).state is ReplayState.CANCELLED
    assert list(desk.steps.folder(request_id).glob("*.part"))
    assert desk.episodes() == []


def test_cookies_that_others_may_read_are_not_used(desk: Desk, site: LiveSite) -> None:
    path = desk.steps.folders.cookies_of("facebook")
    path.write_text(".facebook.com\tTRUE\t/\tTRUE\t0\txs\tSECRET\n")
    path.chmod(0o644)
    desk.steps = replace(desk.steps, cookies=True)
    request = desk.ask("https://www.facebook.com/pasvu/videos/1")
    assert desk.attempt(request) == JobState.FAILED
    assert "chmod 600" in (desk.row(request).reason or "")
    assert not site.asked


def test_an_older_attempt_has_nothing_to_say(desk: Desk, site: LiveSite) -> None:
    request_id = desk.ask(site.address("plain.mp4"))
    with desk.record.write() as session:
        old = job_of(replays.find(session, request_id))
        replays.cancel(session, replays.find(session, request_id), NOW, "karim")
        replays.retry(session, replays.find(session, request_id), NOW, "karim")
    assert desk.steps.fetch(request_id, old) == JobState.CANCELLED
    assert not site.asked


def test_stopped_and_tried_again_at_once_two_attempts_never_write_together(
    desk: Desk, site: LiveSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, at_work, most = fetching.fetch, [0], [0]

    def counted(*args: Any, **options: Any) -> fetching.Fetched:
        at_work[0] += 1
        most[0] = max(most[0], at_work[0])
        try:
            return real(*args, **options)
        finally:
            at_work[0] -= 1

    monkeypatch.setattr(fetching, "fetch", counted)
    whole = (site.folder / "plain.mp4").read_bytes()
    site.bytes_per_s = len(whole) // 3
    request_id = desk.ask(site.address("plain.mp4"))
    with ThreadPoolExecutor() as pool:
        first = pool.submit(desk.attempt, request_id)
        until(lambda: bool(list(desk.steps.folder(request_id).glob("*.part"))), first)
        with desk.record.write() as session:
            replays.cancel(session, replays.find(session, request_id), NOW, "karim")
            replays.retry(session, replays.find(session, request_id), NOW, "karim")
        site.bytes_per_s = None
        assert desk.attempt(request_id) == JobState.DONE
        assert first.result() == JobState.CANCELLED
    assert most == [1]
    (episode,) = desk.episodes()
    assert Path(episode.recording.parts[0].path).read_bytes() == whole


def until(there: Callable[[], bool], work: Future[str]) -> None:
    while not there():
        assert not work.done()
        time.sleep(0.02)
