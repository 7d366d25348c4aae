"""What the stand-in's platform allows and how fast it works: every number that a test may want to change."""

from __future__ import annotations

from dataclasses import dataclass, field

QUOTA_COSTS = {
    "youtube.videos.insert": ("insert", 1),
    "youtube.search.list": ("search", 1),
    "youtube.videos.batchGetStats": ("stats", 1),
    "youtube.captions.list": ("default", 50),
    "youtube.captions.insert": ("default", 400),
    "youtube.captions.update": ("default", 450),
    "youtube.captions.delete": ("default", 50),
    "youtube.captions.download": ("default", 200),
    "youtube.videos.getRating": ("default", 1),
}
"""Bucket and units per method, from developers.google.com/youtube/data/determine_quota_cost (since 2026-06-01)."""


def quota_of(method_id: str) -> tuple[str, int]:
    """Bucket and units of one successful call; the Analytics API counts apart and costs nothing here."""
    if method_id in QUOTA_COSTS:
        return QUOTA_COSTS[method_id]
    if method_id.startswith("youtubeAnalytics."):
        return "analytics", 0
    return "default", 1 if method_id.endswith(".list") else 50


@dataclass(frozen=True)
class Rules:
    """Limits and speeds. `_s` are seconds of the clock, not of the wall."""

    quota: dict[str, int] = field(default_factory=dict)
    """Units per Pacific day that differ from the platform's own; bucket names as in `allowance`."""
    uploads_per_day: int = 100
    """Videos one channel may receive in 24 h before `uploadLimitExceeded`; the platform publishes no figure."""
    processing_base_s: float = 30.0
    processing_per_s: float = 0.02
    """Processing takes `processing_base_s + processing_per_s * duration`."""
    session_life_s: float = 7 * 86400.0
    access_token_life_s: float = 3600.0
    longest_s: float = 12 * 3600.0
    longest_unverified_s: float = 15 * 60.0
    long_uploads: str = "allowed"
    """`status.longUploadsStatus` of the channel: `allowed`, `eligible` or `disallowed`."""
    playlist_lag_s: float = 0.0
    """How long a new video stays unknown to playlists; the platform has been seen to need some seconds."""
    subscribers: int = 12_345
    hidden_subscribers: bool = False
    channel_title: str = "Notre chaîne (répétition)"

    def allowance(self, bucket: str) -> int:
        """Units per Pacific day of one bucket."""
        return self.quota.get(bucket, {"insert": 100, "search": 100, "stats": 10_000}.get(bucket, 10_000))
