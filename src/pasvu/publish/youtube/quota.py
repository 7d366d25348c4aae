"""What each request costs, from which bucket, and when the buckets fill again: pure arithmetic.

Figures of developers.google.com/youtube/data/determine_quota_cost (buckets split since 2026-06-01).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# The allowance follows the wall clock of California: a clock-change day has 23 or 25 hours there.
PACIFIC = ZoneInfo("America/Los_Angeles")

# Per day and per Cloud project, whatever the number of channels.
LIMITS = {"insert": 100, "search": 100, "general": 10_000, "stats": 10_000}


@dataclass(frozen=True)
class Cost:
    """Units that one request takes from a bucket, whether it succeeds or not."""

    bucket: str
    units: int


_COSTS = {
    "videos.insert": Cost("insert", 1),
    "search.list": Cost("search", 1),
    "videos.batchGetStats": Cost("stats", 1),
    # The same call, told apart so that what watching lives costs can be said.
    "videos.list (live)": Cost("general", 1),
    "videos.update": Cost("general", 50),
    "videos.delete": Cost("general", 50),
    "thumbnails.set": Cost("general", 50),
    "playlists.insert": Cost("general", 50),
    "playlists.update": Cost("general", 50),
    "playlistItems.insert": Cost("general", 50),
    "playlistItems.update": Cost("general", 50),
    "playlistItems.delete": Cost("general", 50),
    "channels.update": Cost("general", 50),
    "captions.list": Cost("general", 50),
    "captions.insert": Cost("general", 400),
    "captions.update": Cost("general", 450),
    "captions.delete": Cost("general", 50),
    "captions.download": Cost("general", 200),
}


def cost_of(method: str) -> Cost:
    """The cost of one request of `method` (`videos.list`, …).

    Raises:
        KeyError: a writing method whose price is not known; a reading one costs 1.
    """
    if method in _COSTS:
        return _COSTS[method]
    if method.endswith(".list"):
        return Cost("general", 1)
    raise KeyError(method)


def day_of(instant: datetime) -> date:
    """The Pacific day that `instant` (aware) falls in: what a ledger adds up by."""
    return instant.astimezone(PACIFIC).date()


def next_reset(instant: datetime) -> datetime:
    """The next midnight in California after `instant` (aware), in UTC."""
    tomorrow = day_of(instant) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=PACIFIC).astimezone(UTC)
