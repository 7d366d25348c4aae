"""One programme: its usual curve, all of its episodes against it, and how well its forecasts turned out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pasvu.channel import audience, figures
from pasvu.channel.audience import HORIZON_HOURS, Aligned, Band, Past, Record, Typical
from pasvu.channel.models import Episode, Programme, Publication
from pasvu.channel.queries.audience.overview import Mover, with_episode

CURVES_MOST = 200
ROWS = 25
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
    aired = (
        select(Publication)
        .join(Publication.episode)
        .where(Episode.programme_id == programme.id, Publication.platform == platform, Publication.air_at.is_not(None))
        .order_by(Publication.air_at.desc(), Publication.id.desc())
    )
    period = aired.where(Publication.air_at >= now - timedelta(days=days))
    number = session.scalar(select(func.count()).select_from(period.order_by(None).subquery())) or 0
    pages = max(1, math.ceil(number / ROWS))
    shown_page = min(max(page or 1, 1), pages)
    in_full = period.options(*with_episode())
    if page is not None:
        in_full = in_full.limit(ROWS).offset((shown_page - 1) * ROWS)
    shown = list(session.scalars(in_full))
    drawn = session.execute(period.with_only_columns(Publication.id, Episode.title).limit(CURVES_MOST)).all()
    rows = session.execute(aired.with_only_columns(Publication.id, Publication.air_at).limit(36))
    last = [(each, air_at) for each, air_at in rows if air_at is not None]
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
        measured_at=session.scalar(
            period.order_by(None).with_only_columns(func.max(Publication.views_at), maintain_column_froms=True)
        ),
    )
