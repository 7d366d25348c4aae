"""What the platform tests share: a misbehaving server, a platform that speaks to it, a file to send."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pasvu.channel.clock import SetClock
from pasvu.channel.values import VideoMetadata
from pasvu.publish.youtube import AuthorizedUser, YouTube

from .loopback import Loopback

CHUNK = 256 * 1024
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

CLIENT_SECRET = "GOCSPX-canary-client-secret"
REFRESH_TOKEN = "1//canary-refresh-token"


@dataclass
class Ledger:
    """Notes what was paid; refuses when told to."""

    paid: list[tuple[str, int, str]] = field(default_factory=list)
    refuse: Exception | None = None

    def __call__(self, bucket: str, units: int, method: str) -> None:
        if self.refuse:
            raise self.refuse
        self.paid.append((bucket, units, method))


@dataclass
class Watcher:
    """Notes what a sending tells; `look` adds what the server had received at each intent to finish."""

    confirmations: list[int] = field(default_factory=list)
    intents: list[int] = field(default_factory=list)
    look: Callable[[], int] = lambda: 0
    stop_at: int | None = None

    def confirmed(self, sent_bytes: int, total_bytes: int) -> None:
        self.confirmations.append(sent_bytes)

    def about_to_finish(self) -> None:
        self.intents.append(self.look())

    def should_stop(self) -> bool:
        return self.stop_at is not None and bool(self.confirmations) and self.confirmations[-1] >= self.stop_at


@dataclass(frozen=True)
class Master:
    path: Path
    sha256: str


@pytest.fixture
def server() -> Iterator[Loopback]:
    home = Loopback()
    yield home
    home.close()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def sleeps() -> list[float]:
    return []


@pytest.fixture
def user(server: Loopback) -> AuthorizedUser:
    return AuthorizedUser("client", CLIENT_SECRET, REFRESH_TOKEN, f"{server.url}/token")


@pytest.fixture
def youtube(
    server: Loopback, user: AuthorizedUser, clock: SetClock, ledger: Ledger, sleeps: list[float]
) -> Iterator[YouTube]:
    platform = YouTube(server.url, user, chunk_bytes=CHUNK, clock=clock, spend=ledger, sleep=sleeps.append)
    yield platform
    platform.close()


@pytest.fixture
def master(tmp_path: Path) -> Master:
    """Three full chunks and a bit."""
    content = random.Random(7).randbytes(3 * CHUNK + 1234)
    path = tmp_path / "épisode 1.mp4"
    path.write_bytes(content)
    return Master(path, hashlib.sha256(content).hexdigest())


@pytest.fixture
def metadata() -> VideoMetadata:
    return VideoMetadata("Le débat", "Ce soir, l’été.", tags=("débat", "été"), marker="pv-01abc")
