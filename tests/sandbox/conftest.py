"""A stand-in on a clock that tests move, and a plain HTTP client to drive it with."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from pasvu.channel.clock import SetClock
from pasvu.publish.sandbox import Rules, Sandbox, serve

from .films import film

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def reason(self) -> str:
        return str(self.json["error"]["errors"][0]["reason"])


@dataclass
class Talk:
    """Raw requests to one stand-in, with one access token."""

    sandbox: Sandbox
    clock: SetClock
    user: dict[str, Any] = field(default_factory=dict)
    token: str = ""

    def log_in(self, user: dict[str, Any] | None = None) -> Talk:
        user = user or self.sandbox.authorized_user()
        form = {key: user[key] for key in ("client_id", "client_secret", "refresh_token")}
        answer = self.form("/token", form | {"grant_type": "refresh_token"})
        assert answer.status == 200, answer.content
        return Talk(self.sandbox, self.clock, user, answer.json["access_token"])

    def form(self, path: str, fields: dict[str, str]) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urlencode(fields).encode(), headers)

    def send(self, verb: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent |= headers or {}
        address = urlsplit(self.sandbox.url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=20)
        try:
            target = target.removeprefix(self.sandbox.url)
            connection.request(verb, target, body, {"Content-Length": str(len(body)), **sent})
            reply = connection.getresponse()
            return Answer(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())
        finally:
            connection.close()

    def call(self, verb: str, path: str, body: Any = None, **params: Any) -> Answer:
        """One call below /youtube/v3/."""
        content = json.dumps(body).encode() if body is not None else b""
        target = f"/youtube/v3/{path}?{urlencode(params, doseq=True)}"
        return self.send(verb, target, content, {"Content-Type": "application/json"})

    def get(self, path: str, **params: Any) -> Any:
        answer = self.call("GET", path, **params)
        assert answer.status == 200, answer.content
        return answer.json

    def open(self, size: int | None, body: Any = None, part: str = "snippet,status", **params: Any) -> Answer:
        headers = {"Content-Type": "application/json", "X-Upload-Content-Type": "video/mp4"}
        if size is not None:
            headers["X-Upload-Content-Length"] = str(size)
        query = urlencode({"part": part, "uploadType": "resumable", **params})
        content = json.dumps(body if body is not None else video_body()).encode()
        return self.send("POST", f"/upload/youtube/v3/videos?{query}", content, headers)

    def put(self, address: str, body: bytes, start: int, total: int | str) -> Answer:
        stamp = f"bytes {start}-{start + len(body) - 1}/{total}"
        return self.send("PUT", address, body, {"Content-Range": stamp})

    def ask(self, address: str, total: int | str = "*") -> Answer:
        return self.send("PUT", address, b"", {"Content-Range": f"bytes */{total}"})

    def upload(self, content: bytes, body: Any = None, part: str = "snippet,status") -> Any:
        opened = self.open(len(content), body, part)
        assert opened.status == 200, opened.content
        done = self.put(opened.headers["location"], content, 0, len(content))
        assert done.status == 201, done.content
        return done.json

    def fault(self, **fault: Any) -> None:
        content = json.dumps(fault).encode()
        answer = self.send("POST", "/sandbox/faults", content, {"Content-Type": "application/json"})
        assert answer.status == 200, answer.content

    def truth(self, video_id: str) -> Any:
        return self.send("GET", f"/sandbox/videos/{video_id}").json

    def ledger(self) -> list[Any]:
        return list(self.send("GET", "/sandbox/ledger").json["requests"])

    def spent(self, bucket: str) -> int:
        return int(self.send("GET", "/sandbox/quota").json["buckets"].get(bucket, {"spent": 0})["spent"])


def video_body(**status: Any) -> dict[str, Any]:
    snippet = {"title": "Émission du lundi", "description": "Bonjour", "categoryId": "25", "tags": ["social"]}
    return {"snippet": snippet, "status": {"privacyStatus": "private", "selfDeclaredMadeForKids": False, **status}}


Begin = Callable[..., Talk]


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
def begin(tmp_path: Path, clock: SetClock) -> Iterator[Begin]:
    """Starts a stand-in with the rules of the test; logged in as the owner."""
    started: list[Sandbox] = []

    def start(home: Path | None = None, **rules: Any) -> Talk:
        sandbox = serve(home or tmp_path / "sandbox", clock, rules=Rules(**rules))
        started.append(sandbox)
        return Talk(sandbox, clock).log_in()

    yield start
    for sandbox in started:
        sandbox.close()


@pytest.fixture
def talk(begin: Begin) -> Talk:
    return begin()


@pytest.fixture
def video_id(talk: Talk) -> str:
    """A private video of one minute, processed."""
    made = talk.upload(film())
    talk.clock.sleep(60)
    return str(made["id"])
