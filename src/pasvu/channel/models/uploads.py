"""Table of the files that people send through the browser, piece by piece."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pasvu.channel.models.people import Account
from pasvu.channel.models.root import Base
from pasvu.channel.models.shows import Programme


class Upload(Base):
    """A file on its way into the watched folder; what lies on disk is the truth of how far it is."""

    __tablename__ = "upload"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    received_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    programme_id: Mapped[str | None] = mapped_column(ForeignKey("programme.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    """When its last byte was safe on disk; the line stays a while, so that a sender who missed the answer learns it."""

    programme: Mapped[Programme | None] = relationship()
    account: Mapped[Account] = relationship()
