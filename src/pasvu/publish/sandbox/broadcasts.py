"""Broadcasts of the stand-in: started backstage, watched along a known curve, then replays among the videos."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from pasvu.publish.sandbox import instants
from pasvu.publish.sandbox.answers import ApiError, Json, with_etag
from pasvu.publish.sandbox.store import packed, unpacked
from pasvu.publish.sandbox.world import Call, new_id

# Share of the length, share of the peak: people come, stay, and leave towards the end.
SHAPE = ((0.0, 0.15), (0.1, 0.6), (0.45, 1.0), (0.8, 0.8), (1.0, 0.3))
ANNOUNCED_BEFORE = timedelta(days=1)
LONGEST_MIN = 12 * 60
MOST = 10_000_000


@dataclass(frozen=True)
class Broadcast:
    """One broadcast as it stands at `now`."""

    row: Any
    now: datetime

    @property
    def id(self) -> str:
        """The video's id, which the replay keeps."""
        return str(self.row["id"])

    @property
    def title(self) -> str:
        """As ordered."""
        return str(self.row["title"])

    @property
    def started_at(self) -> datetime:
        """When it went on."""
        return instants.read(self.row["started_at"])

    @property
    def ends_at(self) -> datetime:
        """When it ends, or did."""
        return instants.read(self.row["ends_at"])

    @property
    def announced(self) -> bool:
        """Whether its page was there a day before; else it began at the press of a button."""
        return bool(self.row["announced"])

    @property
    def hidden(self) -> bool:
        """Whether the number of people is kept from everybody."""
        return bool(self.row["hidden"])

    @property
    def on(self) -> bool:
        """Whether it is on now."""
        return self.started_at <= self.now < self.ends_at

    def watching(self, at: datetime | None = None) -> int:
        """People watching: straight lines between the points of its curve."""
        minutes = ((at or self.now) - self.started_at).total_seconds() / 60
        curve: list[list[float]] = unpacked(self.row["curve"])
        for (early, low), (late, high) in pairwise(curve):
            if early <= minutes <= late:
                return round(low + (high - low) * (minutes - early) / (late - early))
        return 0

    def details(self) -> Json:
        """`liveStreamingDetails`: no count when nobody watches, when it is hidden, or once it is over."""
        found: Json = {"actualStartTime": instants.shown(self.started_at)}
        if self.announced:
            found["scheduledStartTime"] = instants.shown(self.started_at)
        if not self.on:
            return found | {"actualEndTime": instants.shown(self.ends_at)}
        watching = self.watching()
        return found | ({"concurrentViewers": str(watching)} if watching and not self.hidden else {})


def begin(db: sqlite3.Connection, now: datetime, wanted: Json) -> str:
    """Start one; its id.

    Raises:
        ApiError: 400 for what makes no broadcast.
    """
    title, peak, minutes = wanted.get("title"), wanted.get("peak"), wanted.get("minutes")
    if not isinstance(title, str) or not title.strip() or len(title) > 100:
        raise _wrong("title is 1 to 100 characters.")
    if not isinstance(peak, int) or not 0 <= peak <= MOST:
        raise _wrong(f"peak is a whole number up to {MOST}.")
    if not isinstance(minutes, int) or not 1 <= minutes <= LONGEST_MIN:
        raise _wrong(f"minutes is a whole number from 1 to {LONGEST_MIN}.")
    curve = [[minutes * share, peak * part] for share, part in SHAPE]
    video_id, ends_at = new_id("", 11), now + timedelta(minutes=minutes)
    db.execute(
        "INSERT INTO broadcasts (id, title, announced, hidden, started_at, ends_at, curve)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            video_id,
            title.strip(),
            bool(wanted.get("announced")),
            bool(wanted.get("hidden")),
            instants.written(now),
            instants.written(ends_at),
            packed(curve),
        ),
    )
    resource = {"snippet": {"title": title.strip()}, "status": {}}
    # Among the videos from the start, and playable from the end: what time changes is worked out, never written.
    db.execute(
        "INSERT INTO videos (id, uploaded_at, resource, file_name, bytes, sha256, duration_s, outcome, ready_at,"
        " notify) VALUES (?, ?, ?, 'direct', 0, ?, ?, 'processed', ?, 0)",
        (video_id, instants.written(now), packed(resource), video_id, minutes * 60.0, instants.written(ends_at)),
    )
    db.execute("INSERT INTO wishes (video_id, at, privacy) VALUES (?, ?, 'public')", (video_id, instants.written(now)))
    return video_id


