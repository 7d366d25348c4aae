"""The places that the contract suite plays on: a platform, its clock, and a way to look at what it really holds.

A new platform adds a `Stage` here and its name to `STAGES`; the suite itself does not change.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from pasvu.channel.clock import SetClock
from pasvu.channel.values import UploadSession
from pasvu.publish.platform import Platform
from pasvu.publish.sandbox import Rules, serve
from pasvu.publish.youtube import YouTube
from pasvu.publish.youtube.authorization import read_authorized_user

from .conftest import CHUNK, NOW, Ledger


@dataclass(frozen=True)
class Seen:
    """One video as the server really holds it; `history` is its privacy so far, oldest first."""

    video_id: str
    sha256: str
    title: str
    tags: tuple[str, ...]
    embeddable: bool
    made_for_kids: bool
    publish_at: datetime | None
    published_at: datetime | None
    history: list[str]
    thumbnail: bool
    captions: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """A platform ready to play: `again` makes a second client, as after a restart."""

    platform: Platform
    again: Callable[[], Platform]
    clock: SetClock
    look: Callable[[], list[Seen]]
    make_playlist: Callable[[], str]
    in_playlist: Callable[[str], list[str]]
    forgotten: UploadSession
    """A session that the server does not know."""
    begin_live: Callable[[str, int, int, bool], str] | None
    """Starts a broadcast (title, people at its fullest, minutes, announced); `None` where none is told of."""


@contextmanager
def youtube_on_the_sandbox(home: Path) -> Iterator[Stage]:
    """YouTube's client and the product's own sandbox, over a real socket."""
    clock = SetClock(NOW)
    sandbox = serve(home, clock, rules=Rules(processing_base_s=30.0))
    user = read_authorized_user(json.dumps(sandbox.authorized_user()))

    def make() -> YouTube:
        return YouTube(sandbox.url, user, chunk_bytes=CHUNK, clock=clock, spend=Ledger(), sleep=clock.sleep)

    def http(method: str, path: str, body: Any = None) -> Any:
        platform._client._wire.renew()
        request = urllib.request.Request(
            f"{sandbox.url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {platform._client._wire._credentials.token}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def look() -> list[Seen]:
        return [seen(video) for video in http("GET", "/sandbox/videos")["videos"]]

    def seen(video: dict[str, Any]) -> Seen:
        captions = http("GET", f"/youtube/v3/captions?part=snippet&videoId={video['id']}")["items"]
        snippet, status = video["resource"]["snippet"], video["resource"]["status"]
        return Seen(
            video["id"],
            video["sha256"],
            snippet["title"],
            tuple(snippet.get("tags", ())),
            status.get("embeddable", True),
            status.get("selfDeclaredMadeForKids", False),
            _instant(video["publish_at"]),
            _instant(video["published_at"]),
            # Once per change of privacy: other updates are noted by the server too.
            [privacy for privacy, _ in groupby(moment["privacy"] for moment in video["history"])],
            bool(video["thumbnail"]),
            tuple(sorted(caption["snippet"]["language"] for caption in captions)),
        )

    def make_playlist() -> str:
        return str(http("POST", "/youtube/v3/playlists?part=snippet", {"snippet": {"title": "Débats"}})["id"])

    def in_playlist(playlist_id: str) -> list[str]:
        items = http("GET", f"/youtube/v3/playlistItems?part=contentDetails&playlistId={playlist_id}")["items"]
        return [item["contentDetails"]["videoId"] for item in items]

    def begin_live(title: str, peak: int, minutes: int, announced: bool) -> str:
        wanted = {"title": title, "peak": peak, "minutes": minutes, "announced": announced}
        return str(http("POST", "/sandbox/broadcasts", wanted)["id"])

    platform = make()
    try:
        forgotten = UploadSession(f"{sandbox.url}/upload/youtube/v3/videos?upload_id=unknown", NOW, 1000)
        yield Stage(platform, make, clock, look, make_playlist, in_playlist, forgotten, begin_live)
    finally:
        platform.close()
        sandbox.close()


STAGES = {"youtube": youtube_on_the_sandbox}


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
