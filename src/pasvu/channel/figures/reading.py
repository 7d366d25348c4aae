"""Reading figures: an episode's curve, the curves that it compares with, and what is usual."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import BindParameter, bindparam, select
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
    return dict(session.connection().execute(_ALIGNED, {"ids": list(ids)}).all())


_THESE: BindParameter[list[int]] = bindparam("ids", expanding=True)
_CURVES = AlignedCurve.__table__.c
_ALIGNED = select(_CURVES.publication_id, _CURVES.points).where(_CURVES.publication_id.in_(_THESE))


class Earlier:
    """The publications aired before one, newest first: asked for once, whatever is then made of them.

    Only those whose views were counted alike: the meaning of a view changed in August 2026.
    """

    def __init__(
        self, session: Session, publication_id: int, platform: str, air_at: datetime | None, programme_id: str | None
    ) -> None:
        self.session, self.programme_id = session, programme_id
        self._of, self._platform, self._air_at = publication_id, platform, air_at
        self._found: dict[str | None, list[tuple[int, datetime]]] = {}
        self._curves: dict[int, Aligned | None] = {}

    @classmethod
    def than(cls, session: Session, publication: Publication) -> Earlier:
        """Those before this one."""
        programme_id = publication.episode.programme_id
        return cls(session, publication.id, publication.platform, publication.air_at, programme_id)

    def last(self, programme_id: str | None, number: int = PAST_EPISODES) -> list[tuple[int, datetime]]:
        """The last of one programme, or of the channel, as (id, air instant); `PAST_MOST` at most.

        None before an episode that has not aired.
        """
        if self._air_at is None:
            return []
        if programme_id not in self._found:
            since = BREAK_AT if self._air_at >= BREAK_AT else _EVER
            asked = {"of": self._of, "platform": self._platform, "air_at": self._air_at, "since": since}
            wanted = _BEFORE if programme_id is None else _BEFORE_OF_SHOW
            rows = self.session.connection().execute(wanted, {**asked, "programme_id": programme_id})
            self._found[programme_id] = [(each, air_at) for each, air_at in rows.all()]
        return self._found[programme_id][:number]

    def curves(self, programme_id: str | None, number: int = PAST_EPISODES) -> list[Past]:
        """The last that have an aligned curve, newest first."""
        last = self.last(programme_id, number)
        unread = [each for each, _ in last if each not in self._curves]
        if unread:
            read = aligned(self.session, unread)
            self._curves |= {each: read.get(each) for each in unread}
        return [Past(air_at, curve) for each, air_at in last if (curve := self._curves[each]) is not None]


_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_PUBLICATION, _EPISODE = Publication.__table__.c, Episode.__table__.c
_BEFORE = (
    select(_PUBLICATION.id, _PUBLICATION.air_at)
    .where(
        _PUBLICATION.platform == bindparam("platform"),
        _PUBLICATION.air_at < bindparam("air_at"),
        _PUBLICATION.air_at >= bindparam("since"),
        _PUBLICATION.id != bindparam("of"),
    )
    .order_by(_PUBLICATION.air_at.desc())
    .limit(PAST_MOST)
)
_BEFORE_OF_SHOW = _BEFORE.join(Episode.__table__, _EPISODE.id == _PUBLICATION.episode_id).where(
    _EPISODE.programme_id == bindparam("programme_id")
)


def typical(earlier: Earlier) -> list[audience.Typical]:
    """What is usual at each horizon: the same programme's last twelve episodes, or the channel's when too few."""
    past = horizons_of(earlier.session, [each for each, _ in earlier.last(earlier.programme_id)])
    if earlier.programme_id is not None and len(past.get(24, ())) < audience.LEAST:
        past = horizons_of(earlier.session, [each for each, _ in earlier.last(None)])
    found = [audience.typical(past, hours) for hours in audience.HORIZON_HOURS]
    return [usual for usual in found if usual is not None]


def band(earlier: Earlier) -> tuple[audience.Band | None, bool]:
    """The usual curve, and whether it is the programme's own (else the whole channel's)."""
    if earlier.programme_id is not None:
        own = _band(earlier.curves(earlier.programme_id))
        if own is not None:
            return own, True
    return _band(earlier.curves(None)), False


def horizons_of(session: Session, ids: Sequence[int]) -> dict[int, Sequence[int]]:
    """Frozen views of publications, by hours after air."""
    found: dict[int, list[int]] = defaultdict(list)
    for hours, views in session.connection().execute(_FROZEN, {"ids": list(ids)}).all():
        found[hours].append(views)
    return dict(found)


_HORIZON = Horizon.__table__.c
_FROZEN = select(_HORIZON.hours, _HORIZON.views).where(_HORIZON.publication_id.in_(_THESE))


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


def _band(past: Sequence[Past]) -> audience.Band | None:
    return audience.band([each.curve for each in past])
