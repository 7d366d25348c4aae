"""One episode as a card: the column it stands in, how far its job is, and what it asks of a person."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from pasvu.channel.errors import CutShort, Twin
from pasvu.channel.models import Episode, JobProgress, Publication, Remark
from pasvu.channel.queries.shown import ShownEpisode, ShownPublication
from pasvu.channel.states import EpisodeState, PublicationState


class Column(StrEnum):
    """The columns of the board, in the order of the road."""

    ARRIVING = "arriving"
    TO_REVIEW = "to_review"
    TO_MEND = "to_mend"
    READY = "ready"
    SCHEDULED = "scheduled"


E = TypeVar("E", Episode, ShownEpisode)
P = TypeVar("P", Publication, ShownPublication)


class ShownProgress(NamedTuple):
    """The running step of a job, and how far it is (0 to 1, or unknown)."""

    job_id: str
    step: str
    share: float | None


class AnyCard(NamedTuple, Generic[E, P]):
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


def column_of(episode: Episode) -> Column | None:
    """The column an episode stands in; `None` on air or withdrawn."""
    planned = any(publication.scheduled_at is not None for publication in episode.publications)
    return column_for(episode.state, planned=planned)


def column_for(state: EpisodeState, *, planned: bool) -> Column | None:
    """The column of an episode in this state; `planned` says whether it has its instant."""
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


UNDER_WAY = tuple(state for state in EpisodeState if column_for(state, planned=False) is not None)
"""The states of the columns; the others are on air, or off the road."""


def card(session: Session, episode: Episode) -> Card:
    """One episode as a card."""
    return Card(
        episode=episode,
        column=column_of(episode),
        progress=progress_of(session, [episode.id]).get(episode.id),
        publication=episode.publications[0] if episode.publications else None,
        open_remarks=open_remarks_of(session, [episode.id]).get(episode.id, 0),
    )


def progress_of(session: Session, ids: Sequence[str]) -> dict[str, ShownProgress]:
    """The running step of these episodes' jobs, by episode; those without one are left out."""
    rows = session.connection().execute(_RUNNING, {"ids": ids}).all()
    return {episode_id: ShownProgress(job_id, step, share) for episode_id, job_id, step, share in rows}


def open_remarks_of(session: Session, ids: Sequence[str]) -> dict[str, int]:
    """How many remarks nobody dealt with yet, by episode; those without one are left out."""
    return dict(session.connection().execute(_OPEN, {"ids": ids}).all())


_PROGRESS, _REMARK = JobProgress.__table__.c, Remark.__table__.c
_RUNNING = (
    select(_PROGRESS.episode_id, _PROGRESS.job_id, _PROGRESS.step, _PROGRESS.share)
    .where(_PROGRESS.episode_id.in_(bindparam("ids", expanding=True)))
    .order_by(_PROGRESS.at)
)
_OPEN = (
    select(_REMARK.episode_id, func.count(_REMARK.id))
    .where(_REMARK.episode_id.in_(bindparam("ids", expanding=True)), _REMARK.done_at.is_(None))
    .group_by(_REMARK.episode_id)
)
