"""A week of the channel on one page: what was gained, what aired, how it stands against what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import audience, figures
from pasvu.channel.models import ChannelSnapshot, Publication
from pasvu.channel.queries.audience.overview import DayViews, with_episode
from pasvu.channel.states import PublicationState


@dataclass(frozen=True)
class Aired:
    """An episode of the week, and how many times the usual it makes at the last horizon that both know."""

    publication: Publication
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
    movers: list[Publication]
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
    ours = (
        select(Publication)
        .join(Publication.episode)
        .options(*with_episode())
        .where(Publication.platform == platform, Publication.state == PublicationState.ON_AIR)
    )
    aired = session.scalars(
        ours.where(Publication.air_at >= start, Publication.air_at < end).order_by(Publication.air_at)
    )
    # The gain of a day is known for now only: a past week tells of what aired in it.
    movers = (
        list(session.scalars(ours.where(Publication.day_gain > 0).order_by(Publication.day_gain.desc()).limit(5)))
        if start <= now < end
        else []
    )
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


def _times(session: Session, publication: Publication) -> tuple[int, float] | None:
    reached = [audience.Frozen(each.hours, each.views, each.error_views) for each in publication.horizons]
    return audience.times_usual(reached, figures.typical(session, publication))


def _subscribers(session: Session, platform: str, at: datetime) -> int | None:
    return session.scalar(
        select(ChannelSnapshot.subscribers)
        .where(ChannelSnapshot.platform == platform, ChannelSnapshot.taken_at <= int(at.timestamp()))
        .order_by(ChannelSnapshot.taken_at.desc())
        .limit(1)
    )
