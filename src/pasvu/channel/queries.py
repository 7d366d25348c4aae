"""Read models for the panel: each answers one page with few queries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from pasvu.channel import names
from pasvu.channel.errors import NotFound
from pasvu.channel.models import (
    Account,
    Episode,
    Incoming,
    JobProgress,
    JournalEntry,
    Programme,
    Publication,
    Remark,
    Thumbnail,
    ViewSnapshot,
)
from pasvu.channel.states import EpisodeState, PublicationState

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
    incoming: list[Incoming]
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
    under_way = _narrow(_with_shown(select(Episode)), filters).where(
        Episode.state.not_in([EpisodeState.ON_AIR, EpisodeState.WITHDRAWN])
    )
    open_ones = list(session.scalars(under_way.order_by(Episode.updated_at.desc())).unique())
    aired = _narrow(select(Episode), filters).where(Episode.state == EpisodeState.ON_AIR)
    on_air_count = session.scalar(select(func.count()).select_from(aired.subquery())) or 0
    shown = list(
        session.scalars(
            _with_shown(aired.join(Episode.publications))
            .group_by(Episode.id)
            .order_by(func.max(Publication.air_at).desc())
            .limit(ON_AIR_PAGE)
            .offset((page - 1) * ON_AIR_PAGE)
        ).unique()
    )
    everyone = [*open_ones, *shown]
    progress = _progress(session, [episode.id for episode in open_ones])
    remarks = _open_remarks(session, [episode.id for episode in everyone])
    gained = _gained(session, [p for episode in shown for p in episode.publications], now)
    columns: dict[Column, list[Card]] = {column: [] for column in Column}
    for episode in open_ones:
        column = column_of(episode)
        assert column is not None
        columns[column].append(_card(episode, column, progress, remarks, {}))
    columns[Column.SCHEDULED].sort(key=_instant)
    on_air = [_card(episode, None, progress, remarks, gained) for episode in shown]
    incoming = list(session.scalars(select(Incoming).order_by(Incoming.first_seen_at)))
    return Board(
        columns={column: cards[:COLUMN_LONGEST] for column, cards in columns.items()},
        counts={column: len(cards) for column, cards in columns.items()},
        on_air=on_air,
        on_air_count=on_air_count,
        incoming=incoming,
        fingerprint=_fingerprint(everyone, progress, incoming),
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


@dataclass(frozen=True)
class Calendar:
    """What stands between two instants, and what waits for a place."""

    publications: list[Publication]
    tray: list[Episode]
    """Approved episodes without an instant."""


def calendar(session: Session, since: datetime, until: datetime) -> Calendar:
    """Publications planned or aired in `[since, until)`."""
    instant = func.coalesce(Publication.air_at, Publication.scheduled_at)
    standing = (
        select(Publication)
        .join(Publication.episode)
        .options(contains_eager(Publication.episode).selectinload(Episode.programme))
        .where(instant >= since, instant < until, Publication.state != PublicationState.WITHDRAWN)
        .order_by(instant)
    )
    ready = select(Episode).where(
        Episode.state == EpisodeState.APPROVED,
        ~Episode.publications.any(Publication.scheduled_at.is_not(None)),
    )
    return Calendar(
        publications=list(session.scalars(standing)),
        tray=list(session.scalars(_with_shown(ready).order_by(Episode.updated_at)).unique()),
    )


@dataclass(frozen=True)
class SinceLastVisit:
    """What happened since a person was last here."""

    since: datetime
    arrived: int
    in_trouble: int
    decided: int
    views: int


def since_last_visit(session: Session, since: datetime) -> SinceLastVisit:
    """Files arrived, of them in trouble now; decisions taken; views gained."""
    arrived = select(func.count(Episode.id)).where(Episode.created_at > since)
    trouble = arrived.where((Episode.state == EpisodeState.QUARANTINED) | Episode.job_state.is_not(None))
    decided = select(func.count(JournalEntry.id)).where(
        JournalEntry.at > since, JournalEntry.action == "episode.state", JournalEntry.actor != "pasvu"
    )
    on_air = list(session.scalars(select(Publication).where(Publication.state == PublicationState.ON_AIR)))
    return SinceLastVisit(
        since=since,
        arrived=session.scalar(arrived) or 0,
        in_trouble=session.scalar(trouble) or 0,
        decided=session.scalar(decided) or 0,
        views=sum(_gained_since(session, on_air, since).values()),
    )


@dataclass(frozen=True)
class AudienceRow:
    """An episode's figures on one platform."""

    publication: Publication
    gained: int | None
    """Views of the last 24 hours."""


