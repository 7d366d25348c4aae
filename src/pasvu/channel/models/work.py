"""Tables of the work under way: progress of jobs, beats of workers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from pasvu.channel.models.root import Base


class JobProgress(Base):
    """How far the running step of a job is; overwritten about once a second."""

    __tablename__ = "job_progress"

    job_id: Mapped[str] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(index=True)
    step: Mapped[str]
    share: Mapped[float | None]
    """0 to 1 of the running step, unknown when empty."""
    at: Mapped[datetime]


class WorkerBeat(Base):
    """A living worker; its count rises while it lives."""

    __tablename__ = "worker_beat"

    executor_id: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)
    does: Mapped[str] = mapped_column(default="")
