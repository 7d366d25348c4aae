"""Receiving files: the resumable protocol, and the two simple ones; bytes go to disk, sessions to the record."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from pasvu.publish.sandbox import instants
from pasvu.publish.sandbox.answers import ApiError, Json
from pasvu.publish.sandbox.discovery import Method
from pasvu.publish.sandbox.faults import Fault
from pasvu.publish.sandbox.store import packed, unpacked
from pasvu.publish.sandbox.world import Call, Caller, Received, World, new_id

GRAIN = 262_144
"""Chunks other than the last are multiples of this many bytes (resumable upload protocol)."""
_BLOCK = 1 << 20
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")

Finish = Callable[[Call, Received], Json]


@dataclass(frozen=True)
class Stored:
    """Where a session stands: bytes kept so far, or the final answer."""

    received: int
    answer: Json | None = None


@dataclass(frozen=True)
class Piece:
    """What one PUT carries: `start` is `None` for a question; `total` is `None` while the client does not know."""

    start: int | None
    length: int
    total: int | None


def piece(content_range: str | None, length: int) -> Piece:
    """Read `Content-Range`; without one the body is the whole file. 400 when it contradicts the body."""
    if content_range is None:
        return Piece(0, length, length)
    match = _RANGE.fullmatch(content_range.strip())
    if match is None:
        raise _wrong(f"Failed to parse Content-Range header: {content_range[:80]}")
    total = None if match.group(3) == "*" else int(match.group(3))
    if match.group(1) is None:
        if length:
            raise _wrong("A status query carries no bytes.")
        return Piece(None, 0, total)
    start, last = int(match.group(1)), int(match.group(2))
    if last - start + 1 != length or (total is not None and last >= total):
        raise _wrong(f"There were {length} byte(s) in the request body, not those of Content-Range {content_range}.")
    return Piece(start, length, total)


def check_media(method: Method, content_type: str, total: int | None) -> None:
    """400 for a media type or size that the method does not take."""
    media = method.spec["mediaUpload"]
    plain = content_type.partition(";")[0].strip().lower()
    taken = any(one in ("*/*", plain) or (one.endswith("/*") and plain.startswith(one[:-1])) for one in media["accept"])
    if not taken:
        raise _wrong(f"Media type '{plain}' is not supported. Valid media types: {media['accept']}")
    if total is not None and total > int(media.get("maxSize", 2**62)):
        raise ApiError(413, "uploadTooLarge", "The file is larger than this method takes.")


def open_session(
    call: Call, method: Method, *, content_type: str, total: int | None, file_name: str, prefix: tuple[str, int]
) -> str:
    """Write down a session that a client may come back to; gives its upload id."""
    upload_id = new_id("ABg5-", 48)
    call.db.execute(
        "INSERT INTO sessions (upload_id, resource_id, method_id, account, params, body, content_type, file_name,"
        " total, received, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
        (
            upload_id,
            new_id(*prefix),
            method.id,
            call.caller.account,
            packed(call.params),
            packed(call.body),
            content_type,
            file_name,
            total,
            instants.written(call.now),
        ),
    )
    return upload_id


def session(world: World, upload_id: str) -> Any:
    """The session's row; 404 `notFound` when it is unknown, cancelled or older than a session lives."""
    with world.store.transaction() as db:
        row = db.execute("SELECT * FROM sessions WHERE upload_id = ?", (upload_id,)).fetchone()
    life = timedelta(seconds=world.rules.session_life_s)
    if row is None or row["gone"] or world.clock.now() - instants.read(row["opened_at"]) >= life:
        raise ApiError(404, "notFound", "Upload session not found.")
    return row


def drop_session(world: World, upload_id: str) -> None:
    """Forget a session: whoever comes back to it hears 404."""
    with world.store.transaction() as db:
        db.execute("UPDATE sessions SET gone = 1 WHERE upload_id = ?", (upload_id,))