def end(db: sqlite3.Connection, video_id: str, now: datetime) -> None:
    """End one that is on, before its time.

    Raises:
        ApiError: 404 when it is not on.
    """
    found = find(db, video_id, now)
    if found is None or not found.on:
        raise ApiError(404, "liveBroadcastNotFound", "No such broadcast is on.", domain="youtube.liveBroadcast")
    db.execute("UPDATE broadcasts SET ends_at = ? WHERE id = ?", (instants.written(now), video_id))
    length_s = (now - found.started_at).total_seconds()
    db.execute(
        "UPDATE videos SET duration_s = ?, ready_at = ? WHERE id = ?", (length_s, instants.written(now), video_id)
    )


def find(db: sqlite3.Connection, video_id: str, now: datetime) -> Broadcast | None:
    """The broadcast that a video is, or was."""
    row = db.execute("SELECT * FROM broadcasts WHERE id = ?", (video_id,)).fetchone()
    return Broadcast(row, now) if row else None


def on_now(db: sqlite3.Connection, now: datetime) -> list[Broadcast]:
    """Those that are on and were not deleted."""
    rows = db.execute(
        "SELECT broadcasts.* FROM broadcasts JOIN videos USING (id) WHERE ends_at > ? AND deleted_at IS NULL"
        " ORDER BY started_at DESC",
        (instants.written(now),),
    ).fetchall()
    return [Broadcast(row, now) for row in rows]


def list_(call: Call) -> Json:
    """`liveBroadcasts.list` of those that are on; exactly one filter, and `event` only unless asked otherwise."""
    call.caller.must_own()
    filters = [name for name in ("id", "mine", "broadcastStatus") if call.one(name)]
    if len(filters) != 1:
        reason = "incompatibleParameters" if filters else "missingRequiredParameter"
        raise ApiError(400, reason, "Give exactly one of id, mine, broadcastStatus.", domain="youtube.parameter")
    if call.one("broadcastStatus") != "active":
        raise ApiError(501, "notImplemented", "The sandbox lists active broadcasts only.")
    kind = call.one("broadcastType") or "event"
    shown = [each for each in on_now(call.db, call.now) if kind == "all" or (kind == "event") == each.announced]
    items = [_resource(call, each) for each in shown[: call.asked()]]
    return with_etag(
        {
            "kind": "youtube#liveBroadcastListResponse",
            "pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)},
            "items": items,
        }
    )


def _resource(call: Call, one: Broadcast) -> Json:
    created = one.started_at - (ANNOUNCED_BEFORE if one.announced else timedelta())
    snippet = {
        "publishedAt": instants.shown(created),
        "channelId": call.world.channel_id,
        "title": one.title,
        "description": "",
        "actualStartTime": instants.shown(one.started_at),
    }
    if one.announced:
        snippet["scheduledStartTime"] = instants.shown(one.started_at)
    parts = {
        "snippet": snippet,
        "status": {"lifeCycleStatus": "live", "privacyStatus": "public", "recordingStatus": "recording"},
    }
    found: Json = {"kind": "youtube#liveBroadcast", "id": one.id}
    return with_etag(found | {name: part for name, part in parts.items() if name in call.parts})


def _wrong(message: str) -> ApiError:
    return ApiError(400, "badRequest", message)
