"""A small server of YouTube's upload protocol, misbehaving on command; shares nothing with the product's sandbox."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from googleapiclient.discovery_cache import get_static_doc

FORCE_SSL = "https://www.googleapis.com/auth/youtube.force-ssl"
PIECE = 64 * 1024


@dataclass(frozen=True)
class Refuse:
    """Answer with an error instead of doing what is asked."""

    status: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


@dataclass(frozen=True)
class Drop:
    """Close the line: at once, after storing `store` bytes of the body, or after doing everything (`store=None`)."""

    store: int | None = 0


@dataclass(frozen=True)
class Keep:
    """Keep only so many bytes of the chunk; 0 answers without a Range when nothing is stored at all."""

    bytes: int


@dataclass(frozen=True)
class Status:
    """Succeed, with this status."""

    status: int


@dataclass(frozen=True)
class Call:
    """Call this and hang up without storing the chunk, or after storing it and before the answer."""

    act: Callable[[], None]
    after_storing: bool = False


Fault = Refuse | Drop | Keep | Status | Call | None


@dataclass(frozen=True)
class Said:
    """One request as it arrived."""

    kind: str
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = b""
    body_bytes: int = 0

    @property
    def range(self) -> str:
        return self.headers.get("content-range", "")


@dataclass
class Upload:
    total: int
    metadata: dict[str, Any]
    received: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    video_id: str | None = None


class Loopback:
    """The server: `journal` of what arrived, `faults` to come by kind, `answers` of plain calls by method and path."""

    def __init__(self) -> None:
        self.journal: list[Said] = []
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.answers: dict[str, deque[tuple[int, Any]]] = defaultdict(deque)
        self.uploads: dict[str, Upload] = {}
        self.videos: dict[str, str] = {}
        self.token = "ya29.canary-access-0"
        self.scope: str | None = FORCE_SSL
        self.tokens_given = 0
        self.date: str | None = None
        self.impatient = False
        """Close each line after one answer without having said so, as servers do with idle lines."""
        self.ways: set[str] = set()
        """Ways in which other servers of the same API differ: `old` (HTTP/1.0), `chunked`, `relative` (Location),
        `undated`, `undescribed` (no discovery)."""
        self._lines = 0
        self._hung_up = threading.Condition()
        self._lock = threading.Lock()
        loopback = self

        class Handler(_Handler):
            home = loopback

        class Server(ThreadingHTTPServer):
            def process_request(self, request: Any, client_address: Any) -> None:
                with loopback._hung_up:
                    loopback._lines += 1
                super().process_request(request, client_address)

            def shutdown_request(self, request: Any) -> None:
                super().shutdown_request(request)
                with loopback._hung_up:
                    loopback._lines -= 1
                    loopback._hung_up.notify_all()

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        document = json.loads(get_static_doc("youtube", "v3"))  # type: ignore[no-untyped-call]
        document["rootUrl"] = document["baseUrl"] = self.url + "/"
        self.document = document
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_until_hung_up(self) -> None:
        """Return when every line is closed on our side: their ends have left for the client."""
        with self._hung_up:
            assert self._hung_up.wait_for(lambda: self._lines == 0, timeout=30), "a line is still open"

    def of(self, *kinds: str) -> list[Said]:
        return [said for said in self.journal if said.kind in kinds]

    def then(self, kind: str, *faults: Fault) -> None:
        self.faults[kind].extend(faults)

    def answer(self, call: str, body: Any = None, status: int = 200) -> None:
        self.answers[call].append((status, {} if body is None else body))

    def refuse(self, call: str, status: int, reason: str) -> None:
        self.answer(call, error(status, reason), status)


def error(status: int, reason: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": f"said {reason}", "errors": [{"domain": "youtube", "reason": reason}]}}


class _Handler(BaseHTTPRequestHandler):
    home: Loopback
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_GET  # noqa: N815 - the names that http.server looks for

    def _answer(self) -> None:
        self.protocol_version = "HTTP/1.0" if "old" in self.home.ways else "HTTP/1.1"
        place = urlsplit(self.path)
        query = parse_qs(place.query)
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = int(headers.get("content-length", 0))
        if self.command == "PUT" and "upload_id" in query:
            kind = "ask" if headers.get("content-range", "").startswith("bytes */") else "chunk"
        elif place.path == "/token":
            kind = "token"
        elif place.path == "/$discovery/rest":
            kind = "discovery"
        elif query.get("uploadType") == ["resumable"]:
            kind = "start"
        else:
            kind = "call"
        body = b"" if kind == "chunk" else self.rfile.read(length)
        home = self.home
        with home._lock:
            home.journal.append(Said(kind, self.command, place.path, query, headers, body, length))
            fault = home.faults[kind].popleft() if home.faults[kind] else None
        if isinstance(fault, Refuse):
            self._drain(length if kind == "chunk" else 0)
            sent = fault.body if fault.body is not None else json.dumps(error(fault.status, fault.reason)).encode()
            self._say(fault.status, sent, fault.headers)
            return
        if isinstance(fault, Drop) and fault.store == 0:
            self._hang_up()
            return
        if isinstance(fault, Call) and kind != "chunk":
            fault.act()
        if kind not in ("token", "discovery") and headers.get("authorization") != f"Bearer {home.token}":
            self._drain(length if kind == "chunk" else 0)
            self._json(401, error(401, "authError"))
            return
        getattr(self, f"_{kind}")(place.path, query, headers, body, fault)

    def _token(self, path: str, query: Any, headers: Any, body: bytes, fault: Fault) -> None:
        home = self.home
        form = parse_qs(body.decode())
        assert form["grant_type"] == ["refresh_token"]
        home.tokens_given += 1
        home.token = f"ya29.canary-access-{home.tokens_given}"
        given = {"access_token": home.token, "expires_in": 3600, "token_type": "Bearer"}
        self._json(200, given if home.scope is None else {**given, "scope": home.scope})

    def _discovery(self, path: str, query: Any, headers: Any, body: bytes, fault: Fault) -> None:
        assert query["api"] == ["youtube"]
        assert query["version"] == ["v3"]
        if "undescribed" in self.home.ways:
            self._say(404, b"<html>not here</html>")
            return
        self._json(200, self.home.document)

    def _start(self, path: str, query: Any, headers: Any, body: bytes, fault: Fault) -> None:
        key = f"canary-session-{len(self.home.uploads)}"
        self.home.uploads[key] = Upload(int(headers["x-upload-content-length"]), json.loads(body))
        root = "" if "relative" in self.home.ways else self.home.url
        self._say(200, b"", (("Location", f"{root}{path}?uploadType=resumable&upload_id={key}"),))

    def _ask(self, path: str, query: Any, headers: Any, body: bytes, fault: Fault) -> None:
        upload = self.home.uploads[query["upload_id"][0]]
        assert headers["content-range"] == f"bytes */{upload.total}"
        self._where(upload, 200)

    def _chunk(self, path: str, query: Any, headers: Any, body: bytes, fault: Fault) -> None:
        upload = self.home.uploads[query["upload_id"][0]]
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", headers["content-range"])
        assert found
        first, last, total = map(int, found.groups())
        length = int(headers["content-length"])
        assert length == last - first + 1
        assert total == upload.total
        if isinstance(fault, Call) and not fault.after_storing:
            fault.act()
            self._hang_up()
            return
        room = length if first == upload.received else 0
        if isinstance(fault, Keep):
            room = min(room, fault.bytes)
        if isinstance(fault, Drop) and fault.store is not None:
            self._store(upload, min(room, fault.store))
            self._hang_up()
            return
        self._drain(length - self._store(upload, room))
        if upload.received == upload.total and upload.video_id is None:
            upload.video_id = f"video{len(self.home.videos):06d}"
            self.home.videos[upload.video_id] = upload.digest.hexdigest()
        if isinstance(fault, Call):
            fault.act()
        if isinstance(fault, Drop):
            self._hang_up()
            return
        self._where(upload, fault.status if isinstance(fault, Status) else 201)

    def _call(self, path: str, query: Any, headers: Any, body: bytes, fault: Fault) -> None:
        key = f"{self.command} {path.removeprefix('/upload').removeprefix('/youtube/v3/')}"
        with self.home._lock:
            waiting = self.home.answers[key]
            status, sent = waiting.popleft() if len(waiting) > 1 else waiting[0] if waiting else (500, {})
        self._json(status, sent)

    def _where(self, upload: Upload, done: int) -> None:
        if upload.video_id:
            self._json(done, {"kind": "youtube#video", "id": upload.video_id})
        else:
            self._say(308, b"", (("Range", f"bytes=0-{upload.received - 1}"),) if upload.received else ())

    def _store(self, upload: Upload, length: int) -> int:
        left = length
        while left:
            piece = self.rfile.read(min(PIECE, left))
            if not piece:
                break
            upload.digest.update(piece)
            upload.received += len(piece)
            left -= len(piece)
        return length - left

    def _drain(self, length: int) -> None:
        while length > 0 and (piece := self.rfile.read(min(PIECE, length))):
            length -= len(piece)

    def _json(self, status: int, body: Any) -> None:
        self._say(status, json.dumps(body).encode(), (("Content-Type", "application/json"),))

    def _say(self, status: int, body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self.send_response_only(status)
        ways = self.home.ways
        if "undated" not in ways:
            self.send_header("Date", self.home.date or self.date_time_string())
        for name, value in headers:
            self.send_header(name, value)
        if "chunked" in ways:
            self.send_header("Transfer-Encoding", "chunked")
            body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:]) if part) + b"0\r\n\r\n"
        elif "old" not in ways:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.close_connection or "old" in ways
        self.close_connection = self.close_connection or self.home.impatient

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