def receive(world: World, row: Any, sent: Piece, body: IO[bytes], finish: Finish, fault: Fault | None) -> Stored:
    """Take one piece, or answer a question; the final answer is repeated as often as it is asked for.

    Only what continues the bytes kept so far is stored. Raises 400 for a gap or a size that is no multiple of 256 KiB.
    """
    if row["answer"]:
        return Stored(row["received"], unpacked(row["answer"]))
    total = row["total"] if row["total"] is not None else sent.total
    if sent.total is not None and total != sent.total:
        raise _wrong(f"The session was opened for {total} bytes, not {sent.total}.")
    kept: int = row["received"]
    if sent.start is not None:
        kept = _keep(world, row, sent, body, total, fault)
    if total is None or kept < total:
        return Stored(kept)
    return Stored(kept, _finish(world, row["upload_id"], finish))


def _keep(world: World, row: Any, sent: Piece, body: IO[bytes], total: int | None, fault: Fault | None) -> int:
    received: int = row["received"]
    start = sent.start or 0
    if start > received:
        raise _wrong(f"The upload offset is {start}, which exceeds the already uploaded size of {received}.")
    if start < received:
        return received
    if sent.length % GRAIN and start + sent.length != total:
        raise _wrong(f"Chunks other than the last must be multiples of {GRAIN} bytes, not {sent.length}.")
    length = sent.length
    if fault is not None and fault.do == "keep_fewer":
        length = min(length, int(fault.options.get("keep_bytes", length // 2 // GRAIN * GRAIN)))
    path = world.store.received / row["resource_id"]
    with path.open("r+b" if path.exists() else "wb") as file:
        file.seek(received)
        _copy(body, file, length)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    with world.store.transaction() as db:
        done = db.execute(
            "UPDATE sessions SET received = ?, total = ? WHERE upload_id = ? AND received = ?",
            (received + length, total, row["upload_id"], received),
        )
        if not done.rowcount:
            raise ApiError(503, "backendError", "Another request is writing to this upload.")
    return received + length


def _copy(body: IO[bytes], file: IO[bytes], length: int) -> None:
    while length > 0:
        block = body.read(min(_BLOCK, length))
        if not block:
            raise _wrong("The request body is shorter than its length says.")
        file.write(block)
        length -= len(block)


def _finish(world: World, upload_id: str, finish: Finish) -> Json:
    with world.store.transaction() as db:
        row = db.execute("SELECT * FROM sessions WHERE upload_id = ?", (upload_id,)).fetchone()
    file = _arrived(world, row["resource_id"], row["content_type"], row["file_name"])
    with world.store.transaction() as db:
        done = db.execute("SELECT answer FROM sessions WHERE upload_id = ?", (upload_id,)).fetchone()
        if done["answer"]:
            answer: Json = unpacked(done["answer"])
            return answer
        caller = Caller(row["account"])
        call = Call(world, db, world.clock.now(), caller, unpacked(row["params"]), unpacked(row["body"]))
        answer = finish(call, file)
        db.execute("UPDATE sessions SET answer = ? WHERE upload_id = ?", (packed(answer), upload_id))
    return answer


def take_whole(world: World, body: IO[bytes], content_type: str, file_name: str, prefix: tuple[str, int]) -> Received:
    """A file sent in one request: to disk, whole."""
    resource_id = new_id(*prefix)
    with (world.store.received / resource_id).open("wb") as file:
        shutil.copyfileobj(body, file, _BLOCK)
    received = _arrived(world, resource_id, content_type, file_name)
    if received.bytes == 0:
        raise ApiError(400, "mediaBodyRequired", "The request does not include the media content.")
    return received


def _arrived(world: World, resource_id: str, content_type: str, file_name: str) -> Received:
    path: Path = world.store.received / resource_id
    path.touch()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Received(path, resource_id, path.stat().st_size, digest, content_type, file_name)


def _wrong(message: str) -> ApiError:
    return ApiError(400, "badRequest", f"Invalid request. {message}")
