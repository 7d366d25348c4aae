"""Answers of `playlists.*` and `playlistItems.*`, with the list of uploads that every channel has."""

from __future__ import annotations

from datetime import datetime

from pasvu.publish.sandbox import instants, videos
from pasvu.publish.sandbox.answers import ApiError, Json, page, with_etag
from pasvu.publish.sandbox.resources import thumbnails
from pasvu.publish.sandbox.store import packed, unpacked
from pasvu.publish.sandbox.videos import Video
from pasvu.publish.sandbox.world import Call, new_id

_MOST_ITEMS = 5000
_LONGEST_NOTE = 280


def insert(call: Call) -> Json:
    """`playlists.insert`."""
    call.caller.must_own()
    snippet = call.body.get("snippet", {})
    if not snippet.get("title", "").strip():
        raise ApiError(400, "playlistTitleRequired", "A playlist needs a title.", domain="youtube.playlist")
    kept = {
        "snippet": {name: snippet[name] for name in ("title", "description", "defaultLanguage") if name in snippet},
        "status": {"privacyStatus": "public", **call.body.get("status", {})},
    }
    playlist_id = new_id("PL", 32)
    call.db.execute(
        "INSERT INTO playlists (id, created_at, resource) VALUES (?, ?, ?)",
        (playlist_id, instants.written(call.now), packed(kept)),
    )
    row = call.db.execute("SELECT * FROM playlists WHERE id = ?", (playlist_id,)).fetchone()
    return _playlist(call, row)


def list_(call: Call) -> Json:
    """`playlists.list`, by exactly one of `id`, `mine`, `channelId`."""
    _one_filter(call, "id", "mine", "channelId")
    if call.one("mine") == "true":
        call.caller.must_own()
    rows = call.db.execute("SELECT * FROM playlists ORDER BY number DESC").fetchall()
    ids = call.params.get("id")
    if ids:
        rows = [row for row in rows if row["id"] in ids]
    elif call.one("channelId") not in (None, call.world.channel_id):
        rows = []
    if not call.caller.owns:
        rows = [row for row in rows if unpacked(row["resource"])["status"]["privacyStatus"] == "public"]
    items = [_playlist(call, row) for row in rows]
    return page("youtube#playlistListResponse", items, asked=call.asked(), token=call.one("pageToken"))


def list_items(call: Call) -> Json:
    """`playlistItems.list`: in order; the uploads are newest first, and hold what is still private for the owner."""
    playlist_id = call.one("playlistId")
    if playlist_id is None:
        raise ApiError(
            400,
            "missingRequiredParameter",
            "No filter selected. Expected one of: id, playlistId",
            domain="youtube.parameter",
        )
    if playlist_id == call.world.uploads_id:
        found = [
            _item(call, f"UU.{video.id}", playlist_id, video, number, video.uploaded_at, None)
            for number, video in enumerate(v for v in videos.newest_first(call.db, call.now) if _listed(call, v))
        ]
    else:
        _known(call, playlist_id)
        rows = call.db.execute("SELECT * FROM playlist_items WHERE playlist_id = ? ORDER BY position", (playlist_id,))
        held = [(row, videos.find(call.db, row["video_id"], call.now)) for row in rows.fetchall()]
        found = [
            _item(call, row["id"], playlist_id, video, row["position"], instants.read(row["added_at"]), row["note"])
            for row, video in held
            if video is not None and _listed(call, video)
        ]
    return page("youtube#playlistItemListResponse", found, asked=call.asked(), token=call.one("pageToken"))