def audience(session: Session, now: datetime, days: int = 28, limit: int = 25) -> list[AudienceRow]:
    """Episodes put on air in the last `days` days, by views gained in 24 hours."""
    rows = list(
        session.scalars(
            select(Publication)
            .join(Publication.episode)
            .options(
                contains_eager(Publication.episode).selectinload(Episode.programme), selectinload(Publication.horizons)
            )
            .where(Publication.air_at.is_not(None), Publication.state == PublicationState.ON_AIR)
            .where(Publication.air_at > now - timedelta(days=days))
            .order_by(Publication.air_at.desc())
            .limit(limit)
        )
    )
    gained = _gained(session, rows, now)
    found = [AudienceRow(publication, gained.get(publication.id)) for publication in rows]
    return sorted(found, key=lambda row: row.gained or 0, reverse=True)


def programmes(session: Session) -> list[Programme]:
    """Every show, by name."""
    return list(session.scalars(select(Programme).options(selectinload(Programme.slots)).order_by(Programme.name)))


def people(session: Session) -> list[Account]:
    """Every account that may be given an episode, by name."""
    return list(session.scalars(select(Account).where(Account.disabled_at.is_(None)).order_by(Account.shown_name)))


def account(session: Session, account_id: str) -> Account | None:
    """The account of this id, open or closed."""
    return session.get(Account, account_id)


def every_account(session: Session) -> list[Account]:
    """Every account, closed ones last, by name."""
    return list(session.scalars(select(Account).order_by(Account.disabled_at.is_not(None), Account.shown_name)))


def remark(session: Session, remark_id: int) -> Remark:
    """The remark of this id.

    Raises:
        NotFound: none.
    """
    found = session.get(Remark, remark_id)
    if found is None:
        raise NotFound("Cette remarque n’existe plus.")
    return found


def thumbnail(session: Session, thumbnail_id: int) -> Thumbnail | None:
    """The still of this id."""
    return session.get(Thumbnail, thumbnail_id)


def taken_instants(session: Session, since: datetime, besides: str | None = None) -> list[datetime]:
    """Instants from `since` on at which an episode is planned or aired; those of the episode `besides` left out."""
    instant = func.coalesce(Publication.air_at, Publication.scheduled_at)
    taken = select(Publication.air_at, Publication.scheduled_at).where(
        instant >= since, Publication.state != PublicationState.WITHDRAWN, Publication.episode_id != (besides or "")
    )
    found = (aired or planned for aired, planned in session.execute(taken))
    return [at for at in found if at is not None]


def history(session: Session, episode_id: str | None = None, limit: int = 50) -> list[JournalEntry]:
    """The last lines of the journal, newest first."""
    lines = select(JournalEntry).order_by(JournalEntry.id.desc()).limit(limit)
    if episode_id is not None:
        lines = lines.where(JournalEntry.episode_id == episode_id)
    return list(session.scalars(lines))


def _with_shown(query: Select[Episode]) -> Select[Episode]:
    return query.options(
        selectinload(Episode.programme),
        selectinload(Episode.owner),
        selectinload(Episode.publications),
        selectinload(Episode.thumbnails),
        selectinload(Episode.recording),
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


def _gained(session: Session, publications: Sequence[Publication], now: datetime) -> dict[int, int]:
    return _gained_since(session, publications, now - timedelta(hours=24))


def _gained_since(session: Session, publications: Sequence[Publication], since: datetime) -> dict[int, int]:
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


def _instant(card: Card) -> float:
    at = card.publication.scheduled_at if card.publication else None
    return at.timestamp() if at else 0.0


def _fingerprint(episodes: Sequence[Episode], progress: dict[str, JobProgress], incoming: Sequence[Incoming]) -> str:
    parts = [f"{episode.id}:{episode.version}:{episode.updated_at}" for episode in episodes]
    sent = [publication for episode in episodes for publication in episode.publications]
    parts += [f"{each.id}:{each.state}:{each.uploaded_bytes}:{each.views}" for each in sent]
    parts += [f"{row.episode_id}:{row.step}:{row.share}" for row in progress.values()]
    parts += [f"{row.shown_name}:{row.bytes}:{row.waiting_for}" for row in incoming]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
