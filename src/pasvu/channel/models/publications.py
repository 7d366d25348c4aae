"""Tables of the publications and of what their requests cost."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pasvu.channel.models.root import Base
from pasvu.channel.states import PublicationState

if TYPE_CHECKING:
    from pasvu.channel.models.episodes import Episode
    from pasvu.channel.models.figures import Horizon

_MISSING = text("missing_since IS NOT NULL")


class Publication(Base):
    """An episode on one platform, with its own instant, state and remote id."""

    __tablename__ = "publication"
    __table_args__ = (
        UniqueConstraint("episode_id", "platform"),
        # With the instant, a programme's past is found in the index alone: rows are wide.
        Index("ix_publication_episode_id", "episode_id", "platform", "air_at"),
        Index("ix_publication_scheduled_at", "scheduled_at"),
        # With the platform, what is on air somewhere is counted in the index alone.
        Index("ix_publication_state_air_at", "state", "air_at", "platform"),
        Index("ix_publication_state_day_gain", "state", "day_gain"),
        Index("ix_publication_next_snapshot_at", "next_snapshot_at"),
        # Those that are missing are few, and asked for by their age.
        Index("ix_publication_missing", "air_at", sqlite_where=_MISSING, postgresql_where=_MISSING),
        Index("ix_publication_air_at", "air_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"))
    platform: Mapped[str]
    state: Mapped[PublicationState] = mapped_column(default=PublicationState.PLANNED)
    state_reason: Mapped[str | None]
    scheduled_at: Mapped[datetime | None]
    """The instant a person chose; what the platform holds is `held_at`."""
    wall_time: Mapped[str | None]
    """The chosen wall-clock time and its zone, `2026-11-26T19:00 Europe/Paris`: what was meant if the rules change."""
    held_at: Mapped[datetime | None]
    """The instant the platform was last read to hold."""
    telling_at: Mapped[datetime | None]
    """An instant about to be told: written down before, so that the platform is known to hold it perhaps."""
    air_at: Mapped[datetime | None]
    """When it was first seen public, or the instant it was promised for when seen public after it."""

    video_id: Mapped[str | None]
    url: Mapped[str | None]
    marker: Mapped[str]
    """A private tag by which a lost upload is found again."""
    session_address: Mapped[str | None]
    """Address of the open upload, sealed: a capability, never shown or logged."""
    session_opened_at: Mapped[datetime | None]
    finishing: Mapped[bool] = mapped_column(default=False)
    """The last bytes may have left: from here a second upload is never begun by itself."""
    uploaded_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    total_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sent_sha256: Mapped[str | None]
    sent_hash: Mapped[str | None]
    """Fingerprint of the approved episode that was sent."""
    dressed: Mapped[list[str]] = mapped_column(default=list)
    """What was added to the video once it was there: `thumbnail:3`, `captions:fr:fr-1a2b…`, `playlist`."""
    dressed_at: Mapped[datetime | None]
    """When we last added or took away something of it."""
    refused_pieces: Mapped[dict[str, Any] | None]
    """What the platform would not take of it, as `dressed` names it, and why in words: not tried again by itself."""
    held_pieces: Mapped[dict[str, Any] | None]
    """What goes with the video as it is known to stand there, by the names of `channel.pieces`."""
    pieces_at: Mapped[datetime | None]
    """When the platform was last asked about that."""
    settled: Mapped[bool] = mapped_column(default=True)
    """Whether the platform holds what a person last decided; if not, the next tick tells it."""
    at_once: Mapped[bool] = mapped_column(default=False)
    """A person said « publish now »: public as soon as it is there whole, without an instant left to the platform."""
    sent_at: Mapped[datetime | None]
    """When the platform had every byte."""
    sending_s: Mapped[float] = mapped_column(default=0.0)
    """Seconds spent sending bytes; waits between tries are left out."""
    rate_bytes_s: Mapped[float | None]
    """Pace of the last chunks, bytes a second."""
    sending_owner: Mapped[str | None]
    """Who sends now: whoever took over since makes a former owner stop before its next byte."""
    lost_at: Mapped[datetime | None]
    """Since when nobody knows whether the video arrived, and it is looked for."""
    held_fields: Mapped[dict[str, Any] | None]
    """What the platform was read to hold after our last writing, fields of `channel.videofields`."""
    held_fields_at: Mapped[datetime | None]
    drift: Mapped[dict[str, Any] | None]
    """What someone changed there since: `{field: [ours, theirs]}`."""
    drift_seen_at: Mapped[datetime | None]
    visibility: Mapped[str | None]
    """Who shall see it once it has aired, when not everyone: `unlisted` or `private`."""
    processed_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(default=1)
    next_try_at: Mapped[datetime | None]
    waits_for: Mapped[str | None]
    """What it waits for until `next_try_at`: `quota`, `channel_limit`, `busy`, `login`, `hours`, `search`, `clock`."""

    views: Mapped[int | None] = mapped_column(BigInteger)
    likes: Mapped[int | None] = mapped_column(BigInteger)
    comments: Mapped[int | None] = mapped_column(BigInteger)
    views_at: Mapped[datetime | None]
    next_snapshot_at: Mapped[datetime | None]
    day_gain: Mapped[int | None] = mapped_column(BigInteger)
    """Views of the 24 hours before `views_at`, when someone had counted a day before."""
    missing_since: Mapped[datetime | None]
    """Since when the platform no longer answers for the video: deleted, or no longer ours."""

    episode: Mapped[Episode] = relationship(back_populates="publications")
    horizons: Mapped[list[Horizon]] = relationship(order_by="Horizon.hours")
    planned_changes: Mapped[list[PlannedChange]] = relationship(
        back_populates="publication", order_by="PlannedChange.id", cascade="all, delete-orphan"
    )


class PlannedChange(Base):
    """What shall change of a publication at an instant, or so long after it airs."""

    __tablename__ = "planned_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), index=True)
    at: Mapped[datetime | None] = mapped_column(index=True)
    wall_time: Mapped[str | None]
    """The chosen wall-clock time and its zone, as for a publication."""
    after_s: Mapped[int | None] = mapped_column(BigInteger)
    """Seconds after it airs, when there is no `at`."""
    changes: Mapped[dict[str, Any]]
    """Fields of `channel.videofields`, and `visibility`."""
    planned_by: Mapped[str]
    planned_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    """Why it could not be done."""

    publication: Mapped[Publication] = relationship(back_populates="planned_changes")


class QuotaEntry(Base):
    """One request's cost at a platform, written before it is made."""

    __tablename__ = "quota_entry"
    __table_args__ = (Index("ix_quota_entry_platform_bucket_at", "platform", "bucket", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str]
    bucket: Mapped[str]
    method: Mapped[str]
    units: Mapped[int]
    at: Mapped[datetime]
    publication_id: Mapped[int | None]
