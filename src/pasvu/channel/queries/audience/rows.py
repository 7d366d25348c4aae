"""What a row of figures shows of an episode on a platform, as plain values read in two statements.

Bare tuples, as of the cards (`queries.shown`); names as in the record.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import Session

from pasvu.channel import figures
from pasvu.channel.models import Episode, Horizon, Programme, Publication, Thumbnail
from pasvu.channel.queries.shown import BEST_STILL, ShownShow, ShownStill


class RowHorizon(NamedTuple):
    """Views frozen at so many hours after air."""

    hours: int
    views: int
    error_views: int
    measured_at: datetime


class RowEpisode(NamedTuple):
    """An episode, as far as a row of figures names it."""

    id: str
    title: str
    programme_id: str | None
    programme: ShownShow | None
    thumbnails: tuple[ShownStill, ...]


class FigureRow(NamedTuple):
    """An episode's figures on one platform."""

    id: int
    episode_id: str
    platform: str
    state_reason: str | None
    air_at: datetime | None
    views: int | None
    views_at: datetime | None
    day_gain: int | None
    missing_since: datetime | None
    episode: RowEpisode
    horizons: tuple[RowHorizon, ...]

    def at(self, hours: int) -> RowHorizon | None:
        """The horizon of so many hours, once it is frozen."""
        return next((each for each in self.horizons if each.hours == hours), None)


def read(session: Session, wanted: Select[Any], **values: object) -> list[FigureRow]:
    """The rows of `wanted`, which is `ROWS` narrowed and ordered, in its order; `values` fill its parameters."""
    connection = session.connection()
    found = connection.execute(wanted, values).all()
    horizons: dict[int, list[RowHorizon]] = {}
    for publication_id, *frozen in connection.execute(_HORIZONS, {"ids": [row.id for row in found]}).all():
        horizons.setdefault(publication_id, []).append(RowHorizon(*frozen))
    return [
        FigureRow(
            id=row.id,
            episode_id=row.episode_id,
            platform=row.platform,
            state_reason=row.state_reason,
            air_at=row.air_at,
            views=row.views,
            views_at=row.views_at,
            day_gain=row.day_gain,
            missing_since=row.missing_since,
            episode=RowEpisode(
                id=row.episode_id,
                title=row.title,
                programme_id=row.programme_id,
                programme=None if row.programme_id is None else ShownShow(row.name, row.slug, row.colour),
                thumbnails=() if row.still_id is None else (ShownStill(row.still_id, row.chosen),),
            ),
            horizons=tuple(horizons.get(row.id, ())),
        )
        for row in found
    ]


def earlier_than(session: Session, row: FigureRow) -> figures.Earlier:
    """The publications aired before the row's."""
    return figures.Earlier(session, row.id, row.platform, row.air_at, row.episode.programme_id)


PUBLICATION, EPISODE = Publication.__table__.c, Episode.__table__.c
_SHOW, _STILL, _HORIZON = Programme.__table__.c, Thumbnail.__table__.c, Horizon.__table__.c
THESE: BindParameter[list[int]] = bindparam("ids", expanding=True)
ROWS = (
    select(
        *(PUBLICATION[name] for name in FigureRow._fields[:-2]),
        EPISODE.title,
        EPISODE.programme_id,
        _SHOW.name,
        _SHOW.slug,
        _SHOW.colour,
        _STILL.id.label("still_id"),
        _STILL.chosen,
    )
    .select_from(Publication.__table__)
    .join(Episode.__table__, EPISODE.id == PUBLICATION.episode_id)
    .outerjoin(Programme.__table__, _SHOW.id == EPISODE.programme_id)
    .outerjoin(Thumbnail.__table__, _STILL.id == BEST_STILL)
)
_HORIZONS = (
    select(_HORIZON.publication_id, *(_HORIZON[name] for name in RowHorizon._fields))
    .where(_HORIZON.publication_id.in_(THESE))
    .order_by(_HORIZON.hours)
)
