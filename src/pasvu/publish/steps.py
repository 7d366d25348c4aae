"""The steps of a publication, and what is written down when one does not succeed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

from pasvu.channel import episodes, publications
from pasvu.channel.database import Session
from pasvu.channel.errors import Cancelled, Passing, PasVuError
from pasvu.channel.models import Publication
from pasvu.channel.states import JobState, PublicationState
from pasvu.channel.typography import fine, marked
from pasvu.channel.values import Privacy
from pasvu.publish.desk import Desk
from pasvu.publish.dressing import dress
from pasvu.publish.errors import (
    ClocksDiffer,
    Missing,
    NotConnected,
    NotReadyYet,
    OutOfQuota,
    OutsideHours,
    PlatformBusy,
    SessionGone,
    TakenOver,
    Unknown,
)
from pasvu.publish.holding import correct, hold, release, take_back
from pasvu.publish.ledger import protecting, spending_for
from pasvu.publish.sending import search, send

log = logging.getLogger(__name__)

TRY_AGAIN = timedelta(minutes=5)
LEAST_PAUSE = timedelta(seconds=10)
ALARM_WITHIN = timedelta(hours=1)
AFTER_REFUSAL = timedelta(hours=1)
LOOK_AGAIN = timedelta(minutes=1)
SEARCH_FOR = timedelta(hours=24)
ALARM = marked(
    "ALERTE : la plateforme publiera cette vidéo à une heure que personne ne veut plus, et nous ne pouvons pas "
    "l’en empêcher ({why}) Rendez-la privée dans YouTube Studio avant son heure ; nous réessayons."
)


class PublishSteps:
    """What a publication goes through. Each step may run again after a crash: the record says what is done."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def send(self, publication_id: int, job_id: str) -> str:
        """Bring every byte to the platform."""
        return self._reported(publication_id, lambda: send(self._desk, publication_id, job_id))

    def search(self, publication_id: int) -> str:
        """Look once more for a video that may have arrived."""
        return self._reported(publication_id, lambda: search(self._desk, publication_id))

    def dress(self, publication_id: int) -> str:
        """Add what goes with the video."""
        return self._reported(publication_id, lambda: dress(self._desk, publication_id))

    def hold(self, publication_id: int) -> str:
        """Hand over the instant."""
        with self._desk.record.read() as session:
            publication = session.get_one(Publication, publication_id)
            # Told another instant or none, the platform forgets the former.
            protects = publications.unmeant_instant(session, publication) is not None
        return self._reported(publication_id, lambda: hold(self._desk, publication_id), protects=protects)

    def correct(self, publication_id: int) -> str:
        """Bring a correction to a video on air."""
        with self._desk.record.read() as session:
            protects = session.get_one(Publication, publication_id).visibility == Privacy.PRIVATE
        return self._reported(publication_id, lambda: correct(self._desk, publication_id), protects=protects)

    def take_back(self, publication_id: int) -> str:
        """Take a withdrawn video from the public."""
        return self._reported(publication_id, lambda: take_back(self._desk, publication_id), protects=True)

    def release(self, publication_id: int) -> str:
        """Take back the instant of a publication that failed."""
        return self._reported(publication_id, lambda: release(self._desk, publication_id), protects=True)

    def _reported(self, publication_id: int, work: Callable[[], None], *, protects: bool = False) -> str:
        try:
            with spending_for(publication_id), protecting() if protects else nullcontext():
                work()
        except TakenOver:
            # Whoever took over says how it ends.
            return JobState.LATER
        except Cancelled as cancelled:
            return self._stop(publication_id, str(cancelled), JobState.CANCELLED)
        except Unknown as lost:
            return self._look_again(publication_id, str(lost))
        except Passing as wait:
            return self._later(publication_id, str(wait), *self._pause(wait))
        except NotConnected as needs_login:
            return self._later(publication_id, str(needs_login), TRY_AGAIN, "login")
        except SessionGone as forgotten:
            # Twice in a row: the next attempt begins by asking whether the video arrived, as this one did.
            return self._later(publication_id, str(forgotten), TRY_AGAIN, "busy")
        except Missing:
            gone = fine("La vidéo n’existe plus sur la plateforme : relancez l’envoi si elle doit y être.")
            return self._stop(publication_id, gone, JobState.FAILED)
        except PasVuError as refused:
            return self._stop(publication_id, str(refused), JobState.FAILED)
        except Exception:
            log.exception("publication %s failed", publication_id)
            return self.give_up(publication_id)
        return JobState.DONE

    def give_up(self, publication_id: int) -> str:
        """Say that something unforeseen ended the work."""
        sentence = fine("Une erreur imprévue a arrêté l’envoi : relancez-le ; le journal technique en dit plus.")
        return self._stop(publication_id, sentence, JobState.FAILED)

    def _stop(self, publication_id: int, sentence: str, outcome: JobState) -> str:
        with self._desk.record.write() as session:
            publication = session.get_one(Publication, publication_id)
            now = self._desk.clock.now()
            if publication.state == PublicationState.WITHDRAWN and publication.settled:
                return outcome  # withdrawn while the step ran: nothing is left to be told, or said
            if publication.state in (PublicationState.WITHDRAWN, PublicationState.ON_AIR, PublicationState.FAILED):
                # It is where it is; what could not be told is said, and told again later.
                self._wait(session, publication, sentence, AFTER_REFUSAL)
            else:
                publications.move(session, publication, PublicationState.FAILED, now, sentence)
                # It waits for a person now: what it waited for before is over.
                publication.next_try_at = publication.waits_for = None
        return outcome

    def _look_again(self, publication_id: int, sentence: str) -> str:
        """A person is asked; meanwhile the video is looked for with growing gaps, for a day."""
        outcome = self._stop(publication_id, sentence, JobState.FAILED)
        with self._desk.record.write() as session:
            publication = session.get_one(Publication, publication_id)
            now = self._desk.clock.now()
            lost_for = now - (publication.lost_at or now)
            wants_more = publication.state == PublicationState.FAILED and lost_for < SEARCH_FOR
            publication.next_try_at = now + max(TRY_AGAIN, lost_for) if wants_more else None
            publication.waits_for = "search" if wants_more else None
        return outcome

    def _pause(self, wait: Passing) -> tuple[timedelta, str]:
        now = self._desk.clock.now()
        match wait:
            case OutOfQuota():
                return wait.until - now, wait.whose
            case OutsideHours():
                return wait.until - now, "hours"
            case NotReadyYet():
                return LOOK_AGAIN, "processing"
            case ClocksDiffer():
                return TRY_AGAIN, "clock"
            case PlatformBusy() if wait.retry_after_s:
                return timedelta(seconds=wait.retry_after_s), "busy"
            case _:
                return TRY_AGAIN, "busy"

    def _later(self, publication_id: int, sentence: str, pause: timedelta, waits_for: str) -> str:
        with self._desk.record.write() as session:
            publication = session.get_one(Publication, publication_id)
            publication.waits_for = waits_for
            self._wait(session, publication, sentence, pause)
            episodes.touch(publication.episode, self._desk.clock.now())
        return JobState.LATER

    def _wait(self, session: Session, publication: Publication, why: str, pause: timedelta) -> None:
        """Say why it waits and until when; where the platform would publish what nobody means, no wait outlasts that.

        Then half the time left each time, whatever the platform said: a dozen tries from the day before, the last of
        them seconds before the instant, and as sparse after it. Asking again while a quota is spent costs units for
        nothing and is never done otherwise; here it is the lesser evil, and a person is told meanwhile.
        """
        if publications.waits_for_a_person(publication):
            # Another of its jobs said so first: nothing of it is tried again by itself.
            publication.next_try_at = publication.waits_for = None
            return
        now, unmeant = self._desk.clock.now(), publications.unmeant_instant(session, publication)
        alarm = None
        if unmeant is not None and unmeant <= now + max(pause, ALARM_WITHIN):
            pause = min(pause, max(LEAST_PAUSE, abs(unmeant - now) / 2))
            alarm = fine(ALARM.format(why=why)) if now < unmeant else None
        publication.next_try_at = now + pause
        if alarm is not None:
            if publication.state_reason != alarm:
                publications.sound_alarm(session, publication, alarm, now)
        elif publication.state != PublicationState.FAILED or publication.state_reason is None:
            # Why it failed first stays said.
            publication.state_reason = why
