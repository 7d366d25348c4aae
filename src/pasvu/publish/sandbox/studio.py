"""What someone of the team does by hand, as in the platform's own studio: the product is not told of it."""

from __future__ import annotations

import secrets
import sqlite3
import struct
import zlib
from datetime import datetime
from pathlib import Path

from pasvu.publish.sandbox import instants
from pasvu.publish.sandbox.answers import ApiError
from pasvu.publish.sandbox.store import packed, unpacked
from pasvu.publish.sandbox.videos import Video

EDITS = {
    "retitle": "changer le titre",
    "remove_thumbnail": "ôter la vignette",
    "replace_thumbnail": "mettre une autre vignette",
    "delete_captions": "supprimer les sous-titres",
    "rewrite_captions": "réécrire les sous-titres",
    "add_captions": "ajouter des sous-titres anglais",
}
_TRACK = b"1\n00:00:00,000 --> 00:00:02,000\nSaid otherwise.\n"


def edit(db: sqlite3.Connection, video: Video, received: Path, do: str, now: datetime) -> None:
    """Do one of `EDITS` to a video.

    Raises:
        ApiError: 400, another word.
    """
    at = instants.written(now)
    match do:
        case "retitle":
            resource = unpacked(video.row["resource"])
            resource.setdefault("snippet", {})["title"] = "Changé dans le studio"
            db.execute("UPDATE videos SET resource = ? WHERE id = ?", (packed(resource), video.id))
        case "remove_thumbnail":
            db.execute("UPDATE videos SET thumbnail = NULL WHERE id = ?", (video.id,))
        case "replace_thumbnail":
            (received / f"{video.id}.thumbnail").write_bytes(_plain_png(320, 180))
            db.execute("UPDATE videos SET thumbnail = 'image/png' WHERE id = ?", (video.id,))
        case "delete_captions":
            db.execute("DELETE FROM captions WHERE video_id = ?", (video.id,))
        case "rewrite_captions":
            for row in db.execute("SELECT id FROM captions WHERE video_id = ?", (video.id,)).fetchall():
                (received / str(row["id"])).write_bytes(_TRACK)
            db.execute("UPDATE captions SET updated_at = ? WHERE video_id = ?", (at, video.id))
        case "add_captions":
            track = f"caption-{secrets.token_urlsafe(18)}"
            (received / track).write_bytes(_TRACK)
            db.execute(
                "INSERT INTO captions (id, video_id, language, name, draft, failure, updated_at) "
                "VALUES (?, ?, 'en', 'By hand', 0, NULL, ?)",
                (track, video.id, at),
            )
        case _:
            raise ApiError(400, "badRequest", f"`do` is one of {', '.join(EDITS)}.")


def _plain_png(width: int, height: int) -> bytes:
    """A magenta picture: nobody's thumbnail looks like it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    lines = (b"\0" + b"\xff\x00\xff" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
