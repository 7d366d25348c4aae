"""The channel at a glance: views of a period and of the one before, day by day, what moves, programme by programme."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, select, union
from sqlalchemy.orm import Session

from pasvu.channel import figures
from pasvu.channel.audience import Aligned
from pasvu.channel.models import ChannelSnapshot, Episode, Horizon, Programme, Publication, ReportDay, ViewDay
from pasvu.channel.queries.audience import rows
from pasvu.channel.queries.audience.rows import EPISODE, PUBLICATION, ROWS, THESE, FigureRow
from pasvu.channel.queries.shown import ShownShow
from pasvu.channel.states import PublicationState

MOVERS = 12
MISSING = 8


class DayViews(NamedTuple):
    """Views gained in a local day; `estimated` of them were spread over days in which nobody counted."""

    day: date
    gained: int
    estimated: int


@dataclass(frozen=True)
class Mover:
    """An episode's figures on one platform, and its aligned curve."""

    publication: FigureRow
    curve: Aligned

    @property
    def gained(self) -> int | None:
        """Views of the 24 hours before it was last counted."""
        return self.publication.day_gain


@dataclass(frozen=True)
class Change:
    """A figure of the whole channel now, and how it moved in the period; `None` where nobody counted before."""

    now: int | None
    moved: int | None
    measured_at: datetime


@dataclass(frozen=True)
class ProgrammeLine:
    """A programme in the period: episodes aired, and the median of their views at 72 hours."""

    programme: ShownShow
    aired: int
    views: int
    median_72h: int | None


@dataclass(frozen=True)
class Overview:
    """The channel over a period."""

    since: date
    days: list[DayViews]
    gained: int
    gained_before: int | None
    """Of the period of the same length just before, when it was counted whole."""
    aired: int
    subscribers: Change | None
    videos: Change | None
    movers: list[Mover]
    programmes: list[ProgrammeLine]
    missing: list[FigureRow]
    measured_at: datetime | None

    @property
    def estimated(self) -> int:
        """Of what was gained, what was spread over days in which nobody counted."""
        return sum(each.estimated for each in self.days)


def overview(session: Session, platform: str, today: date, now: datetime, days: int = 28) -> Overview:
    """The last `days` local days, today among them."""
    since = today - timedelta(days=days - 1)
    counted = _days(session, platform, since - timedelta(days=days), today)
    period = [each for each in counted if each.day >= since]
    before = [each for each in counted if each.day < since]
    start = now - timedelta(days=days)
    movers = _movers(session, platform)
    return Overview(
        since=since,
        days=period,
        gained=sum(each.gained for each in period),
        gained_before=sum(each.gained for each in before) if _whole(before, days) else None,
        aired=_aired(session, platform, start),
        subscribers=_channel(session, platform, start, now, _SUBSCRIBERS),
        videos=_channel(session, platform, start, now, _VIDEOS),
        movers=movers,
        programmes=_programmes(session, platform, start),
        missing=_missing(session, platform),
        measured_at=max((mover.publication.views_at for mover in movers if mover.publication.views_at), default=None),
    )


def gained_since_day(session: Session, platform: str, day: date) -> int:
    """Views gained since the start of a local day."""
    return int(session.connection().scalar(_SINCE_DAY, {"platform": platform, "day": day}) or 0)


def watched(session: Session, platform: str, first: date, last: date) -> tuple[int, date] | None:
    """Minutes watched between two days, and the last day that analytics told of; `None` when they told of none."""
    asked = {"platform": platform, "first": first, "last": last}
    minutes, until = session.connection().execute(_WATCHED, asked).one()
    return (int(minutes), until) if until is not None else None


def weekday_shares(days: Sequence[DayViews]) -> dict[int, float]:
    """Mean views of each weekday (Monday is 0) of which there are two at least."""
    found: dict[int, list[int]] = {}
    for each in days:
        found.setdefault(each.day.weekday(), []).append(each.gained)
    return {weekday: statistics.mean(values) for weekday, values in found.items() if len(values) > 1}


def _days(session: Session, platform: str, first: date, last: date) -> list[DayViews]:
    told = session.connection().execute(_DAYS, {"platform": platform, "first": first, "last": last})
    return [DayViews(*day) for day in told.all()]


def _whole(before: Sequence[DayViews], days: int) -> bool:
    return len(before) == days and not any(each.estimated for each in before)


def _aired(session: Session, platform: str, start: datetime) -> int:
    return int(session.connection().scalar(_AIRED, {"platform": platform, "start": start}) or 0)


def _movers(session: Session, platform: str) -> list[Mover]:
    found = rows.read(session, _MOVERS, platform=platform)
    curves = figures.aligned(session, [row.id for row in found])
    return [Mover(row, curves.get(row.id, ())) for row in found]


def newest(session: Session, platform: str) -> FigureRow | None:
    """The last episode that has been on air long enough to say something: an hour, with figures."""
    return next(iter(rows.read(session, _NEWEST, platform=platform)), None)


