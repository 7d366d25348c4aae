"""What counting costs: units of the platform's quota by day, spent and foreseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, bindparam, func, select
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
    connection, here = session.connection(), {"platform": platform}
    hours = _HOURS if connection.dialect.name == "sqlite" else _HOURS_POSTGRESQL
    spent: dict[date, int] = {}
    for written, units in connection.execute(hours, {**here, "since": now - timedelta(days=days)}).all():
        day = datetime.fromisoformat(f"{written}:00:00+00:00").astimezone(DAYS_OF).date()
        spent[day] = spent.get(day, 0) + int(units)
    # Counted where they are, along the index: thousands of instants need not travel.
    edges = [now - below for below, _ in cadence.steps]
    counts = [connection.scalar(_AIRED, {**here, "edge": edge}) or 0 for edge in (*edges, _EVER)]
    paces: dict[timedelta, int] = {}
    before = 0
    for every, upto in zip([*(every for _, every in cadence.steps), cadence.old], counts, strict=True):
        paces[every] = paces.get(every, 0) + upto - before
        before = upto
    # The channel's own figures, each hour.
    return Cost(
        sorted(spent.items(), reverse=True), calls_per_day(paces) + 24, 86400 // lives_every_s if lives_every_s else 0
    )


def _spent_by(hour: ColumnElement[str]) -> Select[str, int]:
    return (
        select(hour, func.sum(_ENTRY.units))
        .where(
            _ENTRY.platform == bindparam("platform"),
            _ENTRY.bucket.in_(("stats", "general")),
            _ENTRY.at >= bindparam("since"),
            _ENTRY.method.in_(METHODS),
        )
        .group_by(hour)
    )


# By the hour: a platform's midnight is a whole hour everywhere that counts.
_ENTRY = QuotaEntry.__table__.c
_HOURS = _spent_by(func.strftime("%Y-%m-%dT%H", _ENTRY.at))
_HOURS_POSTGRESQL = _spent_by(func.to_char(func.timezone("UTC", _ENTRY.at), 'YYYY-MM-DD"T"HH24'))
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_PUBLICATION = Publication.__table__.c
_AIRED = (
    select(func.count())
    .select_from(Publication.__table__)
    .where(
        _PUBLICATION.state == PublicationState.ON_AIR,
        _PUBLICATION.air_at > bindparam("edge"),
        _PUBLICATION.platform == bindparam("platform"),
    )
)
