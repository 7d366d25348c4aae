"""A week of the channel on one page: what was gained, what aired, how it stands against what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pasvu.channel import audience, figures
from pasvu.channel.models import ChannelSnapshot
from pasvu.channel.queries.audience import rows
from pasvu.channel.queries.audience.overview import DayViews
from pasvu.channel.queries.audience.rows import PUBLICATION, ROWS, FigureRow
from pasvu.channel.states import PublicationState


@dataclass(frozen=True)
class Aired:
    """An episode of the week, and how many times the usual it makes at the last horizon that both know."""

    publication: FigureRow
    times: tuple[int, float] | None


@dataclass(frozen=True)
class Week:
    """Monday to Sunday in the channel's zone."""

    monday: date
    days: list[DayViews]
    gained: int
    gained_before: int | None
    """Of the week before, when all of its days are known."""
    aired: list[Aired]
    movers: list[FigureRow]
    subscribers: int | None
    subscribers_moved: int | None
    minutes: int | None
    """Watched, as far as analytics have told of the week."""
    minutes_until: date | None
    lives: list[figures.LoggedLive]
    """Broadcasts that started in the week, newest first."""


def week(session: Session, platform: str, monday: date, zone: ZoneInfo, now: datetime) -> Week:
    """The week that begins on this Monday."""
    sunday = monday + timedelta(days=6)
    start = datetime.combine(monday, time(), tzinfo=zone)
    end = datetime.combine(monday + timedelta(days=7), time(), tzinfo=zone)
    known = figures.view_days(session, platform, monday - timedelta(days=7), sunday)
    days = [DayViews(each.day, each.gained, each.estimated) for each in known if each.day >= monday]
    before = [each.gained for each in known if each.day < monday]
    aired = rows.read(session, _AIRED, platform=platform, start=start, end=end)
    # The gain of a day is known for now only: a past week tells of what aired in it.
    movers = rows.read(session, _MOVERS, platform=platform) if start <= now < end else []
    reports = figures.report_days(session, platform, monday, sunday)
    first, last = _subscribers(session, platform, start), _subscribers(session, platform, min(end, now))
    return Week(
        monday=monday,
        days=days,
        gained=sum(each.gained for each in days),
        gained_before=sum(before) if len(before) == 7 else None,
        aired=[Aired(each, _times(session, each)) for each in aired],
        movers=movers,
        subscribers=last,
        subscribers_moved=last - first if last is not None and first is not None else None,
        minutes=sum(each.minutes_watched for each in reports) if reports else None,
        minutes_until=reports[-1].day if reports else None,
        lives=figures.logged(session, platform, start, end),
    )


_OURS = ROWS.where(PUBLICATION.platform == bindparam("platform"), PUBLICATION.state == PublicationState.ON_AIR)
_AIRED = _OURS.where(PUBLICATION.air_at >= bindparam("start"), PUBLICATION.air_at < bindparam("end")).order_by(
    PUBLICATION.air_at
)
_MOVERS = _OURS.where(PUBLICATION.day_gain > 0).order_by(PUBLICATION.day_gain.desc()).limit(5)


def _times(session: Session, publication: FigureRow) -> tuple[int, float] | None:
    reached = [audience.Frozen(each.hours, each.views, each.error_views) for each in publication.horizons]
    return audience.times_usual(reached, figures.typical(rows.earlier_than(session, publication)))


def _subscribers(session: Session, platform: str, at: datetime) -> int | None:
    return session.scalar(
        select(ChannelSnapshot.subscribers)
        .where(ChannelSnapshot.platform == platform, ChannelSnapshot.taken_at <= int(at.timestamp()))
        .order_by(ChannelSnapshot.taken_at.desc())
        .limit(1)
    )
