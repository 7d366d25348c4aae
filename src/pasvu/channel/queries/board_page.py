"""The board: every episode under way by column, and those on air page by page."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from pasvu.channel import names
from pasvu.channel.errors import CutShort, Twin
from pasvu.channel.models import (
    Episode,
    Incoming,
    JobProgress,
    Programme,
    Publication,
    Remark,
    Upload,
)
from pasvu.channel.queries.lists import uploads_under_way
from pasvu.channel.queries.shown import gained, with_shown
from pasvu.channel.states import EpisodeState, PublicationState
from pasvu.channel.values import Standing

ON_AIR_PAGE = 12
COLUMN_LONGEST = 30


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


@dataclass(frozen=True)
class Card:
    """One episode on the board, with all that the card shows."""

    episode: Episode
    column: Column | None
    progress: JobProgress | None
    publication: Publication | None
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


@dataclass(frozen=True)
class Board:
    """The board: cards by column, how many each column really holds, and those on air, newest first."""

    columns: dict[Column, list[Card]]
    counts: dict[Column, int]
    on_air: list[Card]
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
    match episode.state:
        case EpisodeState.RECEIVED | EpisodeState.PROCESSING | EpisodeState.QUARANTINED:
            return Column.ARRIVING
        case EpisodeState.IN_REVIEW:
            return Column.TO_REVIEW
        case EpisodeState.CHANGES_REQUESTED:
            return Column.TO_MEND
        case EpisodeState.APPROVED:
            planned = any(publication.scheduled_at is not None for publication in episode.publications)
            return Column.SCHEDULED if planned else Column.READY
        case _:
            return None


def board(session: Session, filters: Filters, now: datetime, page: int = 1) -> Board:
    """The board as of now; `page` counts from 1 among the episodes on air."""
    # Few are ever under way: they are read whole, so that a column's count is true.
    under_way = _narrow(with_shown(select(Episode)), filters).where(
        Episode.state.not_in([EpisodeState.ON_AIR, EpisodeState.WITHDRAWN])
    )
    open_ones = list(session.scalars(under_way.order_by(Episode.updated_at.desc())).unique())
    aired = _narrow(select(Episode), filters).where(Episode.state == EpisodeState.ON_AIR)
    on_air_count = session.scalar(select(func.count()).select_from(aired.subquery())) or 0
    shown = list(
        session.scalars(
            with_shown(aired.join(Episode.publications))
            .group_by(Episode.id)
            .order_by(func.max(Publication.air_at).desc())
            .limit(ON_AIR_PAGE)
            .offset((page - 1) * ON_AIR_PAGE)
        ).unique()
    )
    everyone = [*open_ones, *shown]
    progress = _progress(session, [episode.id for episode in open_ones])
    remarks = _open_remarks(session, [episode.id for episode in everyone])
    views_gained = gained(session, [p for episode in shown for p in episode.publications], now)
    columns: dict[Column, list[Card]] = {column: [] for column in Column}
    for episode in open_ones:
        column = column_of(episode)
        assert column is not None
        columns[column].append(_card(episode, column, progress, remarks, {}))
    columns[Column.SCHEDULED].sort(key=_instant)
    on_air = [_card(episode, None, progress, remarks, views_gained) for episode in shown]
    incoming = list(
        session.scalars(select(Incoming).where(Incoming.standing != Standing.IGNORED).order_by(Incoming.first_seen_at))
    )
    growing = uploads_under_way(session)
    return Board(
        columns={column: cards[:COLUMN_LONGEST] for column, cards in columns.items()},
        counts={column: len(cards) for column, cards in columns.items()},
        on_air=on_air,
        on_air_count=on_air_count,
        on_air_pages=max(1, -(-on_air_count // ON_AIR_PAGE)),
        incoming=incoming,
        uploads=growing,
        fingerprint=_fingerprint(everyone, progress, incoming, growing),
    )


def card(session: Session, episode: Episode) -> Card:
    """One episode as a card."""
    return _card(
        episode,
        column_of(episode),
        _progress(session, [episode.id]),
        _open_remarks(session, [episode.id]),
        {},
    )


def _narrow(query: Select[Episode], filters: Filters) -> Select[Episode]:
    for word in names.fold(filters.words).split():
        query = query.where(Episode.search.contains(word, autoescape=True))
    if filters.programme:
        query = query.where(Episode.programme.has(Programme.slug == filters.programme))
    if filters.owner:
        query = query.where(Episode.owner_id == filters.owner)
    return query


def _card(
    episode: Episode,
    column: Column | None,
    progress: dict[str, JobProgress],
    remarks: dict[str, int],
    gained: dict[int, int],
) -> Card:
    publication = episode.publications[0] if episode.publications else None
    return Card(
        episode=episode,
        column=column,
        progress=progress.get(episode.id),
        publication=publication,
        open_remarks=remarks.get(episode.id, 0),
        views_gained=gained.get(publication.id) if publication else None,
    )


def _progress(session: Session, ids: Sequence[str]) -> dict[str, JobProgress]:
    rows = session.scalars(select(JobProgress).where(JobProgress.episode_id.in_(ids)).order_by(JobProgress.at))
    return {row.episode_id: row for row in rows}


def _open_remarks(session: Session, ids: Sequence[str]) -> dict[str, int]:
    rows = session.execute(
        select(Remark.episode_id, func.count(Remark.id))
        .where(Remark.episode_id.in_(ids), Remark.done_at.is_(None))
        .group_by(Remark.episode_id)
    )
    return dict(rows.all())


def _instant(card: Card) -> float:
    at = card.publication.scheduled_at if card.publication else None
    return at.timestamp() if at else 0.0


def _fingerprint(
    episodes: Sequence[Episode],
    progress: dict[str, JobProgress],
    incoming: Sequence[Incoming],
    growing: Sequence[Upload],
) -> str:
    parts = [f"{episode.id}:{episode.version}:{episode.updated_at}" for episode in episodes]
    sent = [publication for episode in episodes for publication in episode.publications]
    parts += [f"{each.id}:{each.state}:{each.uploaded_bytes}:{each.views}" for each in sent]
    parts += [f"{row.episode_id}:{row.step}:{row.share}" for row in progress.values()]
    parts += [f"{row.shown_name}:{row.bytes}:{row.waiting_for}" for row in incoming]
    parts += [f"{upload.id}:{upload.received_bytes}" for upload in growing]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
