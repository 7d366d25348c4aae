"""Tables of the freeze periods, and of those let through by name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pasvu.channel.models.root import Base

if TYPE_CHECKING:
    from pasvu.channel.models.shows import Programme


class Freeze(Base):
    """A period in which nothing goes on air by itself: an election's silence, mourning, a strike."""

    __tablename__ = "freeze"
    __table_args__ = (Index("ix_freeze_until", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    """The first instant that is free again."""
    reason: Mapped[str]
    programme_id: Mapped[str | None] = mapped_column(ForeignKey("programme.id"))
    """The one programme that is frozen; the whole channel when empty."""
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]

    programme: Mapped[Programme | None] = relationship()
    overrides: Mapped[list[FreezeOverride]] = relationship(order_by="FreezeOverride.at")


class FreezeOverride(Base):
    """One publication that goes on air in spite of a freeze: who let it through, and why."""

    __tablename__ = "freeze_override"
    __table_args__ = (UniqueConstraint("freeze_id", "publication_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    freeze_id: Mapped[int] = mapped_column(ForeignKey("freeze.id"))
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str]
