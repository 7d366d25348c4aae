"""One episode: its curve against what is usual, its rank, what may come, and where nobody counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, selectinload

from pasvu.channel import audience, figures
from pasvu.channel.audience import AGES_H, Band, Cadence, Count, Forecast, Gap, Record, Typical
from pasvu.channel.models import Episode, Horizon, Publication


@dataclass(frozen=True)
class EpisodeFigures:
    """Everything counted of one publication; snapshots are those taken, none is made up."""

    publication: Publication
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
    session: Session, episode: Episode, now: datetime, cadence: Cadence, *, brief: bool = False
) -> EpisodeFigures | None:
    """The figures of an episode on its first platform that aired it; `None` before it airs.

    `brief` leaves out what only its own page shows: ranks and forecast.
    """
    publication = aired_on(session, episode)
    if publication is None or publication.air_at is None:
        return None
    counts = figures.curve(session, publication.id)
    earlier = figures.Earlier(session, publication)
    usual = figures.typical(session, publication, earlier)
    reached = [audience.Frozen(each.hours, each.views, each.error_views) for each in publication.horizons]
    usual_curve, own = figures.band(session, publication, earlier)
    expected, record = (None, None) if brief else _forecast(session, publication, earlier)
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


def aired_on(session: Session, episode: Episode) -> Publication | None:
    """The episode on the first platform that aired it."""
    return session.scalars(
        select(Publication)
        .where(Publication.episode_id == episode.id, Publication.air_at.is_not(None))
        .options(selectinload(Publication.horizons))
        .order_by(Publication.id)
        .limit(1)
    ).first()


def _forecast(
    session: Session, publication: Publication, earlier: figures.Earlier
) -> tuple[Forecast | None, Record | None]:
    """From the oldest age that is known of it; with how such forecasts turned out so far."""
    own = figures.aligned(session, [publication.id]).get(publication.id, ())
    place = max((place for place, views in enumerate(own) if views), default=None)
    if place is None or AGES_H[place] >= audience.HORIZON_HOURS[-1]:
        return None, None
    assert publication.air_at is not None
    for programme_id in dict.fromkeys((publication.episode.programme_id, None)):
        past = figures.pasts(session, earlier, programme_id)
        said = audience.forecast(publication.air_at, AGES_H[place], own[place] or 0, past)
        if said is not None:
            return said, audience.check(AGES_H[place], past)
    return None, None


def _ranks(session: Session, publication: Publication) -> dict[int, tuple[int, int]]:
    """How many episodes of the same programme (or of the channel, without one) did better, until this one aired."""
    mine = {horizon.hours: horizon.views for horizon in publication.horizons}
    if not mine:
        return {}
    better = case(*((Horizon.hours == hours, Horizon.views > views) for hours, views in mine.items()))
    others = (
        select(Horizon.hours, func.count(), func.count().filter(better))
        .join(Publication, Publication.id == Horizon.publication_id)
        .where(
            Horizon.hours.in_(mine),
            Publication.platform == publication.platform,
            Publication.air_at < publication.air_at,
        )
        .group_by(Horizon.hours)
    )
    if publication.episode.programme_id is not None:
        others = others.join(Publication.episode).where(Episode.programme_id == publication.episode.programme_id)
    told = {hours: (ahead + 1, among + 1) for hours, among, ahead in session.execute(others)}
    return {hours: told.get(hours, (1, 1)) for hours in mine}
