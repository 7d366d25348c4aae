"""The channel at a glance: views of a period and of the one before, day by day, what moves, programme by programme."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, bindparam, func, select, union
from sqlalchemy.orm import Session, contains_eager, selectinload
from sqlalchemy.sql.base import ExecutableOption

from pasvu.channel import figures
from pasvu.channel.audience import Aligned
from pasvu.channel.models import ChannelSnapshot, Episode, Horizon, Programme, Publication, ViewDay
from pasvu.channel.states import PublicationState

MOVERS = 12


@dataclass(frozen=True)
class DayViews:
    """Views gained in a local day; `estimated` of them were spread over days in which nobody counted."""

    day: date
    gained: int
    estimated: int


@dataclass(frozen=True)
class Mover:
    """An episode's figures on one platform, and its aligned curve."""

    publication: Publication
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

    programme: Programme
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
    missing: list[Publication]
    measured_at: datetime | None


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
        aired=session.scalar(select(func.count(Publication.id)).where(*_on_air(platform), Publication.air_at >= start))
        or 0,
        subscribers=_channel(session, platform, start, "subscribers"),
        videos=_channel(session, platform, start, "videos"),
        movers=movers,
        programmes=_programmes(session, platform, start),
        missing=_missing(session, platform),
        measured_at=max((mover.publication.views_at for mover in movers if mover.publication.views_at), default=None),
    )


def gained_since_day(session: Session, platform: str, day: date) -> int:
    """Views gained since the start of a local day."""
    total = select(func.sum(ViewDay.gained)).where(ViewDay.platform == platform, ViewDay.day >= day)
    return int(session.scalar(total) or 0)


def weekday_shares(days: Sequence[DayViews]) -> dict[int, float]:
    """Mean views of each weekday (Monday is 0) of which there are two at least."""
    found: dict[int, list[int]] = {}
    for each in days:
        found.setdefault(each.day.weekday(), []).append(each.gained)
    return {weekday: statistics.mean(values) for weekday, values in found.items() if len(values) > 1}


def with_episode() -> list[ExecutableOption]:
    """What a row of figures shows of its episode, in few statements."""
    return [
        contains_eager(Publication.episode).selectinload(Episode.programme),
        contains_eager(Publication.episode).selectinload(Episode.thumbnails),
        selectinload(Publication.horizons),
    ]


def _on_air(platform: str) -> tuple[ColumnElement[bool], ...]:
    return Publication.state == PublicationState.ON_AIR, Publication.platform == platform


def _days(session: Session, platform: str, first: date, last: date) -> list[DayViews]:
    rows = session.execute(
        select(ViewDay.day, ViewDay.gained, ViewDay.estimated)
        .where(ViewDay.platform == platform, ViewDay.day.between(first, last))
        .order_by(ViewDay.day)
    )
    return [DayViews(*row) for row in rows]


def _whole(before: Sequence[DayViews], days: int) -> bool:
    return len(before) == days and not any(each.estimated for each in before)


def _movers(session: Session, platform: str) -> list[Mover]:
    rows = list(
        session.scalars(
            select(Publication)
            .join(Publication.episode)
            .options(*with_episode())
            .where(*_on_air(platform), Publication.day_gain.is_not(None))
            .order_by(Publication.day_gain.desc(), Publication.id.desc())
            .limit(MOVERS)
        )
    )
    curves = figures.aligned(session, [row.id for row in rows])
    return [Mover(row, curves.get(row.id, ())) for row in rows]


def newest(session: Session, platform: str) -> Publication | None:
    """The last episode that has been on air long enough to say something: an hour, with figures."""
    return session.scalars(
        select(Publication)
        .join(Publication.episode)
        .options(*with_episode())
        .where(*_on_air(platform), Publication.views.is_not(None))
        .order_by(Publication.air_at.desc())
        .limit(1)
    ).first()


def _programmes(session: Session, platform: str, start: datetime) -> list[ProgrammeLine]:
    rows = session.execute(
        select(Episode.programme_id, Publication.views, Horizon.views)
        .join(Publication.episode)
        .outerjoin(Horizon, (Horizon.publication_id == Publication.id) & (Horizon.hours == 72))
        .where(*_on_air(platform), Publication.air_at >= start, Episode.programme_id.is_not(None))
    )
    found: dict[str | None, list[tuple[int, int | None]]] = {}
    for programme_id, views, at_72h in rows:
        found.setdefault(programme_id, []).append((views or 0, at_72h))
    shows = session.scalars(select(Programme).where(Programme.id.in_(found)).order_by(Programme.name))
    lines = []
    for show in shows:
        known = [views for _, views in found[show.id] if views is not None]
        middle = round(statistics.median(known)) if known else None
        lines.append(ProgrammeLine(show, len(found[show.id]), sum(views for views, _ in found[show.id]), middle))
    return sorted(lines, key=lambda line: -line.views)


def _channel(session: Session, platform: str, start: datetime, what: str) -> Change | None:
    column = getattr(ChannelSnapshot, what)
    rows = select(ChannelSnapshot.taken_at, column).where(ChannelSnapshot.platform == platform, column.is_not(None))
    last = session.execute(rows.order_by(ChannelSnapshot.taken_at.desc()).limit(1)).first()
    if last is None:
        return None
    edge = int(start.timestamp())
    first = session.execute(
        rows.where(ChannelSnapshot.taken_at <= edge).order_by(ChannelSnapshot.taken_at.desc()).limit(1)
    ).first()
    return Change(last[1], last[1] - first[1] if first else None, figures.instant(last[0]))


def _missing(session: Session, platform: str) -> list[Publication]:
    """Aired, and no longer there as meant: the platform does not answer for it, or says so."""
    gone = session.connection().scalars(_GONE, {"platform": platform}).all()
    if not gone:
        return []
    rows = select(Publication).join(Publication.episode).options(contains_eager(Publication.episode))
    return list(session.scalars(rows.where(Publication.id.in_(gone)).order_by(Publication.air_at.desc()).limit(8)))


def _walk(why: ColumnElement[bool]) -> Select[int]:
    wanted = select(Publication.id).where(
        why, Publication.platform == bindparam("platform"), Publication.air_at.is_not(None)
    )
    return select(wanted.order_by(Publication.air_at.desc()).limit(8).subquery().c.id)


# Two walks along an index each; joined by "or" they would be one through every publication.
_GONE = union(_walk(Publication.missing_since.is_not(None)), _walk(Publication.state == PublicationState.FAILED))
