"""Tables of the figures: snapshots of views, what is frozen from them, and the channel's own figures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pasvu.channel.models.root import Base


class ViewSnapshot(Base):
    """Counts of a publication at an instant; append-only. Small on purpose: there will be millions."""

    __tablename__ = "view_snapshot"
    __table_args__ = ({"sqlite_with_rowid": False},)

    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    taken_at: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    """Seconds since 1970, UTC."""
    views: Mapped[int] = mapped_column(BigInteger)
    likes: Mapped[int | None] = mapped_column(BigInteger)
    comments: Mapped[int | None] = mapped_column(BigInteger)


class Horizon(Base):
    """Views frozen at so many hours after air, with the error the two nearest snapshots allow; written once."""

    __tablename__ = "horizon"

    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    hours: Mapped[int] = mapped_column(primary_key=True)
    views: Mapped[int] = mapped_column(BigInteger)
    error_views: Mapped[int] = mapped_column(BigInteger)
    measured_at: Mapped[datetime]


class AlignedCurve(Base):
    """Views of a publication at the ages that all are compared at (`audience.AGES_H`), filled as it grows older."""

    __tablename__ = "aligned_curve"

    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    points: Mapped[list[int | None]] = mapped_column(JSON, default=list)
    """Views at each age, empty where nobody counted near enough; shorter while younger."""


class ViewDay(Base):
    """What a platform's videos gained in a day of the channel's zone, added up as snapshots come."""

    __tablename__ = "view_day"

    platform: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    gained: Mapped[int] = mapped_column(BigInteger, default=0)
    estimated: Mapped[int] = mapped_column(BigInteger, default=0)
    """The part of it that was spread over days in which nobody counted."""


class ChannelSnapshot(Base):
    """A platform's figures of the whole channel at an instant; append-only."""

    __tablename__ = "channel_snapshot"
    __table_args__ = ({"sqlite_with_rowid": False},)

    platform: Mapped[str] = mapped_column(primary_key=True)
    taken_at: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    """Seconds since 1970, UTC."""
    subscribers: Mapped[int | None] = mapped_column(BigInteger)
    """As the platform rounds it; empty when hidden."""
    views: Mapped[int | None] = mapped_column(BigInteger)
    videos: Mapped[int | None] = mapped_column(BigInteger)


class VideoReportRow(Base):
    """What a platform's analytics last said of a publication; replaced whole, for late days change it."""

    __tablename__ = "video_report"

    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    fetched_at: Mapped[datetime]
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    """The last of the platform's days that was there."""
    told: Mapped[dict[str, Any]]
    """`VideoReport` as JSON."""


class ReportDay(Base):
    """What a platform's analytics say of the whole channel on one of its own days."""

    __tablename__ = "report_day"

    platform: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    views: Mapped[int] = mapped_column(BigInteger)
    engaged_views: Mapped[int] = mapped_column(BigInteger)
    minutes_watched: Mapped[int] = mapped_column(BigInteger)
    subscribers_gained: Mapped[int] = mapped_column(BigInteger)
    subscribers_lost: Mapped[int] = mapped_column(BigInteger)
