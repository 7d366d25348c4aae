"""Broadcasts in YouTube's words, as our values; pure.

Facts of the discovery document of youtube.v3 (2026-11): `broadcastStatus` may not be joined with `id` or `mine`;
`broadcastType` is `event` when not given, which hides broadcasts that start at the press of a button;
`concurrentViewers` is absent when nobody watches, when it is hidden, and once the broadcast is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pasvu.channel.values import LiveAudience, RemoteLive
from pasvu.publish.youtube.translate import read_instant

ACTIVE = {"broadcastStatus": "active", "broadcastType": "all"}
# "Active" also lists those that only the team sees yet.
ON = ("live", "liveStarting")


def on_now(answer: Mapping[str, Any]) -> list[RemoteLive]:
    """The broadcasts of an answer that viewers can see."""
    return [
        RemoteLive(
            video_id=str(item["id"]),
            title=str(item.get("snippet", {}).get("title", "")),
            created_at=_instant(item, "snippet", "publishedAt"),
            scheduled_at=_instant(item, "snippet", "scheduledStartTime"),
            started_at=_instant(item, "snippet", "actualStartTime"),
        )
        for item in answer.get("items", [])
        if item.get("status", {}).get("lifeCycleStatus") in ON
    ]


def audience(video: Mapping[str, Any]) -> LiveAudience:
    """Who watches a video that is, or was, a broadcast."""
    watching = video.get("liveStreamingDetails", {}).get("concurrentViewers")
    return LiveAudience(
        video_id=str(video["id"]),
        watching=None if watching is None else int(watching),
        started_at=_instant(video, "liveStreamingDetails", "actualStartTime"),
        ended_at=_instant(video, "liveStreamingDetails", "actualEndTime"),
    )


def _instant(resource: Mapping[str, Any], part: str, name: str) -> datetime | None:
    text = resource.get(part, {}).get(name)
    return read_instant(text) if text else None
