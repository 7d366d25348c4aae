"""Tables of the figures: snapshots of views, and horizons frozen from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
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