def insert_item(call: Call) -> Json:
    """`playlistItems.insert`."""
    call.caller.must_own()
    snippet = call.body.get("snippet", {})
    resource_id = snippet.get("resourceId", {})
    playlist_id, video_id = snippet.get("playlistId"), resource_id.get("videoId")
    if not playlist_id:
        raise _wrong("playlistIdRequired", "The playlist item does not say its playlist.")
    if resource_id.get("kind") != "youtube#video" or not video_id:
        raise _wrong("resourceIdRequired", "The playlist item must say a youtube#video.")
    if playlist_id == call.world.uploads_id:
        raise _wrong("playlistOperationUnsupported", "Items cannot be added to the list of uploads.")
    _known(call, playlist_id)
    video = videos.find(call.db, video_id, call.now)
    lag_s = call.world.rules.playlist_lag_s
    if video is None or (call.now - video.uploaded_at).total_seconds() < lag_s:
        raise ApiError(404, "videoNotFound", "Video not found.", domain="youtube.playlistItem")
    note = call.body.get("contentDetails", {}).get("note")
    if note and len(note) > _LONGEST_NOTE:
        raise _wrong("invalidContentDetails", "The note is too long.")
    count = call.db.execute("SELECT count(*) FROM playlist_items WHERE playlist_id = ?", (playlist_id,)).fetchone()[0]
    if call.db.execute(
        "SELECT 1 FROM playlist_items WHERE playlist_id = ? AND video_id = ?", (playlist_id, video_id)
    ).fetchone():
        raise ApiError(409, "videoAlreadyInPlaylist", "Already in the playlist.", domain="youtube.playlistItem")
    if count >= _MOST_ITEMS:
        raise ApiError(403, "playlistContainsMaximumNumberOfVideos", "The playlist is full.",
                       domain="youtube.playlistItem")  # fmt: skip
    position = snippet.get("position", count)
    if not 0 <= position <= count:
        raise _wrong("invalidPlaylistItemPosition", "The position is outside the playlist.")
    call.db.execute(
        "UPDATE playlist_items SET position = position + 1 WHERE playlist_id = ? AND position >= ?",
        (playlist_id, position),
    )
    item_id = new_id("PLI", 32)
    call.db.execute(
        "INSERT INTO playlist_items (id, playlist_id, video_id, position, note, added_at) VALUES (?, ?, ?, ?, ?, ?)",
        (item_id, playlist_id, video_id, position, note, instants.written(call.now)),
    )
    return _item(call, item_id, playlist_id, video, position, call.now, note)


def delete_item(call: Call) -> Json:
    """`playlistItems.delete`."""
    call.caller.must_own()
    row = call.db.execute("DELETE FROM playlist_items WHERE id = ? RETURNING *", (call.one("id"),)).fetchone()
    if row is None:
        raise ApiError(404, "playlistItemNotFound", "Playlist item not found.", domain="youtube.playlistItem")
    call.db.execute(
        "UPDATE playlist_items SET position = position - 1 WHERE playlist_id = ? AND position > ?",
        (row["playlist_id"], row["position"]),
    )
    return {}


def _listed(call: Call, video: Video) -> bool:
    return (call.caller.owns or video.privacy == "public") and call.one("videoId") in (None, video.id)


def _known(call: Call, playlist_id: str) -> None:
    if not call.db.execute("SELECT 1 FROM playlists WHERE id = ?", (playlist_id,)).fetchone():
        raise ApiError(404, "playlistNotFound", "The playlist cannot be found.", domain="youtube.playlistItem")


def _one_filter(call: Call, *names: str) -> None:
    given = [name for name in names if name in call.params]
    if len(given) != 1:
        reason = "incompatibleParameters" if given else "missingRequiredParameter"
        raise ApiError(400, reason, f"Exactly one of: {', '.join(names)}", domain="youtube.parameter")


def _playlist(call: Call, row: Json) -> Json:
    kept = unpacked(row["resource"])
    count = call.db.execute("SELECT count(*) FROM playlist_items WHERE playlist_id = ?", (row["id"],)).fetchone()[0]
    parts: Json = {
        "snippet": {
            "publishedAt": instants.shown(instants.read(row["created_at"])),
            "channelId": call.world.channel_id,
            "description": "",
            **kept["snippet"],
            "channelTitle": call.world.rules.channel_title,
        },
        "status": kept["status"],
        "contentDetails": {"itemCount": count},
    }
    return with_etag(
        {"kind": "youtube#playlist", "id": row["id"], **{part: parts[part] for part in call.parts if part in parts}}
    )


def _item(
    call: Call, item_id: str, playlist_id: str, video: Video, position: int, added_at: datetime, note: str | None
) -> Json:
    parts: Json = {
        "snippet": {
            "publishedAt": instants.shown(added_at),
            "channelId": call.world.channel_id,
            "title": video.title,
            "description": video.resource.get("snippet", {}).get("description", ""),
            "thumbnails": thumbnails(call.world, video),
            "channelTitle": call.world.rules.channel_title,
            "playlistId": playlist_id,
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": video.id},
        },
        "contentDetails": {"videoId": video.id, **({"note": note} if note else {})},
        "status": {"privacyStatus": video.privacy},
    }
    published = video.first_public_at if video.privacy == "public" else None
    if published:
        parts["contentDetails"]["videoPublishedAt"] = instants.shown(published)
    chosen = {part: parts[part] for part in call.parts if part in parts}
    return with_etag({"kind": "youtube#playlistItem", "id": item_id, **chosen})


def _wrong(reason: str, message: str) -> ApiError:
    return ApiError(400, reason, message, domain="youtube.playlistItem")
