"""Reading figures: an episode's curve, the curves that it compares with, and what is usual."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from pasvu.channel import audience
from pasvu.channel.audience import BREAK_AT, Aligned, Past
from pasvu.channel.models import AlignedCurve, Episode, Horizon, Publication, ViewDay, ViewSnapshot

PAST_EPISODES = 12
# As many as a forecast looks back on.
PAST_MOST = 36


def curve(session: Session, publication_id: int) -> list[audience.Count]:
    """Every snapshot of a publication, by time."""
    rows = session.connection().execute(_CURVE, {"of": publication_id}).all()
    return [audience.Count(taken_at, views) for taken_at, views in rows]


_CURVE = (
    select(ViewSnapshot.taken_at, ViewSnapshot.views)
    .where(ViewSnapshot.publication_id == bindparam("of"))
    .order_by(ViewSnapshot.taken_at)
)


def views_at(session: Session, publication_id: int, at: datetime) -> int | None:
    """Views as last counted before an instant; `None` when nobody had counted by then."""
    return session.scalar(
        select(ViewSnapshot.views)
        .where(ViewSnapshot.publication_id == publication_id, ViewSnapshot.taken_at <= int(at.timestamp()))
        .order_by(ViewSnapshot.taken_at.desc())
        .limit(1)
    )


def aligned(session: Session, ids: Sequence[int]) -> dict[int, Aligned]:
    """The aligned curves of publications, by id; those without one are left out."""
    rows = session.execute(
        select(AlignedCurve.publication_id, AlignedCurve.points).where(AlignedCurve.publication_id.in_(ids))
    )
    return dict(rows.all())


class Earlier:
    """The publications aired before one, newest first: asked for once, whatever is then made of them.

    Only those whose views were counted alike: the meaning of a view changed in August 2026.
    """

    def __init__(self, session: Session, publication: Publication) -> None:
        self._session, self._publication = session, publication
        self._found: dict[str | None, list[tuple[int, datetime]]] = {}

    def last(self, programme_id: str | None, number: int = PAST_EPISODES) -> list[tuple[int, datetime]]:
        """The last of one programme, or of the channel, as (id, air instant); `PAST_MOST` at most."""
        if programme_id not in self._found:
            rows = self._session.execute(_before(self._publication, programme_id).limit(PAST_MOST))
            self._found[programme_id] = [(each, air_at) for each, air_at in rows if air_at is not None]
        return self._found[programme_id][:number]


def typical(session: Session, publication: Publication, earlier: Earlier | None = None) -> list[audience.Typical]:
    """What is usual at each horizon: the same programme's last twelve episodes, or the channel's when too few."""
    if publication.air_at is None:
        return []
    earlier = earlier or Earlier(session, publication)
    past = horizons_of(session, [each for each, _ in earlier.last(publication.episode.programme_id)])
    if publication.episode.programme_id is not None and len(past.get(24, ())) < audience.LEAST:
        past = horizons_of(session, [each for each, _ in earlier.last(None)])
    found = [audience.typical(past, hours) for hours in audience.HORIZON_HOURS]
    return [usual for usual in found if usual is not None]


def band(
    session: Session, publication: Publication, earlier: Earlier | None = None
) -> tuple[audience.Band | None, bool]:
    """The usual curve, and whether it is the programme's own (else the whole channel's)."""
    if publication.air_at is None:
        return None, False
    earlier = earlier or Earlier(session, publication)
    programme_id = publication.episode.programme_id
    if programme_id is not None:
        own = _band(session, earlier.last(programme_id))
        if own is not None:
            return own, True
    return _band(session, earlier.last(None)), False


def pasts(session: Session, earlier: Earlier, programme_id: str | None) -> list[Past]:
    """Earlier episodes with their curves, oldest first, for a forecast and its record."""
    found = earlier.last(programme_id, PAST_MOST)
    curves = aligned(session, [each for each, _ in found])
    return [Past(air_at, curves[each]) for each, air_at in reversed(found) if each in curves]


def horizons_of(session: Session, ids: Sequence[int]) -> dict[int, Sequence[int]]:
    """Frozen views of publications, by hours after air."""
    found: dict[int, list[int]] = defaultdict(list)
    for hours, views in session.execute(select(Horizon.hours, Horizon.views).where(Horizon.publication_id.in_(ids))):
        found[hours].append(views)
    return dict(found)


def view_days(session: Session, platform: str, first: date, last: date) -> list[ViewDay]:
    """Views by local day, oldest first; days in which nothing was known are left out."""
    return list(
        session.scalars(
            select(ViewDay).where(ViewDay.platform == platform, ViewDay.day.between(first, last)).order_by(ViewDay.day)
        )
    )


def instant(second: int) -> datetime:
    """The instant of a snapshot's second."""
    return datetime.fromtimestamp(second, UTC)


def _before(publication: Publication, programme_id: str | None) -> Select[int, datetime | None]:
    assert publication.air_at is not None
    others = (
        select(Publication.id, Publication.air_at)
        .where(
            Publication.platform == publication.platform,
            Publication.air_at < publication.air_at,
            Publication.id != publication.id,
        )
        .order_by(Publication.air_at.desc())
    )
    if publication.air_at >= BREAK_AT:
        others = others.where(Publication.air_at >= BREAK_AT)
    if programme_id is not None:
        others = others.join(Publication.episode).where(Episode.programme_id == programme_id)
    return others


def _band(session: Session, past: Sequence[tuple[int, datetime]]) -> audience.Band | None:
    return audience.band(list(aligned(session, [each for each, _ in past]).values()))
