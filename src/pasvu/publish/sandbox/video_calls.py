"""Answers of `videos.*` and `thumbnails.set`."""

from __future__ import annotations

import shutil

from pasvu.publish.sandbox import instants, mp4, quota, videos
from pasvu.publish.sandbox.answers import ApiError, Json, with_etag
from pasvu.publish.sandbox.resources import stats_resource, thumbnails, video_resource
from pasvu.publish.sandbox.videos import Video
from pasvu.publish.sandbox.world import Call, Received

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


def list_(call: Call) -> Json:
    """`videos.list` by id: at most 50; those deleted, or private to others, are simply missing."""
    found = [video for video in _asked(call) if call.caller.owns or video.privacy != "private"]
    items = [video_resource(call.world, video, call.parts, owner=call.caller.owns) for video in found]
    return with_etag(
        {
            "kind": "youtube#videoListResponse",
            "items": items,
            "pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)},
        }
    )


def batch_get_stats(call: Call) -> Json:
    """`videos.batchGetStats`: the cheapest way to many counts."""
    found = [video for video in _asked(call) if call.caller.owns or video.privacy != "private"]
    return with_etag(
        {
            "kind": "youtube#batchGetStatsResponse",
            "items": [stats_resource(video, call.parts) for video in found],
        }
    )


def update(call: Call) -> Json:
    """`videos.update`: each part named is replaced whole."""
    video = own_video(call, str(call.body.get("id", "")))
    changed = videos.replace(call.db, video, call.body, call.parts)
    return video_resource(call.world, changed, call.parts, owner=True)


def delete(call: Call) -> Json:
    """`videos.delete`: for good."""
    video = own_video(call, call.one("id") or "")
    call.db.execute("UPDATE videos SET deleted_at = ? WHERE id = ?", (instants.written(call.now), video.id))
    call.db.execute("DELETE FROM playlist_items WHERE video_id = ?", (video.id,))
    return {}


def check_insert(call: Call) -> None:
    """What `videos.insert` refuses before it takes a byte."""
    call.caller.must_own()
    quota.check_upload_limit(call.db, call.world.rules, call.now)
    videos.check_new(call.body, call.parts, call.now)


def insert(call: Call, file: Received) -> Json:
    """`videos.insert`, once every byte is there."""
    video = videos.add(
        call.db,
        call.world.rules,
        call.now,
        video_id=file.resource_id,
        body=call.body,
        parts=call.parts,
        file_name=file.file_name,
        size_bytes=file.bytes,
        sha256=file.sha256,
        duration_s=mp4.duration_s(file.path),
        notify=call.one("notifySubscribers") != "false",
    )
    return video_resource(call.world, video, call.parts, owner=True)


def check_thumbnail(call: Call) -> None:
    """What `thumbnails.set` refuses before it takes a byte."""
    own_video(call, call.one("videoId") or "")


def set_thumbnail(call: Call, file: Received) -> Json:
    """`thumbnails.set`: JPEG or PNG, known by its first bytes."""
    video = own_video(call, call.one("videoId") or "")
    with file.path.open("rb") as image:
        head = image.read(8)
    if not head.startswith(_JPEG) and head != _PNG:
        raise ApiError(
            400, "invalidImage", "The provided image content is invalid.", domain="youtube.thumbnail",
        )  # fmt: skip
    shutil.copyfile(file.path, file.path.with_name(f"{video.id}.thumbnail"))
    media_type = "image/png" if head == _PNG else "image/jpeg"
    call.db.execute("UPDATE videos SET thumbnail = ? WHERE id = ?", (media_type, video.id))
    changed = own_video(call, video.id)
    return with_etag({"kind": "youtube#thumbnailSetResponse", "items": [thumbnails(call.world, changed)]})


def own_video(call: Call, video_id: str) -> Video:
    """A video that the caller may change; 404 `videoNotFound`, 403 `forbidden`."""
    video = videos.find(call.db, video_id, call.now)
    if video is None or (video.privacy == "private" and not call.caller.owns):
        raise ApiError(
            404, "videoNotFound", "The video that you are trying to change cannot be found.", domain="youtube.video"
        )
    if not call.caller.owns:
        raise ApiError(403, "forbidden", "Forbidden", domain="youtube.common")
    return video


def _asked(call: Call) -> list[Video]:
    ids = call.params.get("id", [])
    if not ids:
        raise ApiError(
            400,
            "missingRequiredParameter",
            "No filter selected. Expected one of: id, chart, myRating",
            domain="youtube.parameter",
        )
    if len(ids) > 50:
        raise ApiError(
            400, "invalidParameter", "At most 50 ids per request.", domain="youtube.parameter", location="id"
        )
    found = [videos.find(call.db, video_id, call.now) for video_id in dict.fromkeys(ids)]
    return [video for video in found if video is not None]
