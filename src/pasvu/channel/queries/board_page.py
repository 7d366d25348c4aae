"""The board: every episode under way by column, and those on air page by page."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Any, Generic, TypeVar, TypeVarTuple

from sqlalchemy import Select, bindparam, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from pasvu.channel import names
from pasvu.channel.errors import CutShort, Twin
from pasvu.channel.models import (
    Account,
    Episode,
    Incoming,
    JobProgress,
    Programme,
    Publication,
    Remark,
    Upload,
)
from pasvu.channel.queries.lists import uploads_under_way
from pasvu.channel.queries.shown import ShownEpisode, ShownPublication, gained, shown
from pasvu.channel.states import EpisodeState, PublicationState
from pasvu.channel.values import Standing

Row = TypeVarTuple("Row")

ON_AIR_PAGE = 12
COLUMN_LONGEST = 20
"""Cards of a column; a column asked for whole shows `WHOLE_LONGEST`."""
WHOLE_LONGEST = 400


class Column(StrEnum):
    """The columns of the board, in the order of the road."""

    ARRIVING = "arriving"
    TO_REVIEW = "to_review"
    TO_MEND = "to_mend"
    READY = "ready"
    SCHEDULED = "scheduled"


@dataclass(frozen=True)
class Filters:
    """What the board is narrowed to; empty fields narrow nothing."""

    words: str = ""
    programme: str = ""
    """Slug of a programme."""
    owner: str = ""
    """Id of an account."""
    in_trouble: bool = False
    """Only what waits for a person to unblock it."""
    arrived_since: datetime | None = None


E = TypeVar("E", Episode, ShownEpisode)
P = TypeVar("P", Publication, ShownPublication)


@dataclass(frozen=True)
class ShownProgress:
    """The running step of a job, and how far it is (0 to 1, or unknown)."""

    job_id: str
    step: str
    share: float | None


@dataclass(frozen=True)
class AnyCard(Generic[E, P]):
    """One episode on the board, or at the head of its page, with all that the card shows."""

    episode: E
    column: Column | None
    progress: ShownProgress | None
    publication: P | None
    open_remarks: int
    views_gained: int | None = None
    """Views of the last 24 hours, for episodes on air."""

    @property
    def failed(self) -> bool:
        """Whether something asks for a person."""
        stopped = self.episode.job_state in ("failed", "cancelled", "waiting")
        return (
            stopped
            or self.episode.state == EpisodeState.QUARANTINED
            or (self.publication is not None and self.publication.state == PublicationState.FAILED)
        )

    @property
    def warning(self) -> str | None:
        """What a publication that did not fail wants said: it waits, or the platform differs from what was meant."""
        publication = self.publication
        return publication.state_reason if publication is not None and not self.failed else None

    @property
    def usable_as_it_is(self) -> bool:
        """Whether it lies in quarantine for a reason that a person may pass over."""
        quarantined = self.episode.state == EpisodeState.QUARANTINED
        return quarantined and self.episode.recording.set_aside_for in (CutShort.kind, Twin.kind)

    @property
    def unknown_outcome(self) -> bool:
        """Whether only a person can say if the video arrived: then it may be sent anew, by decision."""
        publication = self.publication
        return (
            publication is not None
            and publication.state == PublicationState.FAILED
            and publication.finishing
            and publication.video_id is None
        )


Card = AnyCard[Episode, Publication]
BoardCard = AnyCard[ShownEpisode, ShownPublication]


@dataclass(frozen=True)
class Board:
    """The board: cards by column, how many each column really holds, and those on air, newest first."""

    columns: dict[Column, list[BoardCard]]
    counts: dict[Column, int]
    on_air: list[BoardCard]
    on_air_count: int
    on_air_pages: int
    """How many pages those on air fill, at least one."""
    incoming: list[Incoming]
    uploads: list[Upload]
    """Files on their way through the browser."""
    fingerprint: str = field(default="")
    """Changes when anything shown changes; lets a poll answer « nothing new »."""


def column_of(episode: Episode) -> Column | None:
    """The column an episode stands in; `None` on air or withdrawn."""
    planned = any(publication.scheduled_at is not None for publication in episode.publications)
    return _column(episode.state, planned=planned)


def _column(state: EpisodeState, *, planned: bool) -> Column | None:
    match state:
        case EpisodeState.RECEIVED | EpisodeState.PROCESSING | EpisodeState.QUARANTINED:
            return Column.ARRIVING
        case EpisodeState.IN_REVIEW:
            return Column.TO_REVIEW
        case EpisodeState.CHANGES_REQUESTED:
            return Column.TO_MEND
        case EpisodeState.APPROVED:
            return Column.SCHEDULED if planned else Column.READY
        case _:
            return None


UNDER_WAY = tuple(state for state in EpisodeState if _column(state, planned=False) is not None)
"""The states of the columns; the others are on air, or off the road."""


def board(session: Session, filters: Filters, now: datetime, page: int = 1, *, whole: Column | None = None) -> Board:
    """The board as of now; `page` counts from 1 among the episodes on air, `whole` is a column to show to its end."""
    standing = _standing(session, filters)
    longest = {column: WHOLE_LONGEST if column == whole else COLUMN_LONGEST for column in Column}
    on_air_count, on_air_ids = _on_air(session, filters, page)
    standing_ids = {column: ids[: longest[column]] for column, ids in standing.items()}
    shown_ids = [*chain.from_iterable(standing_ids.values()), *on_air_ids]
    found = shown(session, shown_ids)
    progress = _progress(session, shown_ids)
    remarks = _open_remarks(session, shown_ids)
    views_gained = gained(session, [p for each in on_air_ids for p in found[each].publications], now)
    return Board(
        columns={
            column: [_card(found[each], column, progress, remarks, {}) for each in ids]
            for column, ids in standing_ids.items()
        },
        counts={column: len(ids) for column, ids in standing.items()},
        on_air=[_card(found[each], None, progress, remarks, views_gained) for each in on_air_ids],
        on_air_count=on_air_count,
        on_air_pages=max(1, -(-on_air_count // ON_AIR_PAGE)),
        incoming=list(
            session.scalars(
                select(Incoming).where(Incoming.standing != Standing.IGNORED).order_by(Incoming.first_seen_at)
            )
        ),
        uploads=uploads_under_way(session),
        fingerprint=fingerprint(session, page),
    )


_AHEAD = (PublicationState.PLANNED, PublicationState.UPLOADING, PublicationState.HELD, PublicationState.FAILED)


def fingerprint(session: Session, page: int = 1) -> str:
    """Changes whenever anything the board shows changes: what a poll asks, so it reads few and narrow columns.

    Any episode that changes counts, whatever the filters; views are those of this page of the newest on air.
    """
    # Tables, not mapped classes, and statements made once: this runs every two seconds for every open tab.
    connection = session.connection()
    newest = {"longest": ON_AIR_PAGE, "before": (page - 1) * ON_AIR_PAGE}
    seen = [sorted(map(repr, connection.execute(query, newest if query is _NEWEST else {}))) for query in _WATCHED]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


_EPISODE, _PUBLICATION = Episode.__table__.c, Publication.__table__.c
_PROGRAMME, _ACCOUNT = Programme.__table__.c, Account.__table__.c
_PROGRESS, _INCOMING, _UPLOAD = JobProgress.__table__.c, Incoming.__table__.c, Upload.__table__.c
_NEWEST = (
    select(_PUBLICATION.id, _PUBLICATION.views)
    .where(_PUBLICATION.state == PublicationState.ON_AIR)
    .order_by(_PUBLICATION.air_at.desc())
    .limit(bindparam("longest"))
    .offset(bindparam("before"))
)
_WATCHED: tuple[Select[Any], ...] = (
    select(_EPISODE.state, func.count(), func.max(_EPISODE.updated_at)).group_by(_EPISODE.state),
    select(func.sum(_EPISODE.version)).where(_EPISODE.state.in_(UNDER_WAY)),
    select(_PUBLICATION.id, _PUBLICATION.state, _PUBLICATION.state_reason, _PUBLICATION.uploaded_bytes).where(
        _PUBLICATION.state.in_(_AHEAD)
    ),
    _NEWEST,
    select(_PROGRESS.job_id, _PROGRESS.step, _PROGRESS.share),
    select(_INCOMING.shown_name, _INCOMING.bytes, _INCOMING.waiting_for, _INCOMING.standing),
    select(_UPLOAD.id, _UPLOAD.received_bytes).where(_UPLOAD.finished_at.is_(None)),
    select(_PROGRAMME.id, _PROGRAMME.name, _PROGRAMME.slug, _PROGRAMME.colour),
    select(_ACCOUNT.id, _ACCOUNT.shown_name),
)


def card(session: Session, episode: Episode) -> Card:
    """One episode as a card."""
    return Card(
        episode=episode,
        column=column_of(episode),
        progress=_progress(session, [episode.id]).get(episode.id),
        publication=episode.publications[0] if episode.publications else None,
        open_remarks=_open_remarks(session, [episode.id]).get(episode.id, 0),
    )


def _narrow(query: Select[*Row], filters: Filters) -> Select[*Row]:
    for word in names.fold(filters.words).split():
        query = query.where(Episode.search.contains(word, autoescape=True))
    if filters.programme:
        query = query.where(Episode.programme.has(Programme.slug == filters.programme))
    if filters.owner:
        query = query.where(Episode.owner_id == filters.owner)
    if filters.arrived_since:
        query = query.where(Episode.created_at > filters.arrived_since)
    if filters.in_trouble:
        failed = Episode.publications.any(Publication.state == PublicationState.FAILED)
        query = query.where((Episode.state == EpisodeState.QUARANTINED) | Episode.job_state.is_not(None) | failed)
    return query


def _standing(session: Session, filters: Filters) -> dict[Column, list[str]]:
    """Ids of the episodes under way by column, the latest change first; those planned, soonest first."""
    # Narrow rows of all of them, so that a column's count is true; only those shown are then read whole.
    planned = select(func.min(Publication.scheduled_at)).where(Publication.episode_id == Episode.id).scalar_subquery()
    query = select(Episode.id, Episode.state, planned, Episode.updated_at).where(Episode.state.in_(UNDER_WAY))
    found: dict[Column, list[tuple[datetime, str]]] = {column: [] for column in Column}
    for episode_id, state, at, updated_at in session.execute(_narrow(query, filters)):
        column = _column(state, planned=at is not None)
        assert column is not None
        found[column].append((at or updated_at, episode_id))
    return {
        column: [episode_id for _, episode_id in sorted(rows, reverse=column != Column.SCHEDULED)]
        for column, rows in found.items()
    }


def _on_air(session: Session, filters: Filters, page: int) -> tuple[int, list[str]]:
    """How many are on air, and the ids of one page of them, newest first."""
    aired = _narrow(select(func.count(Episode.id)), filters).where(Episode.state == EpisodeState.ON_AIR)
    wanted = _narrow(select(Episode.id), filters).where(
        Episode.id == Publication.episode_id, Episode.state == EpisodeState.ON_AIR
    )
    later = select(_LATER.id).where(
        _LATER.episode_id == Publication.episode_id,
        tuple_(_LATER.air_at, _LATER.id) > tuple_(Publication.air_at, Publication.id),
    )
    # Along the index of instants, so that a page costs what it shows; an episode stands where it aired last.
    newest = (
        select(Publication.episode_id)
        .where(Publication.air_at.is_not(None), wanted.exists(), ~later.exists())
        .order_by(Publication.air_at.desc())
        .limit(ON_AIR_PAGE)
        .offset((page - 1) * ON_AIR_PAGE)
    )
    return session.scalar(aired) or 0, list(session.scalars(newest))


_LATER = aliased(Publication)


def _card(
    episode: ShownEpisode,
    column: Column | None,
    progress: dict[str, ShownProgress],
    remarks: dict[str, int],
    gained: dict[int, int],
) -> BoardCard:
    publication = episode.publications[0] if episode.publications else None
    return BoardCard(
        episode=episode,
        column=column,
        progress=progress.get(episode.id),
        publication=publication,
        open_remarks=remarks.get(episode.id, 0),
        views_gained=gained.get(publication.id) if publication else None,
    )


def _progress(session: Session, ids: Sequence[str]) -> dict[str, ShownProgress]:
    rows = session.execute(
        select(JobProgress.episode_id, JobProgress.job_id, JobProgress.step, JobProgress.share)
        .where(JobProgress.episode_id.in_(ids))
        .order_by(JobProgress.at)
    )
    return {row.episode_id: ShownProgress(row.job_id, row.step, row.share) for row in rows}


def _open_remarks(session: Session, ids: Sequence[str]) -> dict[str, int]:
    rows = session.execute(
        select(Remark.episode_id, func.count(Remark.id))
        .where(Remark.episode_id.in_(ids), Remark.done_at.is_(None))
        .group_by(Remark.episode_id)
    )
    return dict(rows.all())
