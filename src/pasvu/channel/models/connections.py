"""Table of the platforms that people connected."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from pasvu.channel.models.root import Base


class PlatformConnection(Base):
    """What a person granted on a platform; secrets are sealed with the key file, which is not in the record."""

    __tablename__ = "platform_connection"

    platform: Mapped[str] = mapped_column(primary_key=True)
    server: Mapped[str] = mapped_column(primary_key=True)
    """`sandbox`, or the base URL: a rehearsal's authorisation is never used elsewhere."""
    sealed_client: Mapped[str | None]
    """The OAuth client, kept so that connecting again is one click."""
    sealed: Mapped[str | None]
    """The authorisation; empty once disconnected."""
    channel_id: Mapped[str | None]
    """The channel it is pinned to: nothing is sent to another."""
    channel_title: Mapped[str | None]
    long_uploads: Mapped[bool | None]
    """Whether the channel may send films of more than 15 minutes, as it was last told."""
    scopes: Mapped[list[str]] = mapped_column(default=list)
    granted_at: Mapped[datetime | None]
    granted_by: Mapped[str | None]
    checked_at: Mapped[datetime | None]
    trouble: Mapped[str | None]
    """Why the last check failed."""
