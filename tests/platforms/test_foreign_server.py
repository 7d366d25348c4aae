"""The resumable protocol against a server that nobody here wrote: Google storage's emulator, over its real socket.

It speaks the protocol that YouTube's uploads speak (sessions, ranges, 308, status queries); what it receives is read
back through its own API. One fault of its own is stepped around: asked about a session that has received nothing, it
answers as if one byte were there, so the first chunk of each session is put by hand.
"""

from __future__ import annotations

import hashlib
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from gcp_storage_emulator.server import create_server
from googleapiclient.discovery_cache import get_static_doc

from pasvu.channel.clock import SetClock
from pasvu.channel.errors import Cancelled
from pasvu.channel.values import UploadSession
from pasvu.publish.errors import SessionGone
from pasvu.publish.youtube import AuthorizedUser, YouTube

from .conftest import CHUNK, NOW, Ledger, Master, Watcher
from .loopback import Loopback


@dataclass
class Foreign:
    """The emulator, and our client pointed at it."""

    url: str
    tokens: str

    def client(self) -> YouTube:
        user = AuthorizedUser("client", "secret", "1//refresh", f"{self.tokens}/token")
        made = YouTube(self.url, user, chunk_bytes=CHUNK, clock=SetClock(NOW), spend=Ledger(), sleep=lambda _: None)
        # It serves no discovery document: Google's own, with its address put in.
        document = json.loads(get_static_doc("youtube", "v3"))
        document |= {"rootUrl": f"{self.url}/", "baseUrl": f"{self.url}/youtube/v3/"}
        made._client._wire._document = json.dumps(document)
        return made

    def open(self, master: Path, name: str = "film.mp4") -> UploadSession:
        asked = urllib.request.Request(
            f"{self.url}/upload/storage/v1/b/films/o?uploadType=resumable&name={name}",
            data=json.dumps({"name": name}).encode(),
            headers={"Content-Type": "application/json", "X-Upload-Content-Type": "video/mp4"},
        )
        with urllib.request.urlopen(asked, timeout=20) as answer:
            address = answer.headers["Location"]
        total = master.stat().st_size
        first = urllib.request.Request(
            address,
            data=master.read_bytes()[:CHUNK],
            method="PUT",
            headers={"Content-Range": f"bytes 0-{CHUNK - 1}/{total}"},
        )
        with pytest.raises(urllib.error.HTTPError) as incomplete:
            urllib.request.urlopen(first, timeout=20)
        assert (incomplete.value.code, incomplete.value.headers["Range"]) == (308, f"bytes=0-{CHUNK - 1}")
        return UploadSession(address, NOW, total)

    def sha256(self, name: str = "film.mp4") -> str:
        with urllib.request.urlopen(f"{self.url}/download/storage/v1/b/films/o/{name}?alt=media", timeout=20) as answer:
            return hashlib.sha256(answer.read()).hexdigest()

    def names(self) -> list[str]:
        with urllib.request.urlopen(f"{self.url}/storage/v1/b/films/o", timeout=20) as answer:
            return [item["name"] for item in json.load(answer).get("items", [])]


@pytest.fixture
def foreign(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Iterator[Foreign]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", url)
    emulator = create_server("127.0.0.1", port, in_memory=True, default_bucket="films")
    emulator.start()
    yield Foreign(url, server.url)
    emulator.stop()


def test_every_byte_arrives_once_and_asking_again_finds_the_same(foreign: Foreign, master: Master) -> None:
    session = foreign.open(master.path)
    assert foreign.client().ask_upload(session).confirmed_bytes == CHUNK
    watcher = Watcher(look=lambda: len(foreign.names()))
    sent = foreign.client().send(session, master.path, watcher)
    assert foreign.sha256() == master.sha256
    # Told before the last bytes left, when there was nothing there yet.
    assert watcher.intents == [0]
    assert watcher.confirmations[-1] == session.total_bytes
    assert foreign.names() == ["film.mp4"]
    assert sent


def test_an_answer_that_was_lost_is_found_by_asking_and_nothing_is_sent_again(foreign: Foreign, master: Master) -> None:
    session = foreign.open(master.path)

    class Lost(Watcher):
        def confirmed(self, sent_bytes: int, total_bytes: int) -> None:
            if sent_bytes == total_bytes:
                raise ConnectionError("killed before the answer was written down")
            super().confirmed(sent_bytes, total_bytes)

    with pytest.raises(ConnectionError):
        foreign.client().send(session, master.path, Lost())
    assert foreign.names() == ["film.mp4"]
    # This server forgets a session once it has answered: then it is gone, and never taken for a new start.
    with pytest.raises(SessionGone):
        foreign.client().send(session, master.path, Watcher())
    assert (foreign.names(), foreign.sha256()) == (["film.mp4"], master.sha256)


def test_stopped_and_gone_on_with_by_another_process(foreign: Foreign, master: Master) -> None:
    session = foreign.open(master.path)
    with pytest.raises(Cancelled):
        foreign.client().send(session, master.path, Watcher(stop_at=2 * CHUNK))
    assert foreign.names() == []
    other = foreign.client()
    there = other.ask_upload(session).confirmed_bytes
    assert there == 2 * CHUNK
    watcher = Watcher()
    other.send(session, master.path, watcher)
    assert watcher.confirmations[0] == there
    assert foreign.sha256() == master.sha256


def test_a_session_that_it_does_not_know_is_gone(foreign: Foreign, master: Master) -> None:
    known = foreign.open(master.path)
    unknown = UploadSession(known.address.replace("upload_id=", "upload_id=not-"), NOW, known.total_bytes)
    with pytest.raises(SessionGone):
        foreign.client().ask_upload(unknown)
