"""One episode: its curve against what is usual, its rank, what may come, and where nobody counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from pasvu.channel import audience, figures
from pasvu.channel.audience import AGES_H, Band, Cadence, Count, Forecast, Gap, Record, Typical
from pasvu.channel.models import Episode, Horizon, Publication
from pasvu.channel.queries.audience import rows
from pasvu.channel.queries.audience.rows import EPISODE, PUBLICATION, ROWS, FigureRow


@dataclass(frozen=True)
class EpisodeFigures:
    """Everything counted of one publication; snapshots are those taken, none is made up."""

    publication: FigureRow
    counts: list[Count]
    gaps: list[Gap]
    band: Band | None
    band_is_own: bool
    """Whether the band is the programme's; else the whole channel's."""
    usual: list[Typical]
    times: tuple[int, float] | None
    """Hours of the last common horizon, and how many times the median."""
    ranks: dict[int, tuple[int, int]]
    """By horizon, the rank among that many episodes of the same programme (or of the channel) until now."""
    forecast: Forecast | None
    record: Record | None


def episode_figures(
    session: Session, publication: FigureRow, now: datetime, cadence: Cadence, *, brief: bool = False
) -> EpisodeFigures | None:
    """The figures of an episode on a platform; `None` before it airs.

    `brief` leaves out what only its own page shows: ranks and forecast.
    """
    if publication.air_at is None:
        return None
    counts = figures.curve(session, publication.id)
    earlier = rows.earlier_than(session, publication)
    expected, record = (None, None) if brief else _forecast(session, publication, earlier)
    usual = figures.typical(earlier)
    usual_curve, own = figures.band(earlier)
    reached = [audience.Frozen(each.hours, each.views, each.error_views) for each in publication.horizons]
    seen = [count.taken_at for count in counts]
    return EpisodeFigures(
        publication=publication,
        counts=counts,
        gaps=audience.gaps(cadence, publication.air_at, seen, now),
        band=usual_curve,
        band_is_own=own,
        usual=usual,
        times=audience.times_usual(reached, usual),
        ranks={} if brief else _ranks(session, publication),
        forecast=expected,
        record=record,
    )


def aired_on(session: Session, episode_id: str) -> FigureRow | None:
    """The episode on the first platform that aired it."""
    return next(iter(rows.read(session, _FIRST_AIRED, episode_id=episode_id)), None)


_FIRST_AIRED = (
    ROWS.where(PUBLICATION.episode_id == bindparam("episode_id"), PUBLICATION.air_at.is_not(None))
    .order_by(PUBLICATION.id)
    .limit(1)
)


def _forecast(
    session: Session, publication: FigureRow, earlier: figures.Earlier
) -> tuple[Forecast | None, Record | None]:
    """From the oldest age that is known of it; with how such forecasts turned out so far."""
    own = figures.aligned(session, [publication.id]).get(publication.id, ())
    place = max((place for place, views in enumerate(own) if views), default=None)
    if place is None or AGES_H[place] >= audience.HORIZON_HOURS[-1]:
        return None, None
    assert publication.air_at is not None
    for programme_id in dict.fromkeys((publication.episode.programme_id, None)):
        past = earlier.curves(programme_id, figures.PAST_MOST)
        said = audience.forecast(publication.air_at, AGES_H[place], own[place] or 0, past)
        if said is not None:
            return said, audience.check(AGES_H[place], past)
    return None, None


def _ranks(session: Session, publication: FigureRow) -> dict[int, tuple[int, int]]:
    """How many episodes of the same programme (or of the channel, without one) did better, until this one aired."""
    if not publication.horizons:
        return {}
    programme_id = publication.episode.programme_id
    asked = {"of": publication.id, "platform": publication.platform, "air_at": publication.air_at}
    wanted = _BETTER if programme_id is None else _BETTER_OF_SHOW
    told = session.connection().execute(wanted, {**asked, "programme_id": programme_id}).all()
    ranks = {hours: (ahead + 1, among + 1) for hours, among, ahead in told}
    return {each.hours: ranks.get(each.hours, (1, 1)) for each in publication.horizons}


_MINE, _OTHER = Horizon.__table__.alias("mine"), Horizon.__table__.alias("other")
_BETTER = (
    select(_OTHER.c.hours, func.count(), func.count().filter(_OTHER.c.views > _MINE.c.views))
    .select_from(Publication.__table__)
    .join(_OTHER, _OTHER.c.publication_id == PUBLICATION.id)
    .join(_MINE, _MINE.c.hours == _OTHER.c.hours)
    .where(
        _MINE.c.publication_id == bindparam("of"),
        PUBLICATION.platform == bindparam("platform"),
        PUBLICATION.air_at < bindparam("air_at"),
    )
    .group_by(_OTHER.c.hours)
)
_BETTER_OF_SHOW = _BETTER.join(Episode.__table__, EPISODE.id == PUBLICATION.episode_id).where(
    EPISODE.programme_id == bindparam("programme_id")
)
