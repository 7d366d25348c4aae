"""The videos a channel holds: what is written about them, and what they look like at an instant."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pasvu.publish.sandbox import broadcasts, figures, instants, metadata, privacy, processing
from pasvu.publish.sandbox.answers import Json
from pasvu.publish.sandbox.broadcasts import Broadcast
from pasvu.publish.sandbox.rules import Rules
from pasvu.publish.sandbox.store import packed, unpacked


@dataclass(frozen=True)
class Video:
    """One video as it stands at `now`; everything that time changes is derived here."""

    row: Any
    wishes: tuple[privacy.Wish, ...]
    captioned: bool
    now: datetime
    broadcast: Broadcast | None = None
    """The broadcast that it is, or was."""

    @property
    def id(self) -> str:
        """The platform's id, eleven characters."""
        return str(self.row["id"])

    @property
    def resource(self) -> Json:
        """The parts as written."""
        resource: Json = unpacked(self.row["resource"])
        return resource

    @property
    def title(self) -> str:
        """The title as written."""
        return str(self.resource.get("snippet", {}).get("title", "unknown"))

    @property
    def uploaded_at(self) -> datetime:
        """When the last byte arrived."""
        return instants.read(self.row["uploaded_at"])

    @property
    def ready_at(self) -> datetime:
        """When processing ends."""
        return instants.read(self.row["ready_at"])

    @property
    def progress(self) -> processing.Progress:
        """Where processing stands."""
        verdict = processing.Verdict(self.row["outcome"], self.row["reason"])
        return processing.progress(verdict, self.uploaded_at, self.ready_at, self.now)

    @property
    def moments(self) -> list[privacy.Moment]:
        """Every change of privacy so far."""
        return privacy.timeline(self.wishes, self.now, may_publish=self.row["outcome"] == "processed")

    @property
    def privacy(self) -> str:
        """Who may see it now."""
        return self.moments[-1].privacy

    @property
    def publish_at(self) -> datetime | None:
        """The planned instant that has not come yet."""
        return self.moments[-1].publish_at

    @property
    def first_public_at(self) -> datetime | None:
        """When it first went public."""
        return privacy.first_public(self.moments)

    @property
    def shown(self) -> bool:
        """Whether the channel's page lists it: public and playable."""
        return self.privacy == "public" and self.progress.playable

    @property
    def duration_s(self) -> float | None:
        """Length, once processing has read it."""
        return self.row["duration_s"] if self.progress.playable else None

    def counts(self, until: datetime | None = None) -> figures.Counts:
        """Views, likes and comments at `until` (now when absent): they grow while it is public and playable."""
        if self.row["outcome"] != "processed":
            return figures.Counts(0, 0, 0)
        end = min(until or self.now, self.now)
        spans = privacy.public_spans(self.moments, self.now)
        aired = [(max(start, self.ready_at), min(stop, end)) for start, stop in spans]
        return figures.counts_at(self.id, figures.exposure_s((a, b) for a, b in aired if b > a))


def find(db: sqlite3.Connection, video_id: str, now: datetime) -> Video | None:
    """A video that is still there."""
    row = db.execute("SELECT * FROM videos WHERE id = ? AND deleted_at IS NULL", (video_id,)).fetchone()
    return _video(db, row, now) if row else None


def newest_first(db: sqlite3.Connection, now: datetime) -> list[Video]:
    """Every video that is still there."""
    rows = db.execute("SELECT * FROM videos WHERE deleted_at IS NULL ORDER BY number DESC").fetchall()
    return [_video(db, row, now) for row in rows]


def add(
    db: sqlite3.Connection,
    rules: Rules,
    now: datetime,
    *,
    video_id: str,
    body: Json,
    parts: list[str],
    file_name: str,
    size_bytes: int,
    sha256: str,
    duration_s: float | None,
    notify: bool,
) -> Video:
    """Take in a video whose bytes have all arrived; its end (processed, failed, rejected) is already decided."""
    twin = db.execute(
        "SELECT 1 FROM videos WHERE sha256 = ? AND outcome = 'processed' AND deleted_at IS NULL", (sha256,)
    ).fetchone()
    verdict = processing.judge(size_bytes, duration_s, duplicate=twin is not None, rules=rules)
    wanted = [part for part in metadata.MUTABLE if part in parts]
    resource = {"status": metadata.written_parts({}, ["status"], insert=True)["status"]}
    resource |= metadata.written_parts(body, wanted, insert=True)
    db.execute(
        "INSERT INTO videos (id, uploaded_at, resource, file_name, bytes, sha256, duration_s, outcome, reason,"
        " ready_at, notify) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            video_id,
            instants.written(now),
            packed(resource),
            file_name,
            size_bytes,
            sha256,
            duration_s,
            verdict.outcome,
            verdict.reason,
            instants.written(processing.ready_at(now, duration_s, rules)),
            notify,
        ),
    )
    _wish(db, video_id, now, *metadata.wish(body, now, published=False))
    video = find(db, video_id, now)
    assert video is not None
    return video


def check_new(body: Json, parts: list[str], now: datetime) -> None:
    """Hold the metadata of a new video against the rules before any byte is taken."""
    kept = metadata.written_parts(body, [part for part in metadata.MUTABLE if part in parts], insert=True)
    metadata.check_languages(kept)
    metadata.wish(body, now, published=False)


def replace(db: sqlite3.Connection, video: Video, body: Json, parts: list[str]) -> Video:
    """Replace each mutable part named, whole: what the request does not say is reset."""
    wanted = [part for part in metadata.MUTABLE if part in parts]
    resource = video.resource | metadata.written_parts(body, wanted, insert=False)
    metadata.check_languages(resource)
    if "status" in wanted:
        planned = metadata.wish(body, video.now, published=video.first_public_at is not None)
        _wish(db, video.id, video.now, *planned)
    db.execute("UPDATE videos SET resource = ? WHERE id = ?", (packed(resource), video.id))
    changed = find(db, video.id, video.now)
    assert changed is not None
    return changed


def _wish(db: sqlite3.Connection, video_id: str, now: datetime, wanted: str, publish_at: datetime | None) -> None:
    at = instants.written(now)
    planned = instants.written(publish_at) if publish_at else None
    db.execute(
        "INSERT INTO wishes (video_id, at, privacy, publish_at) VALUES (?, ?, ?, ?)", (video_id, at, wanted, planned)
    )


def _video(db: sqlite3.Connection, row: sqlite3.Row, now: datetime) -> Video:
    wishes = db.execute("SELECT * FROM wishes WHERE video_id = ? ORDER BY number", (row["id"],)).fetchall()
    captions = db.execute("SELECT 1 FROM captions WHERE video_id = ? AND draft = 0", (row["id"],)).fetchone()
    return Video(
        row=row,
        wishes=tuple(
            privacy.Wish(
                instants.read(wish["at"]),
                wish["privacy"],
                instants.read(wish["publish_at"]) if wish["publish_at"] else None,
            )
            for wish in wishes
        ),
        captioned=captions is not None,
        now=now,
        broadcast=broadcasts.find(db, row["id"], now),
    )
