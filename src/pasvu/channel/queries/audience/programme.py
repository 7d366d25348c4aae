"""One programme: its usual curve, all of its episodes against it, and how well its forecasts turned out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.orm import Session

from pasvu.channel import audience, figures
from pasvu.channel.audience import HORIZON_HOURS, Aligned, Band, Past, Record, Typical
from pasvu.channel.models import Episode, Programme, Publication
from pasvu.channel.queries.audience import rows
from pasvu.channel.queries.audience.overview import Mover
from pasvu.channel.queries.audience.rows import EPISODE, PUBLICATION, ROWS

CURVES_MOST = 200
ROWS_MOST = 25
RECORD_AGES_H = (24, 72, 168)


@dataclass(frozen=True)
class Line:
    """An episode's title and aligned curve."""

    title: str
    curve: Aligned


@dataclass(frozen=True)
class ProgrammeFigures:
    """A programme over a period, newest episode first."""

    programme: Programme
    aired: int
    """Episodes of the period."""
    lines: list[Line]
    """The curves of the last two hundred of them."""
    rows: list[Mover]
    """Those of the page."""
    page: int
    pages: int
    band: Band | None
    """Of the last twelve episodes, whatever the period."""
    usual: list[Typical]
    records: list[Record]
    measured_at: datetime | None


def programme_figures(
    session: Session, programme: Programme, platform: str, now: datetime, days: int, page: int | None = 1
) -> ProgrammeFigures:
    """The programme's episodes aired in the last `days` days; a page of them in full, or all when `page` is `None`."""
    connection = session.connection()
    ours = {"programme_id": programme.id, "platform": platform}
    period = {**ours, "since": now - timedelta(days=days)}
    number, measured_at = connection.execute(_PERIOD, period).one()
    pages = max(1, math.ceil(number / ROWS_MOST))
    shown_page = min(max(page or 1, 1), pages)
    most, before = (number, 0) if page is None else (ROWS_MOST, (shown_page - 1) * ROWS_MOST)
    shown = rows.read(session, _SHOWN, **period, most=most, before=before)
    drawn = connection.execute(_DRAWN, period).all()
    last = connection.execute(_LAST, ours).all()
    ids = {*(row.id for row in shown), *(each for each, _ in drawn), *(each for each, _ in last)}
    curves = figures.aligned(session, list(ids))
    past = [Past(air_at, curves[each]) for each, air_at in reversed(last) if each in curves]
    recent = [each for each, air_at in last if audience.same_meaning(air_at, last[0][1])][: figures.PAST_EPISODES]
    records = [audience.check(age_h, past) for age_h in RECORD_AGES_H]
    horizons = figures.horizons_of(session, recent)
    usual = [audience.typical(horizons, hours) for hours in HORIZON_HOURS]
    return ProgrammeFigures(
        programme=programme,
        aired=number,
        lines=[Line(title, curves[each]) for each, title in drawn if each in curves],
        rows=[Mover(row, curves.get(row.id, ())) for row in shown],
        page=shown_page,
        pages=pages,
        band=audience.band([curves[each] for each in recent if each in curves]),
        usual=[each for each in usual if each is not None],
        records=[each for each in records if each is not None],
        measured_at=measured_at,
    )


_OURS = (
    EPISODE.programme_id == bindparam("programme_id"),
    PUBLICATION.platform == bindparam("platform"),
    PUBLICATION.air_at.is_not(None),
)
_SINCE = PUBLICATION.air_at >= bindparam("since")
_FROM = Publication.__table__.join(Episode.__table__, EPISODE.id == PUBLICATION.episode_id)
_NEWEST_FIRST = (PUBLICATION.air_at.desc(), PUBLICATION.id.desc())
_PERIOD = select(func.count(), func.max(PUBLICATION.views_at)).select_from(_FROM).where(*_OURS, _SINCE)
_SHOWN = (
    ROWS.where(*_OURS, _SINCE)
    .order_by(*_NEWEST_FIRST)
    .limit(bindparam("most", type_=Integer))
    .offset(bindparam("before", type_=Integer))
)
_DRAWN = (
    select(PUBLICATION.id, EPISODE.title)
    .select_from(_FROM)
    .where(*_OURS, _SINCE)
    .order_by(*_NEWEST_FIRST)
    .limit(CURVES_MOST)
)
_LAST = (
    select(PUBLICATION.id, PUBLICATION.air_at)
    .select_from(_FROM)
    .where(*_OURS)
    .order_by(*_NEWEST_FIRST)
    .limit(figures.PAST_MOST)
)
