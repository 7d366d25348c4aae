"""Our values to YouTube's request bodies and back; pure.

Fields of the discovery document youtube.v3. `videos.update` replaces every mutable field of each part that it is
sent: whatever is not sent again is deleted, so updates are built from what the platform holds now.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pasvu.channel.values import ChannelFigures, Privacy, RemoteFigures, RemoteTrack, RemoteVideo, VideoMetadata
from pasvu.channel.videofields import Fields, written_day
from pasvu.publish.errors import PlatformBusy, PlatformRefused
from pasvu.publish.platform import Change
from pasvu.publish.youtube.objections import first_tags

Body = dict[str, Any]

# Only these keys may be written; the others of each part are YouTube's own verdicts and would be refused.
WRITABLE: Mapping[str, tuple[str, ...]] = {
    "snippet": ("title", "description", "tags", "categoryId", "defaultLanguage", "defaultAudioLanguage"),
    "status": (
        "privacyStatus",
        "publishAt",
        "license",
        "embeddable",
        "publicStatsViewable",
        "selfDeclaredMadeForKids",
        "containsSyntheticMedia",
    ),
    "recordingDetails": ("recordingDate", "location", "locationDescription"),
    "paidProductPlacementDetails": ("hasPaidProductPlacement",),
}

# What is asked to know a video, one unit however many; the last two are told to its owner only.
STATE_PARTS = (*WRITABLE, "localizations", "contentDetails", "fileDetails", "processingDetails")

_SNIPPET_FIELDS = {"category_id": "categoryId", "language": "defaultLanguage"}
_STATUS_FIELDS = {
    "license": "license",
    "embeddable": "embeddable",
    "made_for_kids": "selfDeclaredMadeForKids",
    "synthetic_media": "containsSyntheticMedia",
}
_TRUTH = {"true": True, "false": False}
_INSTANTS = ("publishAt", "recordingDate")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def insert_body(metadata: VideoMetadata) -> Body:
    """The body of `videos.insert`: private and without an instant, whatever happens later.

    An omitted `privacyStatus` would mean public; an omitted `selfDeclaredMadeForKids`, the channel's default.
    """
    body = _wanted_by(metadata)
    body["snippet"]["tags"] = first_tags(metadata)
    # Not among the fields that the reference lets an insertion set: the update that follows brings it.
    del body["snippet"]["defaultAudioLanguage"]
    if not body["localizations"]:
        del body["localizations"]
    body["status"] = {"privacyStatus": Privacy.PRIVATE.value, "publicStatsViewable": True, **body["status"]}
    return body


def update_body(held: Mapping[str, Any], change: Change, now: datetime) -> Body:
    """The body of `videos.update` that turns `held` (a resource with every writable part) into what is wanted.

    Holds only the parts that differ, each of them whole; without an `id` alone there is nothing to write.

    Raises:
        PlatformRefused: an instant that is past, or for a video that is not private.
    """
    was = {part: _writable(part, held.get(part, {})) for part in WRITABLE}
    was["localizations"] = _localizations(held)
    wanted = {part: dict(fields) for part, fields in was.items()}
    if change.metadata is not None:
        for part, fields in _wanted_by(change.metadata).items():
            wanted[part] = fields if part == "localizations" else {**wanted[part], **fields}
        if change.metadata.recorded_at is None:
            wanted["recordingDetails"].pop("recordingDate", None)
    _place(wanted["status"], change, now)
    body: Body = {"id": held["id"]}
    for part, fields in wanted.items():
        if _comparable(fields) != _comparable(was[part]):
            body[part] = fields
    return body


def without_nulls(value: Any) -> Any:
    """The same JSON without keys that hold `null`: Google leaves out what is not set, other servers may write it so."""
    if isinstance(value, dict):
        return {key: without_nulls(held) for key, held in value.items() if held is not None}
    return [without_nulls(held) for held in value] if isinstance(value, list) else value


def remote_video(resource: Mapping[str, Any]) -> RemoteVideo:
    """What a `videos` resource with `STATE_PARTS` says; a key that is absent is not known, never zero.

    Raises:
        PlatformBusy: it does not say who sees the video, or not in words of the API: nothing may be concluded from it.
    """
    try:
        return _remote_video(resource)
    except (KeyError, ValueError, TypeError, AttributeError):
        raise PlatformBusy(
            "YouTube ne dit pas clairement l’état d’une vidéo (qui la voit, à quelle heure)\u202f; nous réessaierons."
        ) from None


def _remote_video(resource: Mapping[str, Any]) -> RemoteVideo:
    snippet, status = resource.get("snippet", {}), resource.get("status", {})
    file, processing = resource.get("fileDetails", {}), resource.get("processingDetails", {})
    publish_at = status.get("publishAt")
    size = file.get("fileSize")
    return RemoteVideo(
        video_id=resource["id"],
        title=snippet.get("title", ""),
        privacy=Privacy(status["privacyStatus"]),
        publish_at=read_instant(publish_at) if publish_at else None,
        processing=_processing(status.get("uploadStatus"), processing.get("processingStatus")),
        reason=status.get("failureReason")
        or status.get("rejectionReason")
        or processing.get("processingFailureReason")
        or ("deleted" if status.get("uploadStatus") == "deleted" else None),
        duration_s=_duration_s(file.get("durationMs"), resource.get("contentDetails", {}).get("duration")),
        bytes=int(size) if size is not None else None,
        tags=tuple(snippet.get("tags", ())),
        made_for_kids=status.get("selfDeclaredMadeForKids", status.get("madeForKids")),
        fields=remote_fields(resource),
        custom_thumbnail=resource.get("contentDetails", {}).get("hasCustomThumbnail"),
        still=_still(snippet.get("thumbnails", {})),
        captioned=_TRUTH.get(str(resource.get("contentDetails", {}).get("caption", "")).lower()),
    )


def remote_track(resource: Mapping[str, Any]) -> RemoteTrack | None:
    """A caption track that people gave; `None` for one of the platform's own speech recognition, or of no language."""
    snippet = resource.get("snippet", {})
    if str(snippet.get("trackKind", "")).lower() == "asr" or not snippet.get("language"):
        return None
    at = snippet.get("lastUpdated")
    return RemoteTrack(
        snippet["language"], snippet.get("name", ""), read_instant(at) if at else None, bool(snippet.get("isDraft"))
    )


