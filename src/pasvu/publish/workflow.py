"""The road of a publication, and the ticks that set it going."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from pasvu.channel import due, engine, planned, progress, publications
from pasvu.channel.errors import PasVuError
from pasvu.channel.models import Publication
from pasvu.channel.states import JobState, PublicationState
from pasvu.channel.typography import marked
from pasvu.publish import accompanying
from pasvu.publish.checking import look, warn_of_unseen
from pasvu.publish.desk import Desk
from pasvu.publish.steps import PublishSteps

log = logging.getLogger(__name__)

KIND = "publish"


def register(desk: Desk) -> None:
    """Teach the engine the road of a publication."""
    steps = PublishSteps(desk)

    def publish(publication_id: int, job_id: str) -> str:
        """Send, dress, hold; the platform then keeps it until its instant."""
        outcome = engine.step("send", steps.send, publication_id, job_id)
        if outcome == JobState.DONE:
            outcome = engine.step("dress", steps.dress, publication_id)
            # What goes with the video may have to wait for the platform; its instant does not wait for that.
            if outcome in (JobState.DONE, JobState.LATER):
                outcome = engine.step("hold", steps.hold, publication_id)
        progress.finished(desk.record, job_id)
        return outcome

    engine.register(KIND, publish)


class PublishTick:
    """Finds what is due and sets it going; several processes may tick, the same work has one name."""

    def __init__(self, desk: Desk, jobs: engine.Jobs, every: timedelta) -> None:
        self._desk, self._jobs, self._every = desk, jobs, every
        self._steps = PublishSteps(desk)
        self._looked_at: datetime | None = None
        self._asked: set[str] = set()

    def tick(self) -> None:
        """One round: start uploads, make planned changes, settle decisions, look at the platforms when it is time."""
        now = self._desk.clock.now()
        self.search(now)
        self.start_uploads(now)
        self.change_as_planned(now)
        self.settle(now)
        # What came before may have waited for a platform: what is due to be looked at is so by the hour it is.
        now = self._desk.clock.now()
        try:
            if self._time_to_look(now):
                look(self._desk, now)
                self._looked_at = now
                accompanying.compare(self._desk, now)
        except PasVuError as passing:
            # Said on the page of each publication when it lasts; here it only delays the next look.
            log.warning("platforms could not be asked: %s", passing)
            self._looked_at = now
            warn_of_unseen(self._desk, now)

    def start_uploads(self, now: datetime) -> None:
        """Ask the engine to send what may be sent; the soonest on air goes first."""
        with self._desk.record.read() as session:
            waiting = [
                (each.id, each.attempt, each.next_try_at, each.scheduled_at) for each in due.for_upload(session, now)
            ]
        for publication_id, tried, waited_until, at in waiting:
            job_id = job_of(publication_id, tried)
            if waited_until is None and job_id in self._asked:
                self._see_to(publication_id, tried, job_id)
                continue
            attempt = tried if waited_until is None else self._try_again(publication_id, tried)
            if attempt is not None:
                self._ask(publication_id, attempt, at)

    def _ask(self, publication_id: int, attempt: int, at: datetime | None) -> None:
        job_id = job_of(publication_id, attempt)
        self._jobs.enqueue("publish", KIND, job_id, publication_id, job_id, priority=priority_of(at))
        self._asked.add(job_id)

    def _see_to(self, publication_id: int, tried: int, job_id: str) -> None:
        """A job that ended and left its publication on the road is followed by another, or said to have failed."""
        match self._jobs.state_of(job_id):
            case JobState.FAILED | JobState.CANCELLED:
                self._steps.give_up(publication_id)
            case JobState.DONE | JobState.LATER:
                self._try_again(publication_id, tried)
            case _:
                pass

    def search(self, now: datetime) -> None:
        """Look for the videos whose arrival nobody knows."""
        with self._desk.record.read() as session:
            lost = [publication.id for publication in due.lost(session, now)]
        for publication_id in lost:
            self._steps.search(publication_id)

    def change_as_planned(self, now: datetime) -> None:
        """Make the changes whose instant has come; the platform is told with whatever else is unsettled."""
        with self._desk.record.read() as session:
            if not planned.due(session, now):
                return
        with self._desk.record.write() as session:
            for change in planned.due(session, now):
                planned.carry_out(session, change, now)

    def settle(self, now: datetime) -> None:
        """Tell the platforms what people decided since."""
        with self._desk.record.read() as session:
            waiting = [(each.id, each.state, each.held_at != each.scheduled_at) for each in due.unsettled(session, now)]
        for publication_id, state, moved in waiting:
            if state == PublicationState.WITHDRAWN:
                self._steps.take_back(publication_id)
            elif state in (PublicationState.FAILED, PublicationState.UPLOADING):
                self._steps.release(publication_id)
            elif state == PublicationState.HELD and moved:
                # Before anything that may fail: a former instant that is still held is a leak.
                self._steps.hold(publication_id)
            elif self._steps.dress(publication_id) == JobState.DONE:
                tell = self._steps.correct if state == PublicationState.ON_AIR else self._steps.hold
                tell(publication_id)

    def _try_again(self, publication_id: int, tried: int) -> int | None:
        """The number of the next attempt; `None` when another process was faster, or nothing is to be sent any more."""
        with self._desk.record.write() as session:
            publication = session.get_one(Publication, publication_id)
            on_the_road = publication.state in (PublicationState.PLANNED, PublicationState.UPLOADING)
            if publication.attempt != tried or not on_the_road:
                return None
            publication.attempt += 1
            publication.next_try_at = publication.waits_for = None
            return publication.attempt

    def _time_to_look(self, now: datetime) -> bool:
        if self._looked_at is None or now - self._looked_at >= self._every:
            return True
        # An instant that just passed is looked at without waiting for the next round.
        with self._desk.record.read() as session:
            return bool(due.to_be_seen(session, now))


def priority_of(at: datetime | None) -> int:
    """Lower goes first: the minute of the instant, so that jobs asked for on different days line up by air time."""
    # The engine takes whole numbers of 31 bits; minutes since 1970 fill them in the year 6053.
    return max(1, int(at.timestamp() // 60)) if at is not None else 2**31 - 1


def job_of(publication_id: int, attempt: int) -> str:
    """The name of a publication's job: the same attempt never runs twice."""
    return f"{KIND}:{publication_id}:{attempt}"


def stop(desk: Desk, publication_id: int, by: str) -> None:
    """A person stops a sending; what the platform received is kept for when it is taken up again."""
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        if publication.state in (PublicationState.PLANNED, PublicationState.UPLOADING):
            sentence = marked(f"Envoi arrêté par {by}.")
            publication.lost_at = None
            publications.move(session, publication, PublicationState.FAILED, desk.clock.now(), sentence, by)
