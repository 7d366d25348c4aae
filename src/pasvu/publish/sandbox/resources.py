"""Videos as the API describes them, part by part; pure."""

from __future__ import annotations

from pasvu.publish.sandbox import instants
from pasvu.publish.sandbox.answers import ApiError, Json, with_etag
from pasvu.publish.sandbox.store import unpacked
from pasvu.publish.sandbox.videos import Video
from pasvu.publish.sandbox.world import World

OWNER_ONLY = {"fileDetails", "processingDetails", "suggestions"}
_SIZES = {"default": (120, 90), "medium": (320, 180), "high": (480, 360), "standard": (640, 480), "maxres": (1280, 720)}


def video_resource(world: World, video: Video, parts: list[str], *, owner: bool) -> Json:
    """The parts asked for; 403 `forbidden` when a stranger asks for the owner's."""
    if not owner and OWNER_ONLY & set(parts):
        raise ApiError(403, "forbidden", "The request is not properly authorized.", domain="youtube.common")
    makers = {
        "snippet": _snippet,
        "status": _status,
        "contentDetails": _content,
        "fileDetails": _file,
        "processingDetails": _processing,
        "statistics": _statistics,
        "player": _player,
    }
    if video.broadcast is not None:
        makers["liveStreamingDetails"] = _live
    resource: Json = {"kind": "youtube#video", "id": video.id}
    for part in parts:
        if part in makers:
            resource[part] = makers[part](world, video, owner)
        elif part in video.resource:
            resource[part] = video.resource[part]
        elif part in ("suggestions", "topicDetails", "recordingDetails"):
            resource[part] = {}
    return with_etag(resource)


def stats_resource(video: Video, parts: list[str]) -> Json:
    """One entry of `videos.batchGetStats`; its lengths are in the form `12s`."""
    resource: Json = {"kind": "youtube#videoStats", "id": video.id}
    published = video.first_public_at or video.uploaded_at
    if "snippet" in parts:
        resource["snippet"] = {"publishTime": instants.shown(published)}
    if "contentDetails" in parts and video.duration_s is not None:
        resource["contentDetails"] = {"duration": f"{round(video.duration_s)}s"}
    if "statistics" in parts:
        resource["statistics"] = counts(video)
    return with_etag(resource)


def counts(video: Video) -> Json:
    """Counts as text; a hidden one has no key at all."""
    now = video.counts()
    shown = {"viewCount": str(now.views), "likeCount": str(now.likes), "commentCount": str(now.comments)}
    hidden = unpacked(video.row["hidden"])
    return {name: value for name, value in shown.items() if name not in hidden}


def thumbnails(world: World, video: Video) -> Json:
    """Where the still of a video can be fetched, in the usual sizes; larger ones once there is a custom one."""
    names = _SIZES if video.row["thumbnail"] else ("default", "medium", "high")
    suffix = "jpg" if video.row["thumbnail"] else "svg"
    return {
        name: {
            "url": f"{world.url}/vi/{video.id}/{name}.{suffix}",
            "width": _SIZES[name][0],
            "height": _SIZES[name][1],
        }
        for name in names
    }


def _snippet(world: World, video: Video, _owner: bool) -> Json:
    written = {"title": "unknown", "description": "", "categoryId": "22", **video.resource.get("snippet", {})}
    published = video.first_public_at if video.privacy == "public" else None
    return {
        "publishedAt": instants.shown(published or video.uploaded_at),
        "channelId": world.channel_id,
        **written,
        "channelTitle": world.rules.channel_title,
        "thumbnails": thumbnails(world, video),
        "liveBroadcastContent": "live" if video.broadcast is not None and video.broadcast.on else "none",
        "localized": {"title": written["title"], "description": written["description"]},
    }


def _status(_world: World, video: Video, owner: bool) -> Json:
    progress = video.progress
    status = {"uploadStatus": progress.upload_status, "privacyStatus": video.privacy}
    if progress.failure_reason:
        status["failureReason"] = progress.failure_reason
    if progress.rejection_reason:
        status["rejectionReason"] = progress.rejection_reason
    if video.publish_at and owner:
        status["publishAt"] = instants.shown(video.publish_at)
    written = video.resource["status"]
    if not owner:
        written = {key: value for key, value in written.items() if key != "selfDeclaredMadeForKids"}
    return {**status, **written, "madeForKids": written.get("selfDeclaredMadeForKids", False)}


def _content(_world: World, video: Video, owner: bool) -> Json:
    content = {
        "duration": instants.iso_duration(video.duration_s or 0.0),
        "dimension": "2d",
        "definition": "hd",
        "caption": "true" if video.captioned else "false",
        "licensedContent": False,
        "projection": "rectangular",
    }
    if owner:
        content["hasCustomThumbnail"] = video.row["thumbnail"] is not None
    return content


def _file(_world: World, video: Video, _owner: bool) -> Json:
    details = {"fileName": video.row["file_name"], "fileSize": str(video.row["bytes"])}
    if video.progress.processing_status == "processing":
        return details
    known = video.row["duration_s"] is not None
    details |= {"fileType": "video" if known else "other"}
    return details | ({"container": "mov", "durationMs": str(round(video.row["duration_s"] * 1000))} if known else {})


def _processing(_world: World, video: Video, _owner: bool) -> Json:
    progress = video.progress
    details: Json = {
        "processingStatus": progress.processing_status,
        "fileDetailsAvailability": "available",
        "thumbnailsAvailability": "available" if progress.playable else "inProgress",
        "processingIssuesAvailability": "inProgress",
        "tagSuggestionsAvailability": "inProgress",
        "editorSuggestionsAvailability": "inProgress",
    }
    if progress.processing_status == "processing":
        details["processingProgress"] = {
            "partsTotal": str(progress.parts_total),
            "partsProcessed": str(progress.parts_processed),
            "timeLeftMs": str(progress.time_left_ms),
        }
    if progress.processing_status == "failed":
        details["processingFailureReason"] = "transcodeFailed" if progress.failure_reason else "other"
    return details


def _statistics(_world: World, video: Video, _owner: bool) -> Json:
    return counts(video) | {"favoriteCount": "0"}


def _player(world: World, video: Video, _owner: bool) -> Json:
    return {"embedHtml": f'<iframe src="{world.url}/watch?v={video.id}"></iframe>'}


def _live(_world: World, video: Video, _owner: bool) -> Json:
    assert video.broadcast is not None
    return video.broadcast.details()
