"""Tables of the live log: broadcasts that were seen on, and how many people watched, look by look."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pasvu.channel.models.root import Base


class Live(Base):
    """A broadcast, from when it was first seen on until the platform said that it was over."""

    __tablename__ = "live"
    __table_args__ = (
        UniqueConstraint("platform", "video_id"),
        Index("ix_live_platform_started_at", "platform", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str]
    video_id: Mapped[str]
    title: Mapped[str]
    """As the platform last gave it; someone else's text."""
    created_at: Mapped[datetime | None]
    scheduled_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    """As the platform says, else when it was first seen."""
    noticed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    vanished: Mapped[bool] = mapped_column(default=False)
    """It was no longer there when it was asked for; `ended_at` is then the last time that it was."""

    peak: Mapped[int | None] = mapped_column(BigInteger)
    peak_at: Mapped[int | None] = mapped_column(BigInteger)
    """Seconds since 1970, UTC, like every instant below."""
    person_s: Mapped[int] = mapped_column(BigInteger, default=0)
    """People times seconds over `counted_s`: divided by it, the average."""
    counted_s: Mapped[int] = mapped_column(BigInteger, default=0)
    last_at: Mapped[int | None] = mapped_column(BigInteger)
    last: Mapped[int | None] = mapped_column(BigInteger)
    """Watching at the last look; empty when the platform gave no figure."""


class LiveCount(Base):
    """People watching a broadcast at an instant; append-only, and as small as a snapshot of views."""

    __tablename__ = "live_count"
    __table_args__ = ({"sqlite_with_rowid": False},)

    live_id: Mapped[int] = mapped_column(ForeignKey("live.id"), primary_key=True)
    taken_at: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    watching: Mapped[int | None] = mapped_column(BigInteger)
    """Empty when the platform was asked and gave no figure; no row at all when nobody asked."""
