"""What the panel needs to know and do about a platform's connection; the front door brings it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Bucket:
    """What is left of an allowance today, and of the reserve that is kept beside it for taking back."""

    name: str
    left: int
    limit: int
    reserve: int = 0


@dataclass(frozen=True)
class Link:
    """How a platform's connection stands; nothing in it is secret."""

    platform: str
    server: str
    rehearsing: bool
    connected: bool
    has_client: bool
    channel_id: str | None
    channel_title: str | None
    long_uploads: bool | None
    """Whether the channel may send films of more than 15 minutes; `None` while it is not known."""
    statistics: bool
    """Whether the detailed audience may be read too."""
    granted_at: datetime | None
    granted_by: str | None
    age_days: int | None
    grows_old: bool
    """Whether it would die in these days if the Google project is still « in testing »."""
    checked_at: datetime | None
    trouble: str | None
    counts_kept_until: datetime | None
    """When the figures counted here must go, while nothing allows to keep them."""
    buckets: tuple[Bucket, ...]
    resets_at: datetime


@dataclass(frozen=True)
class Departure:
    """Where to send a person who shall grant the channel, and what to keep until they are back (sealed)."""

    address: str
    sealed: str


class Linking(Protocol):
    """Connecting and disconnecting a platform."""

    def status(self) -> Link:
        """How it stands now, without asking the platform."""
        ...

    def statistics(self) -> bool | None:
        """Whether the detailed audience may be read; `None` when nothing is connected."""
        ...

    def leave(self, redirect_uri: str) -> Departure:
        """Begin to connect; the platform's answer comes to `redirect_uri`."""
        ...

    def come_back(self, sealed: str, state: str, code: str, by: str) -> str:
        """End it: the channel's name, once it is kept."""
        ...

    def check(self) -> str | None:
        """Ask the platform whether it still knows us; what is wrong, or `None`."""
        ...

    def keep_client(self, text: str, by: str) -> None:
        """Keep the OAuth client (the text of a `client_secret.json`)."""
        ...

    def disconnect(self, by: str) -> bool:
        """Take the grant back and erase it; whether the platform confirmed."""
        ...
