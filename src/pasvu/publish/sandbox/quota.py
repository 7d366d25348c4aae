"""What requests cost: buckets of units that refill at midnight, Pacific time."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pasvu.publish.sandbox import instants
from pasvu.publish.sandbox.answers import ApiError
from pasvu.publish.sandbox.rules import Rules, quota_of

PACIFIC = ZoneInfo("America/Los_Angeles")


def pacific_day(now: datetime) -> str:
    """The day whose allowance is being spent at `now`."""
    return now.astimezone(PACIFIC).date().isoformat()


def spend(db: sqlite3.Connection, rules: Rules, method_id: str, now: datetime) -> int:
    """Take the price of one call, in units; 403 `quotaExceeded` when the bucket cannot pay."""
    bucket, units = quota_of(method_id)
    if units == 0:
        return 0
    day = pacific_day(now)
    row = db.execute("SELECT units FROM spent WHERE day = ? AND bucket = ?", (day, bucket)).fetchone()
    if (row["units"] if row else 0) + units > rules.allowance(bucket):
        raise ApiError(
            403,
            "quotaExceeded",
            "The request cannot be completed because you have exceeded your quota.",
            domain="youtube.quota",
        )
    _add(db, day, bucket, units)
    return units


def give_back(db: sqlite3.Connection, method_id: str, now: datetime, units: int) -> int:
    """What an invalid request costs after all: one unit, whatever the method."""
    bucket, _ = quota_of(method_id)
    kept = min(units, 1)
    _add(db, pacific_day(now), bucket, kept - units)
    return kept


def check_upload_limit(db: sqlite3.Connection, rules: Rules, now: datetime) -> None:
    """400 `uploadLimitExceeded` when the channel received too many videos within 24 h (nothing to do with quota)."""
    since = instants.written(now - timedelta(days=1))
    row = db.execute("SELECT count(*) AS n FROM videos WHERE uploaded_at > ?", (since,)).fetchone()
    if row["n"] >= rules.uploads_per_day:
        raise ApiError(
            400,
            "uploadLimitExceeded",
            "The user has exceeded the number of videos they may upload.",
            domain="youtube.video",
        )


def _add(db: sqlite3.Connection, day: str, bucket: str, units: int) -> None:
    db.execute(
        "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT (day, bucket) DO UPDATE SET units = units + excluded.units",
        (day, bucket, units),
    )
