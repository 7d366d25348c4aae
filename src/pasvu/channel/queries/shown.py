"""What every card needs of an episode, as plain values read in few statements; and views gained between two instants.

Values, because hundreds stand on a page: narrow rows cost a tenth of mapped objects, and what is equal is drawn once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pasvu.channel.models import Account, Episode, Programme, Publication, Recording, Thumbnail, ViewSnapshot
from pasvu.channel.states import EpisodeState, PublicationState


@dataclass(frozen=True)
class ShownShow:
    """A programme, as far as a card names it."""

    name: str
    slug: str
    colour: int


@dataclass(frozen=True)
class ShownPerson:
    """An account, as far as a card names it."""

    shown_name: str


@dataclass(frozen=True)
class ShownRecording:
    """A recording, as far as a card shows it."""

    duration_s: float | None
    set_aside_for: str | None
    """Why it lies in quarantine, where that is a kind of its own."""


@dataclass(frozen=True)
class ShownStill:
    """The still a card bears: the chosen one, else the best proposed."""

    id: int
    chosen: bool


@dataclass(frozen=True)
class ShownPublication:
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


@dataclass(frozen=True)
class ShownEpisode:
    """An episode, as far as a card tells of it; names as in the record."""

    id: str
    title: str
    summary: str
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
    rows = session.execute(
        select(
            Episode.id,
            Episode.title,
            Episode.summary,
            Episode.state,
            Episode.state_reason,
            Episode.job_state,
            Episode.created_at,
            Episode.wanted_cut,
            Episode.cut,
            Episode.programme_id,
            Episode.owner_id,
            Recording.duration_s,
            Recording.set_aside_for,
        )
        .outerjoin(Recording, Recording.episode_id == Episode.id)
        .where(Episode.id.in_(ids))
    ).all()
    shows = {row.id: ShownShow(row.name, row.slug, row.colour) for row in session.execute(_SHOWS)}
    people = {row.id: ShownPerson(row.shown_name) for row in session.execute(_PEOPLE)}
    publications, stills = _publications(session, ids), _stills(session, ids)
    return {
        row.id: ShownEpisode(
            id=row.id,
            title=row.title,
            summary=row.summary,
            state=row.state,
            state_reason=row.state_reason,
            job_state=row.job_state,
            created_at=row.created_at,
            wanted_cut=row.wanted_cut,
            cut=row.cut,
            programme_id=row.programme_id,
            owner_id=row.owner_id,
            programme=shows.get(row.programme_id or ""),
            owner=people.get(row.owner_id or ""),
            recording=ShownRecording(row.duration_s, row.set_aside_for),
            thumbnails=stills.get(row.id, ()),
            publications=tuple(publications.get(row.id, ())),
        )
        for row in rows
    }


_SHOWS = select(Programme.id, Programme.name, Programme.slug, Programme.colour)
_PEOPLE = select(Account.id, Account.shown_name)


def _publications(session: Session, ids: Sequence[str]) -> dict[str, list[ShownPublication]]:
    rows = session.execute(
        select(
            Publication.episode_id,
            Publication.id,
            Publication.platform,
            Publication.state,
            Publication.state_reason,
            Publication.scheduled_at,
            Publication.air_at,
            Publication.video_id,
            Publication.finishing,
            Publication.uploaded_bytes,
            Publication.total_bytes,
            Publication.views,
        )
        .where(Publication.episode_id.in_(ids))
        .order_by(Publication.id)
    )
    found: dict[str, list[ShownPublication]] = {}
    for row in rows:
        told = ShownPublication(
            id=row.id,
            platform=row.platform,
            state=row.state,
            state_reason=row.state_reason,
            scheduled_at=row.scheduled_at,
            air_at=row.air_at,
            video_id=row.video_id,
            finishing=row.finishing,
            uploaded_bytes=row.uploaded_bytes,
            total_bytes=row.total_bytes,
            views=row.views,
        )
        found.setdefault(row.episode_id, []).append(told)
    return found


def _stills(session: Session, ids: Sequence[str]) -> dict[str, tuple[ShownStill, ...]]:
    rows = session.execute(
        select(Thumbnail.episode_id, Thumbnail.id, Thumbnail.chosen)
        .where(Thumbnail.episode_id.in_(ids))
        .order_by(Thumbnail.chosen, Thumbnail.score)
    )
    # The last one told of an episode stays: the chosen, else the best.
    return {episode_id: (ShownStill(still_id, chosen),) for episode_id, still_id, chosen in rows}


Counted = Publication | ShownPublication


def gained(session: Session, publications: Sequence[Counted], now: datetime) -> dict[int, int]:
    """Views of the last 24 hours by publication; those not known are left out."""
    return gained_since(session, publications, now - timedelta(hours=24))


def gained_since(session: Session, publications: Sequence[Counted], since: datetime) -> dict[int, int]:
    """Views since an instant by publication; those not known are left out."""
    counted = {p.id: p for p in publications if p.views is not None and p.air_at is not None}
    second = int(since.timestamp())
    # One look into the index for each publication, all in one statement: the table holds millions of rows.
    newest = (
        select(func.max(ViewSnapshot.taken_at))
        .where(ViewSnapshot.publication_id == Publication.id, ViewSnapshot.taken_at <= second)
        .correlate(Publication)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Publication.id, ViewSnapshot.views)
        .join(ViewSnapshot, (ViewSnapshot.publication_id == Publication.id) & (ViewSnapshot.taken_at == newest))
        .where(Publication.id.in_(counted))
    )
    before = dict(rows.all())
    found: dict[int, int] = {}
    for publication_id, publication in counted.items():
        assert publication.views is not None
        assert publication.air_at is not None
        if publication_id not in before and publication.air_at <= since:
            continue  # nobody counted then: the gain is not known
        found[publication_id] = publication.views - before.get(publication_id, 0)
    return found
