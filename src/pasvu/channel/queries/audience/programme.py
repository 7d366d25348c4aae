"""One programme: its usual curve, all of its episodes against it, and how well its forecasts turned out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import audience, figures
from pasvu.channel.audience import HORIZON_HOURS, Band, Past, Record, Typical
from pasvu.channel.models import Episode, Programme, Publication
from pasvu.channel.queries.audience.overview import Mover, with_episode

CURVES_MOST = 200
RECORD_AGES_H = (24, 72, 168)


@dataclass(frozen=True)
class ProgrammeFigures:
    """A programme over a period, newest episode first."""

    programme: Programme
    rows: list[Mover]
    band: Band | None
    """Of the last twelve episodes, whatever the period."""
    usual: list[Typical]
    records: list[Record]
    measured_at: datetime | None


def programme_figures(
    session: Session, programme: Programme, platform: str, now: datetime, days: int
) -> ProgrammeFigures:
    """The programme's episodes aired in the last `days` days, two hundred at most."""
    aired = (
        select(Publication)
        .join(Publication.episode)
        .where(Episode.programme_id == programme.id, Publication.platform == platform, Publication.air_at.is_not(None))
        .order_by(Publication.air_at.desc())
    )
    shown = list(
        session.scalars(
            aired.options(*with_episode()).where(Publication.air_at >= now - timedelta(days=days)).limit(CURVES_MOST)
        )
    )
    rows = session.execute(aired.with_only_columns(Publication.id, Publication.air_at).limit(36))
    last = [(each, air_at) for each, air_at in rows if air_at is not None]
    curves = figures.aligned(session, [*{*(row.id for row in shown), *(each for each, _ in last)}])
    past = [Past(air_at, curves[each]) for each, air_at in reversed(last) if each in curves]
    recent = [each for each, air_at in last if audience.same_meaning(air_at, last[0][1])][: figures.PAST_EPISODES]
    records = [audience.check(age_h, past) for age_h in RECORD_AGES_H]
    horizons = figures.horizons_of(session, recent)
    usual = [audience.typical(horizons, hours) for hours in HORIZON_HOURS]
    return ProgrammeFigures(
        programme=programme,
        rows=[Mover(row, curves.get(row.id, ())) for row in shown],
        band=audience.band([curves[each] for each in recent if each in curves]),
        usual=[each for each in usual if each is not None],
        records=[each for each in records if each is not None],
        measured_at=max((row.views_at for row in shown if row.views_at), default=None),
    )
