"""Table of the episodes that are expected: announced in the calendar before any file has come."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pasvu.channel.models.root import Base

if TYPE_CHECKING:
    from pasvu.channel.models.episodes import Episode
    from pasvu.channel.models.shows import Programme


class ExpectedEpisode(Base):
    """What is planned: its fields are taken over by the recording that is recognised as it."""

    __tablename__ = "expected_episode"
    __table_args__ = (Index("ix_expected_episode_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    """When it is meant to air."""
    day: Mapped[str]
    """That day in the channel's zone, `YYYY-MM-DD`."""
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    guests: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Role by name, in order."""
    programme_id: Mapped[str | None] = mapped_column(ForeignKey("programme.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    dropped_at: Mapped[datetime | None]
    episode_id: Mapped[str | None] = mapped_column(ForeignKey("episode.id"), index=True)
    """The episode that came of it."""
    confidence: Mapped[float | None]
    """How sure the match is, 0 to 1; 1 when a person made it."""
    matched_why: Mapped[str | None]

    programme: Mapped[Programme | None] = relationship()
    episode: Mapped[Episode | None] = relationship()