def _still(thumbnails: Mapping[str, Any]) -> str | None:
    # 320 by 180 is enough to know a picture by, and of the film's own shape; `default` and `high` have bars.
    for name in ("medium", *thumbnails):
        address = thumbnails.get(name, {}).get("url")
        if address:
            return str(address)
    return None


def remote_fields(resource: Mapping[str, Any]) -> Fields:
    """What the parts of a `videos` resource say of its texts and flags; a key that is absent is not known."""
    snippet, status = resource.get("snippet"), resource.get("status", {})
    found: Fields = {}
    if snippet is not None:
        found = {
            "title": snippet.get("title", ""),
            "description": snippet.get("description", ""),
            "tags": list(snippet.get("tags", ())),
        }
        found |= {ours: snippet[theirs] for ours, theirs in _SNIPPET_FIELDS.items() if theirs in snippet}
    found |= {ours: status[theirs] for ours, theirs in _STATUS_FIELDS.items() if theirs in status}
    if "paidProductPlacementDetails" in resource:
        paid = resource["paidProductPlacementDetails"]
        found["paid_promotion"] = bool(paid.get("hasPaidProductPlacement", False))
    if "recordingDetails" in resource:
        date = resource["recordingDetails"].get("recordingDate")
        found["recorded_on"] = written_day(read_instant(date)) if date else None
    if "localizations" in resource:
        found["localizations"] = _localizations(resource)
    return found


def remote_figures(resource: Mapping[str, Any]) -> RemoteFigures:
    """The counts of a resource with `statistics`: strings of digits, absent when hidden."""
    found = resource.get("statistics", {})
    return RemoteFigures(
        resource["id"], _count(found, "viewCount"), _count(found, "likeCount"), _count(found, "commentCount")
    )


def channel_figures(resource: Mapping[str, Any]) -> ChannelFigures:
    """The counts of a channel with `statistics`; a hidden number of subscribers is not known, whatever is sent."""
    found = resource.get("statistics", {})
    hidden = found.get("hiddenSubscriberCount", False)
    return ChannelFigures(
        None if hidden else _count(found, "subscriberCount"), _count(found, "viewCount"), _count(found, "videoCount")
    )


def caption_body(language: str, *, video_id: str | None = None, caption_id: str | None = None) -> Body:
    """The body of `captions.insert` (by video) or `captions.update` (by caption)."""
    if caption_id is not None:
        return {"id": caption_id, "snippet": {"isDraft": False}}
    # One unnamed track per language: that is what makes a second insert a conflict instead of a double.
    return {"snippet": {"videoId": video_id, "language": language, "name": "", "isDraft": False}}


def playlist_item_body(playlist_id: str, video_id: str) -> Body:
    """The body of `playlistItems.insert`, without a position: an auto-sorted playlist refuses one."""
    return {
        "snippet": {"playlistId": playlist_id, "resourceId": {"kind": "youtube#video", "videoId": video_id}},
    }


def written_instant(instant: datetime) -> str:
    """RFC 3339 in UTC with `Z`; an offset or local time is read differently by different servers."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_instant(text: str) -> datetime:
    """An instant from RFC 3339; `Z`, `+00:00` and `.000Z` give equal values."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _count(found: Mapping[str, Any], key: str) -> int | None:
    return int(found[key]) if found.get(key) is not None else None