def _programmes(session: Session, platform: str, start: datetime) -> list[ProgrammeLine]:
    connection = session.connection()
    found: dict[str, list[tuple[int, int | None]]] = {}
    for programme_id, views, at_72h in connection.execute(_IN_PERIOD, {"platform": platform, "start": start}).all():
        found.setdefault(programme_id, []).append((views or 0, at_72h))
    lines = []
    for programme_id, *named in connection.execute(_SHOWS).all():
        if programme_id not in found:
            continue
        aired = found[programme_id]
        known = [views for _, views in aired if views is not None]
        middle = round(statistics.median(known)) if known else None
        lines.append(ProgrammeLine(ShownShow(*named), len(aired), sum(views for views, _ in aired), middle))
    return sorted(lines, key=lambda line: -line.views)


def _channel(session: Session, platform: str, start: datetime, now: datetime, known: Select[int, int]) -> Change | None:
    def at(instant: datetime) -> Row[int, int] | None:
        return session.connection().execute(known, {"platform": platform, "at": int(instant.timestamp())}).first()

    last, first = at(now), at(start)
    if last is None:
        return None
    return Change(last[1], last[1] - first[1] if first else None, figures.instant(last[0]))


def _missing(session: Session, platform: str) -> list[FigureRow]:
    """Aired, and no longer there as meant: the platform does not answer for it, or says so."""
    gone = session.connection().scalars(_GONE, {"platform": platform}).all()
    return rows.read(session, _THOSE, ids=list(gone)) if gone else []


_ON_AIR = (PUBLICATION.state == PublicationState.ON_AIR, PUBLICATION.platform == bindparam("platform"))
_MOVERS = (
    ROWS.where(*_ON_AIR, PUBLICATION.day_gain.is_not(None))
    .order_by(PUBLICATION.day_gain.desc(), PUBLICATION.id.desc())
    .limit(MOVERS)
)
_NEWEST = ROWS.where(*_ON_AIR, PUBLICATION.views.is_not(None)).order_by(PUBLICATION.air_at.desc()).limit(1)
_THOSE = ROWS.where(PUBLICATION.id.in_(THESE)).order_by(PUBLICATION.air_at.desc()).limit(MISSING)
_AIRED = select(func.count(PUBLICATION.id)).where(*_ON_AIR, PUBLICATION.air_at >= bindparam("start"))
_DAY = ViewDay.__table__.c
_DAYS = (
    select(_DAY.day, _DAY.gained, _DAY.estimated)
    .where(_DAY.platform == bindparam("platform"), _DAY.day.between(bindparam("first"), bindparam("last")))
    .order_by(_DAY.day)
)
_SINCE_DAY = select(func.sum(_DAY.gained)).where(_DAY.platform == bindparam("platform"), _DAY.day >= bindparam("day"))
_TOLD = ReportDay.__table__.c
_WATCHED = select(func.sum(_TOLD.minutes_watched), func.max(_TOLD.day)).where(
    _TOLD.platform == bindparam("platform"), _TOLD.day.between(bindparam("first"), bindparam("last"))
)
_HORIZON, _SHOW = Horizon.__table__.c, Programme.__table__.c
_IN_PERIOD = (
    select(EPISODE.programme_id, PUBLICATION.views, _HORIZON.views)
    .select_from(Publication.__table__)
    .join(Episode.__table__, EPISODE.id == PUBLICATION.episode_id)
    .outerjoin(Horizon.__table__, (_HORIZON.publication_id == PUBLICATION.id) & (_HORIZON.hours == 72))
    .where(*_ON_AIR, PUBLICATION.air_at >= bindparam("start"), EPISODE.programme_id.is_not(None))
)
_SHOWS = select(_SHOW.id, _SHOW.name, _SHOW.slug, _SHOW.colour).order_by(_SHOW.name)


def _known(column: str) -> Select[int, int]:
    """The last time that a figure of the channel was known at an instant, as (second, figure)."""
    told = ChannelSnapshot.__table__.c
    return (
        select(told.taken_at, told[column])
        .where(told.platform == bindparam("platform"), told[column].is_not(None), told.taken_at <= bindparam("at"))
        .order_by(told.taken_at.desc())
        .limit(1)
    )


_SUBSCRIBERS, _VIDEOS = _known("subscribers"), _known("videos")


def _walk(why: ColumnElement[bool]) -> Select[int]:
    wanted = select(PUBLICATION.id).where(
        why, PUBLICATION.platform == bindparam("platform"), PUBLICATION.air_at.is_not(None)
    )
    return select(wanted.order_by(PUBLICATION.air_at.desc()).limit(MISSING).subquery().c.id)


# Two walks along an index each; joined by "or" they would be one through every publication.
_GONE = union(_walk(PUBLICATION.missing_since.is_not(None)), _walk(PUBLICATION.state == PublicationState.FAILED))
