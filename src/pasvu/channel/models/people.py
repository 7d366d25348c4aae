"""Tables of the people: accounts, invitations, and the journal of what they did."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pasvu.channel.models.root import Base

if TYPE_CHECKING:
    from pasvu.channel.models.episodes import Episode


class Account(Base):
    """A person who may enter the panel."""

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    shown_name: Mapped[str]
    role: Mapped[str]
    """`media`, `producer`, `staff` or `admin`."""
    password_hash: Mapped[str | None]
    epoch: Mapped[int] = mapped_column(default=1)
    """Raised when the password or the role changes: sessions of an older epoch end."""
    language: Mapped[str | None]
    feed_number: Mapped[int] = mapped_column(default=1)
    """Which private address of the calendar is good: raised to make the former ones worth nothing."""
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    previous_visit_at: Mapped[datetime | None]
    subject: Mapped[str | None] = mapped_column(unique=True)
    """Who this is at the organisation's identity provider: its `sub`, once the two are known to be one."""
    last_seen_views: Mapped[int | None] = mapped_column(BigInteger)
    """Views of the whole channel as they were counted at `last_seen_at`."""
    previous_visit_views: Mapped[int | None] = mapped_column(BigInteger)


class Invitation(Base):
    """A one-time link by which a person chooses a password; only its fingerprint is kept."""

    __tablename__ = "invitation"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ReviewLink(Base):
    """An address by which a guest without an account sees one episode; only its fingerprint is kept."""

    __tablename__ = "review_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    guest: Mapped[str]
    """For whom it was made: under this name they comment."""
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    """When it was last opened."""

    episode: Mapped[Episode] = relationship(back_populates="review_links")


class JournalEntry(Base):
    """Who did what, when, before and after; the database itself refuses to change or delete a row."""

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_episode_id_at", "episode_id", "at"), Index("ix_journal_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    episode_id: Mapped[str | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
