"""How far the running step of a job is: one row a job, overwritten."""

from __future__ import annotations

from datetime import datetime

from pasvu.channel.database import Record, Session
from pasvu.channel.models import JobProgress


def report(record: Record, job_id: str, episode_id: str, step: str, share: float | None, at: datetime) -> None:
    """Say which step runs and how far it is (0 to 1, or unknown)."""
    with record.write() as session:
        note(session, job_id, episode_id, step, share, at)


def note(session: Session, job_id: str, episode_id: str, step: str, share: float | None, at: datetime) -> None:
    """The same, in a transaction that writes more."""
    row = session.get(JobProgress, job_id)
    if row is None:
        row = JobProgress(job_id=job_id, episode_id=episode_id)
        session.add(row)
    row.step, row.share, row.at = step, share, at


def finished(record: Record, job_id: str) -> None:
    """The job runs no more."""
    with record.write() as session:
        row = session.get(JobProgress, job_id)
        if row is not None:
            session.delete(row)
