"""What every card needs of an episode, as plain values read in few statements; and views gained between two instants.

Bare tuples of values, because hundreds stand on a page: they cost a tenth of mapped objects, and what is equal is
drawn once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.orm import Session

from pasvu.channel.models import Account, Episode, Programme, Publication, Recording, Thumbnail, ViewSnapshot
from pasvu.channel.states import EpisodeState, PublicationState


class ShownShow(NamedTuple):
    """A programme, as far as a card names it."""

    name: str
    slug: str
    colour: int


class ShownPerson(NamedTuple):
    """An account, as far as a card names it."""

    shown_name: str


class ShownRecording(NamedTuple):
    """A recording, as far as a card shows it."""

    duration_s: float | None
    set_aside_for: str | None
    """Why it lies in quarantine, where that is a kind of its own."""


class ShownStill(NamedTuple):
    """The still a card bears: the chosen one, else the best proposed."""

    id: int
    chosen: bool


class ShownPublication(NamedTuple):
    """A publication, as far as a card tells of it; names as in the record."""

    id: int
    platform: str
    state: PublicationState
    state_reason: str | None
    scheduled_at: datetime | None
    air_at: datetime | None
    video_id: str | None
    finishing: bool
    uploaded_bytes: int
    total_bytes: int | None
    views: int | None


class ShownEpisode(NamedTuple):
    """An episode, as far as a card tells of it; names as in the record."""

    id: str
    title: str
    summarised: bool
    """Whether anything is written in its summary."""
    state: EpisodeState
    state_reason: str | None
    job_state: str | None
    created_at: datetime
    wanted_cut: int
    cut: int
    programme_id: str | None
    owner_id: str | None
    programme: ShownShow | None
    owner: ShownPerson | None
    recording: ShownRecording
    thumbnails: tuple[ShownStill, ...]
    publications: tuple[ShownPublication, ...]

    @property
    def waits_for_cut(self) -> bool:
        """Whether a cut was asked for that is not made yet."""
        return self.cut < self.wanted_cut


def shown(session: Session, ids: Sequence[str]) -> dict[str, ShownEpisode]:
    """Those episodes, by id."""
    if not ids:
        return {}
    connection, these = session.connection(), {"ids": ids}
    shows = {key: ShownShow(name, slug, colour) for key, name, slug, colour in connection.execute(_SHOWS).all()}
    people = {key: ShownPerson(name) for key, name in connection.execute(_PEOPLE).all()}
    publications: dict[str, list[ShownPublication]] = {}
    for episode_id, *told in connection.execute(_PUBLICATIONS, these).all():
        publications.setdefault(episode_id, []).append(ShownPublication(*told))
    return {
        row.id: ShownEpisode(
            id=row.id,
            title=row.title,
            summarised=row.summarised,
            state=row.state,
            state_reason=row.state_reason,
            job_state=row.job_state,
            created_at=row.created_at,
            wanted_cut=row.wanted_cut,
            cut=row.cut,
            programme_id=row.programme_id,
            owner_id=row.owner_id,
            programme=shows.get(row.programme_id),
            owner=people.get(row.owner_id),
            recording=ShownRecording(row.duration_s, row.set_aside_for),
            thumbnails=() if row.still_id is None else (ShownStill(row.still_id, row.chosen),),
            publications=tuple(publications.get(row.id, ())),
        )
        for row in connection.execute(_EPISODES, these).all()
    }


# Tables, not mapped classes, and statements made once: several of these answer each change of the board.
_EPISODE, _RECORDING, _STILL = Episode.__table__.c, Recording.__table__.c, Thumbnail.__table__.c
_PUBLICATION = Publication.__table__.c
_THESE: BindParameter[list[str]] = bindparam("ids", expanding=True)
BEST_STILL = (
    select(_STILL.id)
    .where(_STILL.episode_id == _EPISODE.id)
    .order_by(_STILL.chosen.desc(), _STILL.score.desc(), _STILL.id.desc())
    .limit(1)
    .correlate(Episode.__table__)
    .scalar_subquery()
)
_EPISODES = (
    select(
        _EPISODE.id,
        _EPISODE.title,
        (func.trim(_EPISODE.summary, " \n\r\t") != "").label("summarised"),
        _EPISODE.state,
        _EPISODE.state_reason,
        _EPISODE.job_state,
        _EPISODE.created_at,
        _EPISODE.wanted_cut,
        _EPISODE.cut,
        _EPISODE.programme_id,
        _EPISODE.owner_id,
        _RECORDING.duration_s,
        _RECORDING.set_aside_for,
        _STILL.id.label("still_id"),
        _STILL.chosen,
    )
    .select_from(Episode.__table__)
    .outerjoin(Recording.__table__, _RECORDING.episode_id == _EPISODE.id)
    .outerjoin(Thumbnail.__table__, _STILL.id == BEST_STILL)
    .where(_EPISODE.id.in_(_THESE))
)
_PUBLICATIONS = (
    select(_PUBLICATION.episode_id, *(_PUBLICATION[name] for name in ShownPublication._fields))
    .where(_PUBLICATION.episode_id.in_(_THESE))
    .order_by(_PUBLICATION.id)
)
_SHOWS = select(Programme.id, Programme.name, Programme.slug, Programme.colour)
_PEOPLE = select(Account.id, Account.shown_name)


Counted = Publication | ShownPublication


def gained(session: Session, publications: Sequence[Counted], now: datetime) -> dict[int, int]:
    """Views of the last 24 hours by publication; those not known are left out."""
    return gained_since(session, publications, now - timedelta(hours=24))


def gained_since(session: Session, publications: Sequence[Counted], since: datetime) -> dict[int, int]:
    """Views since an instant by publication; those not known are left out."""
    counted = {p.id: p for p in publications if p.views is not None and p.air_at is not None}
    rows = session.connection().execute(_BEFORE, {"ids": list(counted), "second": int(since.timestamp())})
    before = dict(rows.all())
    found: dict[int, int] = {}
    for publication_id, publication in counted.items():
        assert publication.views is not None
        assert publication.air_at is not None
        if publication_id not in before and publication.air_at <= since:
            continue  # nobody counted then: the gain is not known
        found[publication_id] = publication.views - before.get(publication_id, 0)
    return found


# One look into the index for each publication, all in one statement: the table holds millions of rows.
_NEWEST = (
    select(func.max(ViewSnapshot.taken_at))
    .where(ViewSnapshot.publication_id == Publication.id, ViewSnapshot.taken_at <= bindparam("second"))
    .correlate(Publication)
    .scalar_subquery()
)
_BEFORE = (
    select(Publication.id, ViewSnapshot.views)
    .join(ViewSnapshot, (ViewSnapshot.publication_id == Publication.id) & (ViewSnapshot.taken_at == _NEWEST))
    .where(Publication.id.in_(_THESE))
)
