"""The road of a recording, and the tick that sets it going."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pasvu.channel import engine, intake, progress, replays, review
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.errors import Cancelled, NoRoom, PasVuError, Unusable
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.channel.states import EpisodeState, JobState, ReplayState
from pasvu.channel.typography import fine, marked
from pasvu.ingest import arrival, comparing, heap, replaying, steps
from pasvu.ingest.bench import KIND, Bench, job_of
from pasvu.ingest.replaying import ReplaySteps
from pasvu.ingest.tools import Tools

log = logging.getLogger(__name__)

RENDER = "ingest.render"
GIB = 1024**3
UNFORESEEN = marked("Une erreur imprévue a arrêté la préparation : relancez-la ; l’original est intact.")

NO_ROOM = marked("Le disque est plein : l’enregistrement est intact ; libérez de la place et la préparation reprendra.")
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class IngestSteps:
    """What the steps of every job work with."""

    record: Record
    folders: Folders
    clock: Clock
    tools: Tools
    floor: int = 0
    """Bytes that must stay free on the disk."""
    tone_map: bool = False
    """Pictures in HDR become ordinary ones."""
    podcast: bool = False
    """Every episode has an audio rendition where its programme does not say otherwise."""

    def bench(self, episode_id: str, job_id: str) -> Bench:
        """The workbench of one job."""
        ways = {"tone_map": self.tone_map, "podcast": self.podcast}
        return Bench(self.record, self.folders, self.clock, self.tools, episode_id, job_id, self.floor, **ways)

    def carry_out(self, episode_id: str, job_id: str, work: Callable[[Bench], None]) -> str:
        """Do one step; what stops it is written down, and its outcome given back."""
        bench = self.bench(episode_id, job_id)
        if not bench.wanted():
            return JobState.CANCELLED
        bench.sweep()
        heap.give_back()
        try:
            work(bench)
        except Unusable as why:
            set_aside(bench, why)
            return JobState.QUARANTINED
        except NoRoom as why:
            return self._stopped(bench, JobState.WAITING, str(why))
        except Cancelled as why:
            return self._stopped(bench, JobState.CANCELLED, str(why))
        except PasVuError as why:
            return self._stopped(bench, JobState.FAILED, str(why))
        except Exception as unforeseen:
            if _disk_is_full(unforeseen):
                return self._stopped(bench, JobState.WAITING, fine(NO_ROOM))
            log.exception("job %s failed", job_id)
            return self._stopped(bench, JobState.FAILED, fine(UNFORESEEN))
        return JobState.DONE

    def _stopped(self, bench: Bench, outcome: JobState, sentence: str) -> str:
        with self.record.write() as session:
            episode = session.get_one(Episode, bench.episode_id)
            current = bench.job_id == job_of(episode.id, episode.wanted_cut, episode.attempt)
            under_way = episode.state in (EpisodeState.RECEIVED, EpisodeState.PROCESSING)
            # A job that another one has followed has nothing to say any more.
            if current and under_way and episode.job_state != "cancelled":
                intake.stop(session, episode, outcome, sentence, self.clock.now())
        # The engine passes over the end of a job that a person stopped.
        progress.finished(self.record, bench.job_id)
        return JobState.LATER if outcome is JobState.WAITING else outcome


def register(room: IngestSteps, lives: ReplaySteps) -> None:
    """Teach the engine the roads of a recording, and of a live that was asked for."""

    def render(episode_id: str, cut: int, job_id: str) -> str:
        """The heavy part, one at a time on a machine."""
        with engine.one_at_a_time(room.folders.run):
            outcome = engine.step("cut", room.carry_out, episode_id, job_id, lambda bench: steps.cut(bench, cut))
            if outcome == JobState.DONE:
                outcome = engine.step("watchable", room.carry_out, episode_id, job_id, steps.make_watchable)
        return outcome

    def ingest(episode_id: str, cut: int, job_id: str) -> str:
        """Identify, gather, listen, suggest, render, offer."""
        outcome: str = JobState.DONE
        for name, work in (
            ("identify", arrival.identify),
            ("gather", arrival.gather),
            ("listen", steps.listen),
            ("suggest", steps.suggest),
        ):
            if outcome == JobState.DONE:
                outcome = engine.step(name, room.carry_out, episode_id, job_id, work)
        if outcome == JobState.DONE:
            outcome = engine.part("encode", rendering, "render", episode_id, cut, job_id, priority=priority_of(cut))
        if outcome == JobState.DONE:
            outcome = engine.step("offer", room.carry_out, episode_id, job_id, lambda bench: steps.offer(bench, cut))
        if outcome == JobState.DONE:
            # After it is offered: nobody waits for it, and it changes nothing of what was made.
            engine.step("compare", room.carry_out, episode_id, job_id, comparing.compare)
        progress.finished(room.record, job_id)
        return outcome

    def replay(request_id: str, job_id: str) -> str:
        """Fetch, then take in."""
        outcome = engine.step("fetch", lives.fetch, request_id, job_id)
        return engine.step("take", lives.take, request_id, job_id) if outcome == JobState.DONE else outcome

    rendering = engine.register(RENDER, render)
    engine.register(replaying.KIND, replay)
    engine.register(KIND, ingest)


def priority_of(cut: int) -> int:
    """A producer waits for the cut just asked for; a card full of recordings can wait behind it."""
    return engine.FIRST if cut > 1 else engine.ORDINARY


class IngestTick:
    """Finds episodes whose cut is to be made; several processes may tick, the same work has one name."""

    def __init__(self, record: Record, folders: Folders, clock: Clock, jobs: engine.Jobs, floor: int) -> None:
        self._record, self._folders, self._clock, self._jobs = record, folders, clock, jobs
        self._floor = floor
        self._asked: set[str] = set()

    def tick(self) -> None:
        """One round."""
        self._take_up_again()
        with self._record.read() as session:
            wanting = [
                (episode.id, episode.wanted_cut, episode.attempt)
                for episode in intake.wanting_work(session)
                if all(part.claimed_at for part in episode.recording.parts)
            ]
        for episode_id, cut, attempt in wanting:
            job_id = job_of(episode_id, cut, attempt)
            if job_id in self._asked:
                self._notice_giving_up(episode_id, job_id)
                continue
            if self._folders.free_bytes() < self._floor:
                self._wait_for_room(episode_id)
                continue
            self._jobs.enqueue(KIND, KIND, job_id, episode_id, cut, job_id, priority=priority_of(cut))
            self._asked.add(job_id)

    def _notice_giving_up(self, episode_id: str, job_id: str) -> None:
        if not self._jobs.gave_up(job_id):
            return
        with self._record.write() as session:
            episode = session.get_one(Episode, episode_id)
            if episode.job_state is None:
                intake.stop(session, episode, "failed", fine(UNFORESEEN), self._clock.now())

    def _take_up_again(self) -> None:
        with self._record.read() as session:
            waiting = [(episode.id, _wanted_bytes(episode)) for episode in intake.waiting_for_room(session)]
            kept = sum(intake.reserved(session).values())
        free = self._folders.free_bytes() - self._floor - kept
        for episode_id, size in waiting:
            if free >= size:
                free -= size
                with self._record.write() as session:
                    review.retry(session, session.get_one(Episode, episode_id), self._clock.now(), "pasvu")

    def _wait_for_room(self, episode_id: str) -> None:
        sentence = fine(
            f"Le disque est presque plein (moins de {self._floor / GIB:g} Gio libres) : libérez de la place, "
            "la préparation reprendra toute seule."
        )
        with self._record.write() as session:
            intake.stop(session, session.get_one(Episode, episode_id), "waiting", sentence, self._clock.now())


class ReplayTick:
    """Finds the lives to be fetched; several processes may tick, the same attempt has one name."""

    def __init__(self, record: Record, clock: Clock, jobs: engine.Jobs) -> None:
        self._record, self._clock, self._jobs = record, clock, jobs
        self._asked: set[str] = set()

    def tick(self) -> None:
        """One round."""
        now = self._clock.now()
        with self._record.read() as session:
            anything = [request.id for request in replays.due(session, now)]
            under_way = [(request.id, replaying.job_of(request)) for request in replays.fetching(session)]
        for request_id in anything:
            with self._record.write() as session:
                request = replays.find(session, request_id)
                replays.wake(request, now)
                job_id = replaying.job_of(request)
            if job_id not in self._asked:
                self._jobs.enqueue("fetch", replaying.KIND, job_id, request_id, job_id)
                self._asked.add(job_id)
        for request_id, job_id in under_way:
            if self._jobs.gave_up(job_id):
                with self._record.write() as session:
                    request = replays.find(session, request_id)
                    if replaying.job_of(request) == job_id and request.state is ReplayState.FETCHING:
                        replays.fail(session, request, fine(replaying.UNFORESEEN), now)


def _wanted_bytes(episode: Episode) -> int:
    recording = episode.recording
    if recording.foreseen:
        return int(recording.foreseen["bytes"])
    # A master is about as large as its recording; a tenth more for what is written beside it.
    return int(sum(part.bytes for part in recording.parts) * 1.1)


def set_aside(bench: Bench, why: Unusable) -> None:
    """Move the received files to quarantine, each beside its reason in plain words."""
    folders, now, sentence = bench.folders, bench.clock.now(), str(why)
    with bench.record.write() as session:
        episode = session.get_one(Episode, bench.episode_id)
        for part in episode.recording.parts:
            path = Path(part.path)
            kept = folders.quarantine / f"{episode.recording.id}-{path.name}"
            if path.exists() and path != kept:
                path.rename(kept)
            part.path = str(kept)
            reason = kept.with_name(f"{kept.name}.reason.txt")
            reason.write_text(f"{part.shown_name}\n{sentence}\n")
        intake.quarantine(session, episode, sentence, now, why.kind)


def _disk_is_full(error: Exception) -> bool:
    # SQLite says it in words, through the library that carries them.
    return (isinstance(error, OSError) and error.errno in FULL) or "database or disk is full" in str(error)
