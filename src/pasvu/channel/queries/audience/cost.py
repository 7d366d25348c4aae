"""What counting costs: units of the platform's quota by day, spent and foreseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pasvu.channel.audience import Cadence, calls_per_day
from pasvu.channel.models import Publication, QuotaEntry
from pasvu.channel.states import PublicationState

# The allowance follows the wall clock of California (developers.google.com/youtube/data/determine_quota_cost).
DAYS_OF = ZoneInfo("America/Los_Angeles")
# Calls made to count, whatever the bucket that pays.
METHODS = ("videos.batchGetStats", "channels.list", "liveBroadcasts.list", "videos.list (live)")


@dataclass(frozen=True)
class Cost:
    """Units spent on counting by the platform's days, newest first, and what the cadence asks for in a day now."""

    days: list[tuple[date, int]]
    foreseen: int
    lives: int
    """What looking for broadcasts costs in a day, apart from what is foreseen for views; 0 when none is watched."""


def cost(
    session: Session, now: datetime, cadence: Cadence, platform: str, lives_every_s: int = 0, days: int = 7
) -> Cost:
    """Units of the last days; `lives_every_s` is how often broadcasts are looked for, 0 for never."""
    since = now - timedelta(days=days)
    # By the hour: a platform's midnight is a whole hour everywhere that counts.
    hour = func.strftime("%Y-%m-%dT%H", QuotaEntry.at)
    if session.get_bind().dialect.name != "sqlite":
        hour = func.to_char(func.timezone("UTC", QuotaEntry.at), 'YYYY-MM-DD"T"HH24')
    rows = session.execute(
        select(hour, func.sum(QuotaEntry.units))
        .where(QuotaEntry.platform == platform, QuotaEntry.bucket.in_(("stats", "general")), QuotaEntry.at >= since)
        .where(QuotaEntry.method.in_(METHODS))
        .group_by(hour)
    )
    spent: dict[date, int] = {}
    for written, units in rows:
        day = datetime.fromisoformat(f"{written}:00:00+00:00").astimezone(DAYS_OF).date()
        spent[day] = spent.get(day, 0) + int(units)
    # Counted where they are, along the index: thousands of instants need not travel.
    here = (Publication.state == PublicationState.ON_AIR, Publication.platform == platform)
    edges = [now - below for below, _ in cadence.steps]
    younger = [func.count().filter(Publication.air_at > edge) for edge in edges]
    _, *young = session.execute(
        select(func.count(), *younger).where(*here, Publication.air_at > min(edges, default=now))
    ).one()
    every_one = session.scalar(select(func.count()).where(*here, Publication.air_at.is_not(None))) or 0
    counts = (*young, every_one)
    paces: dict[timedelta, int] = {}
    before = 0
    for every, upto in zip([*(every for _, every in cadence.steps), cadence.old], counts, strict=True):
        paces[every] = paces.get(every, 0) + upto - before
        before = upto
    # The channel's own figures, each hour.
    return Cost(
        sorted(spent.items(), reverse=True), calls_per_day(paces) + 24, 86400 // lives_every_s if lives_every_s else 0
    )
