"""The board: every episode under way by column, and those on air page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import TypeVarTuple

from sqlalchemy import Select, bindparam, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from pasvu.channel import names
from pasvu.channel.models import Episode, Incoming, Programme, Publication, Upload
from pasvu.channel.queries.cards import (
    UNDER_WAY,
    AnyCard,
    BoardCard,
    Column,
    ShownProgress,
    column_for,
    open_remarks_of,
    progress_of,
)
from pasvu.channel.queries.lists import uploads_under_way
from pasvu.channel.queries.shown import ShownEpisode, gained, shown
from pasvu.channel.states import EpisodeState, PublicationState
from pasvu.channel.values import Standing

Row = TypeVarTuple("Row")

ON_AIR_PAGE = 12
COLUMN_LONGEST = 20
"""Cards of a column; a column asked for whole shows `WHOLE_LONGEST`."""
WHOLE_LONGEST = 400


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


def board(session: Session, filters: Filters, now: datetime, page: int = 1, *, whole: Column | None = None) -> Board:
    """The board as of now; `page` counts from 1 among the episodes on air, `whole` is a column to show to its end."""
    standing = _standing(session, filters)
    longest = {column: WHOLE_LONGEST if column == whole else COLUMN_LONGEST for column in Column}
    on_air_count, on_air_ids = _on_air(session, filters, page)
    standing_ids = {column: ids[: longest[column]] for column, ids in standing.items()}
    under_way = list(chain.from_iterable(standing_ids.values()))
    found = shown(session, [*under_way, *on_air_ids])
    progress = progress_of(session, under_way)
    remarks = open_remarks_of(session, under_way)
    views_gained = gained(session, [p for each in on_air_ids for p in found[each].publications], now)
    return Board(
        columns={
            column: [_under_way(found[each], column, progress, remarks) for each in ids]
            for column, ids in standing_ids.items()
        },
        counts={column: len(ids) for column, ids in standing.items()},
        on_air=[_aired(found[each], views_gained) for each in on_air_ids],
        on_air_count=on_air_count,
        on_air_pages=max(1, -(-on_air_count // ON_AIR_PAGE)),
        incoming=list(session.scalars(_WAITING)),
        uploads=uploads_under_way(session),
    )


def _under_way(
    episode: ShownEpisode, column: Column, progress: Mapping[str, ShownProgress], remarks: Mapping[str, int]
) -> BoardCard:
    publication = episode.publications[0] if episode.publications else None
    return AnyCard(episode, column, progress.get(episode.id), publication, remarks.get(episode.id, 0))


def _aired(episode: ShownEpisode, views_gained: Mapping[int, int]) -> BoardCard:
    publication = episode.publications[0] if episode.publications else None
    return AnyCard(episode, None, None, publication, 0, views_gained.get(publication.id) if publication else None)


def _standing(session: Session, filters: Filters) -> dict[Column, list[str]]:
    """Ids of the episodes under way by column, the latest change first; those planned, soonest first."""
    # Narrow rows of all of them, so that a column's count is true; only those shown are then read whole.
    found: dict[Column, list[tuple[datetime, str]]] = {column: [] for column in Column}
    for episode_id, state, at, updated_at in session.connection().execute(_asked(filters).under_way).all():
        column = column_for(state, planned=at is not None)
        assert column is not None
        found[column].append((at or updated_at, episode_id))
    return {
        column: [episode_id for _, episode_id in sorted(rows, reverse=column != Column.SCHEDULED)]
        for column, rows in found.items()
    }


def _on_air(session: Session, filters: Filters, page: int) -> tuple[int, list[str]]:
    """How many are on air, and the ids of one page of them, newest first."""
    asked, connection = _asked(filters), session.connection()
    bounds = {"longest": ON_AIR_PAGE, "before": (page - 1) * ON_AIR_PAGE}
    return connection.scalar(asked.on_air) or 0, list(connection.scalars(asked.newest, bounds).all())


@dataclass(frozen=True)
class _Asked:
    """What is asked of the database for a board so narrowed."""

    under_way: Select[str, EpisodeState, datetime | None, datetime]
    on_air: Select[int]
    newest: Select[str]


# A statement takes longer to put together than to answer.
@lru_cache(maxsize=256)
def _asked(filters: Filters) -> _Asked:
    planned = select(func.min(Publication.scheduled_at)).where(Publication.episode_id == Episode.id).scalar_subquery()
    standing = select(Episode.id, Episode.state, planned, Episode.updated_at).where(Episode.state.in_(UNDER_WAY))
    wanted = _narrow(select(Episode.id), filters).where(
        Episode.id == Publication.episode_id, Episode.state == EpisodeState.ON_AIR
    )
    later = select(_LATER.id).where(
        _LATER.episode_id == Publication.episode_id,
        tuple_(_LATER.air_at, _LATER.id) > tuple_(Publication.air_at, Publication.id),
    )
    return _Asked(
        under_way=_narrow(standing, filters),
        on_air=_narrow(select(func.count()), filters).where(Episode.state == EpisodeState.ON_AIR),
        # Along the index of instants, so that a page costs what it shows; an episode stands where it aired last.
        newest=select(Publication.episode_id)
        .where(Publication.air_at.is_not(None), wanted.exists(), ~later.exists())
        .order_by(Publication.air_at.desc())
        .limit(bindparam("longest"))
        .offset(bindparam("before")),
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


_LATER = aliased(Publication)
_WAITING = select(Incoming).where(Incoming.standing != Standing.IGNORED).order_by(Incoming.first_seen_at)
