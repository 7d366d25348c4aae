"""Answers of `captions.*`."""

from __future__ import annotations

import shutil
import sqlite3

from pasvu.publish.sandbox import instants
from pasvu.publish.sandbox.answers import ApiError, Json, with_etag
from pasvu.publish.sandbox.video_calls import own_video
from pasvu.publish.sandbox.world import Call, Received

_LONGEST_NAME = 150


def list_(call: Call) -> Json:
    """`captions.list` of one video."""
    own_video(call, call.one("videoId") or "")
    rows = call.db.execute("SELECT * FROM captions WHERE video_id = ? ORDER BY number", (call.one("videoId"),))
    ids = call.params.get("id")
    items = [_resource(row, call.parts) for row in rows.fetchall() if not ids or row["id"] in ids]
    return with_etag({"kind": "youtube#captionListResponse", "items": items})


def check_insert(call: Call) -> None:
    """What `captions.insert` refuses before it takes a byte."""
    snippet = call.body.get("snippet", {})
    if not all(isinstance(snippet.get(name), str) for name in ("videoId", "language", "name")):
        raise _wrong(400, "invalidMetadata", "The request metadata is invalid: videoId, language and name are needed.")
    if len(snippet["name"]) > _LONGEST_NAME:
        raise _wrong(400, "nameTooLong", "The name of the caption track is too long.")
    video = own_video(call, snippet["videoId"])
    twin = call.db.execute(
        "SELECT 1 FROM captions WHERE video_id = ? AND language = ? AND name = ?",
        (video.id, snippet["language"], snippet["name"]),
    ).fetchone()
    if twin:
        raise _wrong(409, "captionExists", "The video already has a track with this name and language.")


def insert(call: Call, file: Received) -> Json:
    """`captions.insert`; a format that is not timed text becomes a track that `failed`."""
    check_insert(call)
    snippet = call.body["snippet"]
    call.db.execute(
        "INSERT INTO captions (id, video_id, language, name, draft, failure, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            file.resource_id,
            snippet["videoId"],
            snippet["language"],
            snippet["name"],
            snippet.get("isDraft", False),
            _failure(file),
            instants.written(call.now),
        ),
    )
    return _resource(_track(call, file.resource_id), call.parts)


def check_update(call: Call) -> None:
    """What `captions.update` refuses before it takes a byte."""
    own_video(call, _track(call, str(call.body.get("id", "")))["video_id"])


def update(call: Call, file: Received) -> Json:
    """`captions.update` with new content."""
    check_update(call)
    failure = _failure(file)
    shutil.copyfile(file.path, file.path.with_name(call.body["id"]))
    draft = call.body.get("snippet", {}).get("isDraft", False)
    call.db.execute(
        "UPDATE captions SET draft = ?, failure = ?, updated_at = ? WHERE id = ?",
        (draft, failure, instants.written(call.now), call.body["id"]),
    )
    return _resource(_track(call, call.body["id"]), call.parts)


def delete(call: Call) -> Json:
    """`captions.delete`."""
    track = _track(call, call.one("id") or "")
    own_video(call, track["video_id"])
    call.db.execute("DELETE FROM captions WHERE id = ?", (track["id"],))
    return {}


def _failure(file: Received) -> str | None:
    if file.bytes == 0:
        raise _wrong(400, "contentRequired", "The request does not contain the caption track's contents.")
    content = file.path.read_bytes()
    return None if b"-->" in content or b"<tt" in content else "unknownFormat"


def _track(call: Call, caption_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = call.db.execute("SELECT * FROM captions WHERE id = ?", (caption_id,)).fetchone()
    if row is None:
        raise _wrong(404, "captionNotFound", "The caption track cannot be found.")
    return row


def _resource(row: sqlite3.Row, parts: list[str]) -> Json:
    snippet: Json = {
        "videoId": row["video_id"],
        "lastUpdated": instants.shown(instants.read(row["updated_at"])),
        "trackKind": "standard",
        "language": row["language"],
        "name": row["name"],
        "audioTrackType": "unknown",
        "isCC": False,
        "isLarge": False,
        "isEasyReader": False,
        "isDraft": bool(row["draft"]),
        "isAutoSynced": False,
        "status": "failed" if row["failure"] else "serving",
    }
    if row["failure"]:
        snippet["failureReason"] = row["failure"]
    chosen = {"snippet": snippet} if "snippet" in parts else {}
    return with_etag({"kind": "youtube#caption", "id": row["id"], **chosen})


def _wrong(status: int, reason: str, message: str) -> ApiError:
    return ApiError(status, reason, message, domain="youtube.caption")
