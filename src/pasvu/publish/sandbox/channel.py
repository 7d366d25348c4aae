"""Answers of `channels.list` and `videoCategories.list`."""

from __future__ import annotations

from pasvu.publish.sandbox import videos
from pasvu.publish.sandbox.answers import ApiError, Json, page, with_etag
from pasvu.publish.sandbox.metadata import CATEGORIES, CLOSED_CATEGORIES
from pasvu.publish.sandbox.world import Call

_FILTERS = ("id", "mine", "forHandle", "forUsername", "managedByMe", "mySubscribers", "categoryId")


def rounded_down(count: int) -> int:
    """A count of subscribers as the platform tells it: three significant figures, rounded down."""
    step: int = 10 ** max(0, len(str(count)) - 3)
    return count // step * step


def list_(call: Call) -> Json:
    """`channels.list` by exactly one filter; this platform has one channel."""
    given = [name for name in _FILTERS if name in call.params]
    if len(given) != 1:
        reason = "invalidCriteria" if given else "missingRequiredParameter"
        raise ApiError(400, reason, f"Exactly one of: {', '.join(_FILTERS)}", domain="youtube.parameter")
    if given == ["mine"]:
        found = call.one("mine") == "true" and call.caller.owns
    else:
        found = given == ["id"] and call.world.channel_id in call.params["id"]
    items = [_resource(call)] if found else []
    return page("youtube#channelListResponse", items, asked=call.asked(), token=call.one("pageToken"))


def list_categories(call: Call) -> Json:
    """`videoCategories.list`; those without `assignable` cannot be chosen."""
    if ("id" in call.params) == ("regionCode" in call.params):
        raise ApiError(400, "missingRequiredParameter", "Exactly one of: id, regionCode", domain="youtube.parameter")
    ids = call.params.get("id")
    items = [
        with_etag(
            {
                "kind": "youtube#videoCategory",
                "id": category_id,
                "snippet": {
                    "title": title,
                    "assignable": category_id in CATEGORIES,
                    "channelId": call.world.channel_id,
                },
            }
        )
        for category_id, title in sorted((CATEGORIES | CLOSED_CATEGORIES).items(), key=lambda one: int(one[0]))
        if not ids or category_id in ids
    ]
    return with_etag({"kind": "youtube#videoCategoryListResponse", "items": items})


def _resource(call: Call) -> Json:
    rules = call.world.rules
    public = [video for video in videos.newest_first(call.db, call.now) if video.shown]
    statistics: Json = {
        "viewCount": str(sum(video.counts().views for video in public)),
        "hiddenSubscriberCount": rules.hidden_subscribers,
        "videoCount": str(len(public)),
    }
    if not rules.hidden_subscribers:
        statistics["subscriberCount"] = str(rounded_down(rules.subscribers))
    parts: Json = {
        "snippet": {"title": rules.channel_title, "description": "", "country": "FR"},
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": call.world.uploads_id}},
        "statistics": statistics,
        "status": {"privacyStatus": "public", "isLinked": True, "longUploadsStatus": rules.long_uploads},
    }
    chosen = {part: parts[part] for part in call.parts if part in parts}
    return with_etag({"kind": "youtube#channel", "id": call.world.channel_id, **chosen})
