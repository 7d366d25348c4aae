"""What every answer needs: the record, the clock, the rules; and one request once it has been checked."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pasvu.channel.clock import Clock
from pasvu.publish.sandbox.answers import ApiError, Json
from pasvu.publish.sandbox.discovery import Description, Params
from pasvu.publish.sandbox.rules import Rules
from pasvu.publish.sandbox.store import Store

OWNER = "owner"


@dataclass(frozen=True)
class World:
    """One running stand-in."""

    store: Store
    clock: Clock
    rules: Rules
    description: Description
    url: str
    channel_id: str

    @property
    def uploads_id(self) -> str:
        """The playlist of everything the channel received."""
        return "UU" + self.channel_id[2:]


@dataclass(frozen=True)
class Caller:
    """Who asks: the channel's `owner`, or a `viewer` who has no channel."""

    account: str
    scopes: frozenset[str] = frozenset()

    @property
    def owns(self) -> bool:
        """Whether the caller is the channel's owner."""
        return self.account == OWNER

    def must_own(self) -> None:
        """Refuse a Google account without a channel where one is needed."""
        if not self.owns:
            raise ApiError(401, "youtubeSignupRequired", "Unauthorized", domain="youtube.header")


@dataclass(frozen=True)
class Received:
    """A file that arrived whole."""

    path: Path
    resource_id: str
    bytes: int
    sha256: str
    content_type: str
    file_name: str


@dataclass(frozen=True)
class Call:
    """One checked request, inside one transaction."""

    world: World
    db: sqlite3.Connection
    now: datetime
    caller: Caller
    params: Params = field(default_factory=dict)
    body: Json = field(default_factory=dict)

    @property
    def parts(self) -> list[str]:
        """The parts asked for."""
        return self.params.get("part", [])

    def one(self, name: str) -> str | None:
        """A parameter that is given once, or `None`."""
        values = self.params.get(name)
        return values[0] if values else None

    def asked(self, default: int = 5) -> int:
        """`maxResults`."""
        return int(self.one("maxResults") or default)


def new_id(prefix: str, length: int) -> str:
    """A fresh id: `prefix`, then `length` characters of `[A-Za-z0-9_-]`."""
    return prefix + secrets.token_urlsafe(length)[:length]