def _wanted_by(metadata: VideoMetadata) -> Body:
    body: Body = {
        "snippet": {
            "title": metadata.title,
            "description": metadata.description,
            "tags": list(metadata.tags),
            "categoryId": metadata.category_id,
            "defaultLanguage": metadata.language,
            "defaultAudioLanguage": metadata.language,
        },
        "status": {
            "license": metadata.license,
            "embeddable": metadata.embeddable,
            "selfDeclaredMadeForKids": metadata.made_for_kids,
            "containsSyntheticMedia": metadata.synthetic_media,
        },
        "paidProductPlacementDetails": {"hasPaidProductPlacement": metadata.paid_promotion},
        "localizations": {
            each.language: {"title": each.title, "description": each.description} for each in metadata.localizations
        },
    }
    if metadata.recorded_at is not None:
        body["recordingDetails"] = {"recordingDate": written_instant(metadata.recorded_at)}
    return body


def _place(status: Body, change: Change, now: datetime) -> None:
    """Apply the change's privacy and instant to the `status` part, in place."""
    was = status.get("privacyStatus")
    if change.privacy is not None:
        status["privacyStatus"] = change.privacy.value
    if change.publish_at is not None:
        if was != Privacy.PRIVATE or status["privacyStatus"] != Privacy.PRIVATE:
            # Planning a video that viewers already see would hide it from them.
            raise PlatformRefused(
                "La vidéo n’est pas privée sur YouTube\u202f: elle ne peut plus être programmée. "
                "Retirez-la d’abord de l’antenne, ou laissez-la en ligne.",
                reason="invalidPublishAt",
            )
        _refuse_past(change.publish_at, now)
        status["publishAt"] = written_instant(change.publish_at)
    elif change.clear_publish_at or status.get("privacyStatus") != Privacy.PRIVATE:
        status.pop("publishAt", None)
    elif "publishAt" in status and read_instant(status["publishAt"]) <= now:
        # Sent again, an instant that went by unused (a penalty, an outage) would publish the video now.
        del status["publishAt"]


def is_placed(held: Mapping[str, Any], body: Body) -> bool:
    """Whether a video reads as the body said who sees it, and from when."""
    if "status" not in body:
        return True
    names = ("privacyStatus", "publishAt")
    wanted, there = ({name: said.get(name) for name in names} for said in (body["status"], held.get("status", {})))
    return _comparable(wanted) == _comparable(there)


def refuse_past(body: Body, now: datetime) -> None:
    """Refuse to send a body whose instant has come while it waited to be sent.

    Raises:
        PlatformRefused: it has.
    """
    at = body.get("status", {}).get("publishAt")
    if at is not None:
        _refuse_past(read_instant(at), now)


def _refuse_past(at: datetime, now: datetime) -> None:
    # YouTube publishes at once when the instant is past.
    if at <= now:
        raise PlatformRefused(
            "L’instant de diffusion est déjà passé. Choisissez un créneau à venir.", reason="invalidPublishAt"
        )


def _writable(part: str, fields: Mapping[str, Any]) -> Body:
    return {key: fields[key] for key in WRITABLE[part] if key in fields}


def _localizations(resource: Mapping[str, Any]) -> Body:
    """The texts in other languages; the video's own language may be listed among them, and is in `snippet`."""
    own = resource.get("snippet", {}).get("defaultLanguage")
    return {
        language: {"title": text.get("title", ""), "description": text.get("description", "")}
        for language, text in resource.get("localizations", {}).items()
        if language != own
    }


def _comparable(fields: Mapping[str, Any]) -> Body:
    """Equal for what YouTube holds equal: instants by value, and absent like false or empty."""
    return {key: read_instant(value) if key in _INSTANTS else value for key, value in fields.items() if value}


def _processing(upload_status: str | None, processing_status: str | None) -> str:
    if upload_status in ("failed", "rejected", "deleted") or processing_status == "failed":
        return "failed"
    if upload_status == "processed" or processing_status == "succeeded":
        return "succeeded"
    # « terminated »: how the processing went is no longer kept; it is over, unless the other word says otherwise.
    return "succeeded" if upload_status is None and processing_status == "terminated" else "processing"


def _duration_s(milliseconds: str | None, iso: str | None) -> float | None:
    """The file's own duration when the owner is told, else the rounded one; `P0D` while it is not known."""
    if milliseconds is not None and int(milliseconds) > 0:
        return int(milliseconds) / 1000
    found = _DURATION.fullmatch(iso or "")
    if not found:
        return None
    days, hours, minutes, seconds = (float(group or 0) for group in found.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds or None
