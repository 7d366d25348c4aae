"""Jobs for people: the engine's list joined with the record's progress; stopping and trying again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from pasvu.channel import publications, replays, review
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.intake import stop as stop_intake
from pasvu.channel.models import Episode, JobProgress, Publication, ReplayRequest
from pasvu.channel.states import EpisodeState, JobState
from pasvu.door.house import House
from pasvu.publish import workflow as publish_workflow
from pasvu.web.jobs import Job

REPLAY = "replay"


class Work:
    """The work under way and done, with what a person may do about it."""

    def __init__(self, house: House) -> None:
        self._house = house

    def list(self, limit: int = 100) -> Sequence[Job]:
        """The newest jobs first."""
        found = self._house.jobs.list(limit)
        with self._house.record.read() as session:
            ids = [job.id for job in found]
            rows = session.scalars(select(JobProgress).where(JobProgress.job_id.in_(ids)))
            progress = {row.job_id: row for row in rows}
            episodes = {job.id: self._episode_id(session.get, job.id) for job in found}
            lives = {f"{REPLAY}:{row.id}:{row.attempt}": row.share for row in replays.fetching(session)}
        return [
            Job(
                id=job.id,
                kind=job.kind,
                state=job.state,
                episode_id=episodes[job.id],
                queue=job.queue,
                created_at=job.created_at,
                step=progress[job.id].step if job.id in progress else "replay" if job.id in lives else None,
                share=progress[job.id].share if job.id in progress else lives.get(job.id),
            )
            for job in found
        ]

    def cancel(self, job_id: str, by: str) -> None:
        """Stop a job: the engine before its next step, and the running step through the record.

        Raises:
            NotFound: no such job.
            Refused: it has ended.
        """
        job = self._house.jobs.get(job_id)
        if job is None:
            raise NotFound("Aucun travail « {job} ». `pasvu jobs` les énumère.", job=job_id)
        if job.state not in (JobState.WAITING, JobState.RUNNING):
            raise Refused("Ce travail est déjà terminé.")
        self._house.jobs.cancel(job_id)
        kind, subject = job_id.split(":")[:2]
        if kind == REPLAY:
            with self._house.record.write() as session:
                replays.cancel(session, replays.find(session, subject), self._house.clock.now(), by)
            return
        if kind == publish_workflow.KIND:
            publish_workflow.stop(self._house.desk, int(subject), by)
            return
        with self._house.record.write() as session:
            episode = session.get_one(Episode, subject)
            if episode.state in (EpisodeState.RECEIVED, EpisodeState.PROCESSING):
                stop_intake(session, episode, "cancelled", f"Préparation arrêtée par {by}.", self._house.clock.now())

    def retry(self, job_id: str, by: str, *, again: bool = False) -> None:
        """Try a job again; the next tick takes it up.

        Raises:
            NotFound: no such job.
            Refused: nothing failed.
        """
        kind, _, rest = job_id.partition(":")
        subject = rest.split(":")[0]
        now = self._house.clock.now()
        with self._house.record.write() as session:
            if kind == REPLAY:
                replays.retry(session, replays.find(session, subject), now, by)
                return
            if kind == publish_workflow.KIND and subject.isdigit():
                publication = session.get(Publication, int(subject))
                if publication is not None:
                    publications.retry(session, publication.episode, publication.platform, now, by, again=again)
                    return
            else:
                episode = session.get(Episode, subject)
                if episode is not None:
                    review.retry(session, episode, now, by)
                    return
        raise NotFound("Aucun travail « {job} ». `pasvu jobs` les énumère.", job=job_id)

    @staticmethod
    def _episode_id(get: object, job_id: str) -> str | None:
        assert callable(get)
        kind, _, rest = job_id.partition(":")
        subject = rest.split(":")[0]
        if kind == REPLAY:
            request = get(ReplayRequest, subject)
            return request.episode_id if request is not None else None
        if kind != publish_workflow.KIND:
            return subject or None
        publication = get(Publication, int(subject)) if subject.isdigit() else None
        return publication.episode_id if publication is not None else None
