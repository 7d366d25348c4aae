"""Publishing under fire: workers killed again and again, every fault of the line, people changing their minds.

No second video, none damaged, none early; every publication ends on air, or asks a person. The workers are real
processes on a real SQLite record, speaking to the stand-in over a socket with Google's own client.
`PASVU_CAMPAIGN_PUBLISH=1000` kills a thousand times and more instead of a few; `PASVU_SEED` chooses other moments.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from channel import stage
from pasvu.channel import due, episodes, freezes, intake, migrations, publications, review
from pasvu.channel.clock import WallClock
from pasvu.channel.database import Record, prepare_file
from pasvu.channel.engine import prepare_tables
from pasvu.channel.errors import Refused
from pasvu.channel.models import JournalEntry, Publication
from pasvu.channel.states import EpisodeState, PublicationState
from pasvu.channel.values import Loudness
from pasvu.publish import sandbox
from platforms.films import film

P = PublicationState

KILLS = int(os.environ.get("PASVU_CAMPAIGN_PUBLISH", "8"))
SEED = int(os.environ.get("PASVU_SEED", "23"))
JOBS = max(8, KILLS if KILLS <= 200 else 200 + (KILLS - 200) // 4)
PATIENCE_S = float(os.environ.get("PASVU_PATIENCE_S", "120")) * max(1, KILLS // 50)
# Minutes each second: instants come and go, and platforms process, while workers die.
RATE = 240.0 if KILLS < 50 else 120.0
CHUNK = 256 * 1024
DURATION_S = 60
RULES = sandbox.Rules(
    quota=dict.fromkeys(("insert", "search", "stats", "default"), 10**9),
    uploads_per_day=10**9,
    processing_base_s=60,
    playlist_lag_s=90,
)
# What the alarm says before an unwanted publication, and of a quota that the platform says is spent (not our ledger).
UNMEANT = "à une heure que personne ne veut plus"
SPENT_THERE = "Le quota YouTube du projet Google est épuisé"
PUBLISHER = Path(__file__).with_name("publisher.py")

ANYWHERE = ("503", "500:backendError", "429:rateLimitExceeded", "403:userRateLimitExceeded", "drop", "lose_answer")
FAULTS: dict[str, tuple[str, ...]] = {
    "youtube.videos.insert": ("503", "drop", "lose_answer", "409:alreadyExists", "401", "403:quotaExceeded"),
    "youtube.videos.insert.chunk": (
        *("503", "500", "502", "504", "401", "401", "drop", "drop", "drop", "keep_fewer", "lose_answer", "lose_answer"),
        *("lose_answer", "session_gone", "slow", "slow", "slow", "slow", "slow", "slow"),
    ),
    "youtube.videos.insert.status": ("503", "drop", "lose_answer", "session_gone", "401"),
    "youtube.videos.update": (*ANYWHERE, "403:quotaExceeded"),
    "youtube.videos.list": ANYWHERE,
    "youtube.thumbnails.set": (*ANYWHERE, "429:uploadRateLimitExceeded", "403:forbidden"),
    "youtube.channels.list": ANYWHERE,
    "youtube.playlistItems.list": ("503", "drop", "404:playlistNotFound"),
}


class Campaign:
    """One home, its workers, the platform opposite, and what people asked for."""

    def __init__(self, home: Path, seed: int) -> None:
        self.home = home
        self.random = random.Random(seed)
        self.struck: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.decided: Counter[str] = Counter()
        self.kills = 0
        self.films: dict[str, str] = {}
        """SHA-256 of each episode's master."""
        self.offset = timedelta()
        self._anchor = datetime.now(UTC)
        for folder in ("run", "masters", "sandbox"):
            (home / folder).mkdir(parents=True)
        url = f"sqlite:///{home / 'pasvu.db'}"
        prepare_file(url)
        migrations.upgrade(url, home / "run")
        prepare_tables(url)
        self.record = Record(url)
        self._picture = home / "still.jpg"
        Image.new("RGB", (640, 360), "teal").save(self._picture)
        self._keep_clock()

    @property
    def clock(self) -> WallClock:
        return WallClock(self.offset.total_seconds(), RATE, self._anchor)

    def leap(self, ahead: timedelta) -> None:
        """Everything is later by so much: to be done while nothing runs."""
        self.offset += ahead
        self._keep_clock()

    def _keep_clock(self) -> None:
        kept = {"rate": RATE, "offset_s": self.offset.total_seconds(), "anchor": self._anchor.isoformat()}
        (self.home / "run" / "clock.json").write_text(json.dumps(kept))

    @contextmanager
    def platform(self, **rules: float) -> Iterator[sandbox.Sandbox]:
        kept = replace(RULES, **rules)  # type: ignore[arg-type]
        serving = sandbox.serve(self.home / "sandbox", self.clock, rules=kept)
        self._url = serving.url
        try:
            yield serving
        finally:
            serving.close()

    @contextmanager
    def workers(self, *, naive: bool = False) -> Iterator[Workers]:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PASVU_")}
        settings = {
            "upload_chunk_mib": "0.25",
            "poll_s": "0.3",
            "publish_margin_s": "300",
            "free_disk_gib": "0",
            "uploads_at_once": "4",
            "clock_rate": str(RATE),
            "clock_offset_s": str(self.offset.total_seconds()),
        } | ({"naive": "1"} if naive else {})
        environ |= {f"PASVU_{name.upper()}": value for name, value in settings.items()}
        with (self.home / "workers.log").open("ab") as log:
            started = subprocess.Popen(
                [sys.executable, PUBLISHER, self.home],
                env=environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                bufsize=1,
            )
            workers = Workers(started)
            try:
                yield workers
            finally:
                workers.end()

    def plan(self, count: int, ahead: timedelta, every: timedelta, most_bytes: int = 4 * CHUNK) -> None:
        """So many approved episodes, each with its own film, to air one after the other from `ahead` on."""
        first = len(self.films) + 1
        for number in range(first, first + count):
            with self.record.write() as session:
                title = f"Épisode {number}"
                content = film(self.random.randrange(CHUNK // 2, most_bytes), duration_s=DURATION_S, seed=number)
                path = self.home / "masters" / f"{number}.mp4"
                path.write_bytes(content)
                sha256 = hashlib.sha256(content).hexdigest()
                episode = stage.in_review(session, title, now=self.clock.now(), folder=self.home / "nowhere")
                for made in episode.renditions:
                    session.delete(made)
                session.flush()
                session.expire(episode)
                loudness = Loudness(-14.0, -1.2, 6.0)
                now = self.clock.now()
                intake.keep_rendition(
                    episode, "master", episode.cut, path, len(content), sha256, float(DURATION_S), loudness, now
                )
                for still in episode.thumbnails:
                    still.path = str(self._picture)
                review.approve(session, episode, now, "nadia")
                at = now + ahead + every * (number - first)
                publications.schedule(session, episode, "youtube", at, stage.PARIS, now, "nadia")
                self.films[title] = sha256

    def publications(self) -> list[Publication]:
        with self.record.read() as session:
            wanted = select(Publication).options(joinedload(Publication.episode)).order_by(Publication.id)
            return list(session.scalars(wanted))

    def order_trouble(self, *faults: dict[str, Any]) -> None:
        self._ask("/sandbox/faults", list(faults))

    def peace(self) -> None:
        with urlopen(Request(f"{self._url}/sandbox/faults", method="DELETE"), timeout=30):
            pass

    def more_trouble(self) -> None:
        """A few faults to come, of the moments that matter most often."""
        for _ in range(self.random.randrange(1, 5)):
            method = self.random.choice([*FAULTS, "youtube.videos.insert.chunk", "youtube.videos.insert.chunk"])
            do = self.random.choice(FAULTS[method])
            wanted: dict[str, Any] = {"method": method, "do": do, "times": self.random.choice([1, 1, 1, 2, 5])}
            wanted["after"] = self.random.randrange(0, 6)
            if do == "slow":
                wanted |= {"seconds": self.random.uniform(0.05, 0.4), "times": 3}
            self.order_trouble(wanted)
            self.faults[f"{method.removeprefix('youtube.')} {do}"] += 1

    def lose_one(self) -> None:
        """The last bytes arrive, nobody hears it, and the platform forgets the session."""
        self.order_trouble(
            {"method": "youtube.videos.insert.chunk", "do": "lose_answer", "times": 2, "after": 1},
            {"method": "youtube.videos.insert.status", "do": "session_gone", "times": 1},
        )
        self.faults["videos.insert lost at the end"] += 1

    def decide(self) -> None:
        """A person changes something, as the panel would; only of what airs after the last kill."""
        now = self.clock.now()
        far = [
            each.id
            for each in self.publications()
            if each.scheduled_at is not None and each.scheduled_at > now + timedelta(hours=5)
        ]
        if not far:
            return
        with self.record.write() as session:
            publication = session.get_one(Publication, self.random.choice(far))
            episode = publication.episode
            act = self.random.choice(["retitle", "move", "unschedule", "withdraw", "send back", "freeze", "stop"])
            with suppress(Refused):
                match act:
                    case "retitle":
                        title = f"{episode.title} bis"
                        episodes.edit(session, episode, {"summary": title}, now, "nadia")
                    case "move":
                        at = now + timedelta(hours=self.random.randrange(6, 20))
                        publications.schedule(session, episode, "youtube", at, stage.PARIS, now, "nadia")
                    case "unschedule" if self.decided[act] < JOBS / 20:
                        publications.unschedule(session, episode, None, now, "nadia")
                    case "withdraw" if self.decided[act] < JOBS / 20:
                        review.withdraw(session, episode, now, "nadia")
                    case "send back":
                        review.send_back(session, episode, "À revoir", now, "nadia")
                        review.approve(session, episode, now, "nadia")
                    case "freeze" if publication.scheduled_at is not None:
                        at = publication.scheduled_at
                        made = freezes.add(session, at, at + timedelta(minutes=2), "Silence", now, "nadia")
                        if self.random.random() < 0.8:
                            freezes.lift(session, made, now, "nadia")
                    case "stop" if publication.state == P.UPLOADING and publication.video_id is None:
                        publications.move(session, publication, P.FAILED, now, "Arrêté.", "nadia")
                        publications.retry(session, episode, "youtube", now, "nadia")
                    case _:
                        return
                self.decided[act] += 1

    def answer(self) -> None:
        """What asks and may simply be tried again is; a lost video is never sent again by anybody here."""
        now = self.clock.now()
        with self.record.write() as session:
            for publication in session.scalars(select(Publication).where(Publication.state == P.FAILED)):
                ahead = publication.scheduled_at is not None and publication.scheduled_at > now + timedelta(hours=2)
                if ahead and not publications.is_lost(publication):
                    publications.retry(session, publication.episode, "youtube", now, "nadia")
                    self.decided["try again"] += 1

    def note_the_moment(self) -> None:
        """What the workers have in hand as they die: several things at once, as a rule."""
        with self.record.read() as session:
            wanted = select(Publication).where(Publication.state == P.UPLOADING, Publication.next_try_at.is_(None))
            in_hand = Counter("dress or hold" if each.video_id else "upload" for each in session.scalars(wanted))
        self.struck.update(in_hand.keys() or ["between"])

    def wait_for_work(self, workers: Workers) -> None:
        """Until something is done: a byte confirmed, a state, a line of the journal; or there is nothing to do."""
        before = self._done()

        def done() -> bool:
            workers.keep_one()
            return self._done() != before or self.quiet(alarms_too=False)

        until(done, "a worker at work")

    def _done(self) -> tuple[object, ...]:
        with self.record.read() as session:
            sent = session.scalar(select(func.sum(Publication.uploaded_bytes)))
            return sent, session.scalar(select(func.max(JournalEntry.id)))

    def quiet(self, *, alarms_too: bool = True) -> bool:
        """Whether nothing moves by itself any more before a later hour; an alarm is tried again and again meanwhile."""
        now = self.clock.now()
        with self.record.read() as session:
            all_of_them = list(session.scalars(select(Publication)))
            unsettled = [each for each in due.unsettled(session, now) if alarms_too or not alarming(each)]
            to_do = due.for_upload(session, now) or unsettled
            soon = [
                each.id
                for each in all_of_them
                if each.next_try_at is not None and each.next_try_at < now + timedelta(hours=1)
                if (each.state in (P.PLANNED, P.UPLOADING) and each.scheduled_at)
                or (not each.settled and (alarms_too or not alarming(each)))
            ]
            unseen = [
                each.id
                for each in all_of_them
                if each.state == P.HELD and each.held_at is not None and each.held_at <= now
                if each.checked_at is None or each.checked_at <= each.held_at
            ]
            return not to_do and not soon and not unseen and not due.to_be_seen(session, now)

    def next_taking_back(self) -> datetime | None:
        """When an instant that nobody means any more, and that could not be taken back yet, is tried again."""
        with self.record.read() as session:
            left = [
                each.next_try_at
                for each in session.scalars(select(Publication).where(Publication.settled.is_(False)))
                if each.next_try_at is not None and publications.unmeant_instant(session, each) is not None
            ]
        return min(left, default=None)

    def was_warned(self, publication: Publication, public_at: datetime) -> bool:
        """Whether the alarm sounded before, and for a reason nobody here can mend: the platform's own quota answer."""
        with self.record.read() as session:
            sounded = session.scalars(
                select(JournalEntry).where(
                    JournalEntry.episode_id == publication.episode_id,
                    JournalEntry.action == "publication.alarm",
                    JournalEntry.at < public_at,
                )
            )
            said = [str((entry.after or {}).get("reason")) for entry in sounded]
        return any(UNMEANT in reason and SPENT_THERE in reason for reason in said)

    def videos(self) -> list[dict[str, Any]]:
        with urlopen(f"{self._url}/sandbox/videos", timeout=60) as answer:
            found: list[dict[str, Any]] = json.load(answer)["videos"]
            return found

    def _ask(self, path: str, body: Any) -> None:
        request = Request(f"{self._url}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urlopen(request, timeout=60):
            pass


class Workers:
    """Workers started and killed, frozen and thawed."""

    def __init__(self, zygote: subprocess.Popen[str]) -> None:
        self._zygote = zygote
        self.living: list[int] = []
        self.ended_alone = 0
        """Fenced off: silent for too long while the machine was busy."""
        assert self._say() == "ready", "the publisher did not start: see workers.log"

    def start(self) -> int:
        assert self._zygote.stdin is not None
        self._zygote.stdin.write("start\n")
        worker = int(self._say())
        self.living.append(worker)
        return worker

    def keep_one(self) -> None:
        """Start another when all have ended by themselves, as a service would."""
        if any(_lives(worker) for worker in self.living):
            return
        self.ended_alone += len(self.living)
        self.living.clear()
        self.start()

    def kill(self, worker: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
        end = time.monotonic() + 30
        while _lives(worker):
            assert time.monotonic() < end, "a killed worker is still there"
            time.sleep(0.005)
        self.living.remove(worker)

    def end(self) -> None:
        for worker in list(self.living):
            self.kill(worker)
        self._zygote.kill()
        self._zygote.communicate()

    def _say(self) -> str:
        assert self._zygote.stdout is not None
        return self._zygote.stdout.readline().strip()


def alarming(publication: Publication) -> bool:
    """It cannot be taken back yet: a person is told, and it is tried again and again until its instant."""
    return (publication.state_reason or "").startswith("ALERTE")


def _lives(worker: int) -> bool:
    try:
        os.kill(worker, 0)
    except ProcessLookupError:
        return False
    return True


def until(there: Any, what: str, within_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + within_s
    while not there():
        assert time.monotonic() < end, f"still not: {what}"
        time.sleep(0.2)


def wait_out(campaign: Campaign, workers: Workers) -> None:
    """Several quiet looks in a row; a worker that ended by itself is started again."""
    calm = 0

    def still() -> bool:
        nonlocal calm
        workers.keep_one()
        calm = calm + 1 if campaign.quiet() else 0
        return calm > 5

    until(still, "quiet")


def fire(campaign: Campaign, workers: Workers) -> None:
    """Kill, and kill again; sometimes freeze one worker until another has taken its work over.

    What is planned meanwhile airs, or misses its hour, while workers die; some of it is far enough for people to
    change their minds.
    """
    chance = campaign.random
    owed = 1.0
    for number in range(KILLS):
        # Not all at once: however slow the machine, there is work that may still be in time at every kill.
        owed += JOBS / 2 / KILLS
        soon = chance.uniform(1, 3) if chance.random() < 0.6 else chance.uniform(6, 9)
        campaign.plan(int(owed), timedelta(hours=soon), timedelta(minutes=20))
        owed -= int(owed)
        worker = workers.start()
        second = workers.start() if number % 4 == 3 else None
        campaign.more_trouble()
        if number % 5 == 2:
            campaign.lose_one()
        if number % 3 == 0:
            campaign.decide()
        # However slow the machine: it works before it dies, save those that die while they start.
        if number % 6:
            campaign.wait_for_work(workers)
        time.sleep(chance.uniform(0.0, 1.2))
        if second is not None and number % 8 == 7:
            # One that fell silent for too long on a busy machine has ended by itself: fenced off.
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGSTOP)
            time.sleep(3.0)
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGCONT)
            time.sleep(0.3)
            campaign.struck["frozen"] += 1
        campaign.note_the_moment()
        for each in list(workers.living):
            workers.kill(each)
            campaign.kills += 1


def test_workers_killed_at_random_moments_of_publishing(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path / "home", SEED)
    began = time.monotonic()
    with campaign.platform(), campaign.workers() as workers:
        # These air when all is over; the others while workers die.
        far = timedelta(seconds=KILLS * 12.5 * RATE) + timedelta(hours=12)
        campaign.plan(JOBS - JOBS // 2, far, timedelta(minutes=1))
        fire(campaign, workers)
        campaign.struck["ended by themselves"] += workers.ended_alone
        campaign.peace()
        workers.start()
        wait_out(campaign, workers)
        campaign.answer()
        wait_out(campaign, workers)
    # A later try before an instant that nobody means is not leapt over: leaping there would make the leak.
    while (again := campaign.next_taking_back()) is not None:
        campaign.leap(max(timedelta(), again - campaign.clock.now()))
        with campaign.platform(), campaign.workers() as workers:
            workers.start()
            wait_out(campaign, workers)
    # Every quota is full again, every instant has passed.
    campaign.leap(far + timedelta(hours=72))
    with campaign.platform(), campaign.workers() as workers:
        workers.start()
        wait_out(campaign, workers)
        videos = campaign.videos()
    table = verdict(campaign, videos)
    print(f"\n{len(campaign.films)} jobs, {campaign.kills} kills, seed {SEED}, {time.monotonic() - began:.0f} s")
    print(json.dumps(table, ensure_ascii=False, indent=1))
    if KILLS >= 100:
        assert {"upload", "dress or hold"} <= set(campaign.struck), campaign.struck


def test_the_campaign_would_see_a_sender_that_forgets_its_intent(tmp_path: Path) -> None:
    """The control: one that does not write down that the last bytes leave makes a second video, and is caught."""
    campaign = Campaign(tmp_path / "home", SEED)
    with campaign.platform(playlist_lag_s=10**6), campaign.workers(naive=True) as workers:
        campaign.plan(1, timedelta(days=3), timedelta(), most_bytes=CHUNK)
        campaign.order_trouble(
            {"method": "youtube.videos.insert.chunk", "do": "lose_answer"},
            {"method": "youtube.videos.insert.status", "do": "session_gone", "after": 1},
        )
        workers.start()
        until(lambda: len(campaign.videos()) > 1, "a second video")
        with pytest.raises(AssertionError, match="a second video"):
            verdict(campaign, campaign.videos())


def verdict(campaign: Campaign, videos: list[dict[str, Any]]) -> dict[str, Any]:
    """The bars: they hold, or this fails; then what happened, as a table."""
    by_sha = Counter(video["sha256"] for video in videos)
    found = campaign.publications()
    assert {sha: count for sha, count in by_sha.items() if count > 1} == {}, "a second video"
    assert set(by_sha) <= set(campaign.films.values()), "a damaged video"
    there = {video["id"]: video for video in videos}
    ends: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    warned = 0
    for publication in found:
        title, at = publication.episode.title, publication.scheduled_at
        video = there.get(publication.video_id or "")
        public = (
            [datetime.fromisoformat(m["at"]) for m in video["history"] if m["privacy"] == "public"] if video else []
        )
        if video is not None:
            assert video["sha256"] == campaign.films[title], f"{title} has another's video"
        early = public and (at is None or min(public) < at or publication.state != P.ON_AIR)
        if early and campaign.was_warned(publication, min(public)):
            # The platform let nobody in until after its instant: people were told in time, and it is counted.
            warned += 1
        elif public:
            assert at is not None, f"{title} is public without an instant"
            assert min(public) >= at, f"{title} was early: {min(public)} before {at}"
            assert publication.state == P.ON_AIR, f"{title} is public and {publication.state}"
            assert min(public) - at <= timedelta(minutes=1), f"{title} aired late by itself: {min(public)}, not {at}"
        match publication.state:
            case P.ON_AIR:
                assert public, f"{title} is not on air over there"
            case P.FAILED:
                assert publication.state_reason, f"{title} failed without a word"
                asked[re.sub(r"«.*?»|\d+", "…", publication.state_reason)[:80]] += 1
            case P.HELD:
                # Out of the calendar, or frozen: private, and said.
                assert at is None or publication.state_reason, f"{title} is held and nobody knows why"
                asked.update([(publication.state_reason or "")[:40]] if at is not None else [])
            case P.WITHDRAWN:
                pass
            case P.PLANNED | P.UPLOADING:
                assert at is None or publication.episode.state != EpisodeState.APPROVED, f"{title} is stuck"
        ends[publication.state if at is not None else f"{publication.state}, out of the calendar"] += 1
    orphans = set(there) - {publication.video_id for publication in found}
    for video_id in orphans:
        # Arrived unheard, and a person was asked: private for ever.
        assert {moment["privacy"] for moment in there[video_id]["history"]} == {"private"}
    lost = [publication for publication in found if publications.is_lost(publication)]
    return {
        "second videos": 0,
        "damaged": 0,
        "early": 0,
        "late by themselves": 0,
        "unwanted, refused by the platform until then, with the alarm before": warned,
        "videos": len(videos),
        "ends": dict(ends),
        "asked": dict(asked),
        "outcome unknown at the end": len(lost),
        "moments of the kills": dict(campaign.struck),
        "decisions": dict(campaign.decided),
        "faults ordered": sum(campaign.faults.values()),
        "kinds of faults": len(campaign.faults),
    }
