"""What happened since a person was last here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from pasvu.channel.models import Episode, JournalEntry, Publication
from pasvu.channel.states import EpisodeState


@dataclass(frozen=True)
class SinceLastVisit:
    """Files arrived, of them in trouble now; decisions taken; views gained."""

    since: datetime
    arrived: int
    in_trouble: int
    decided: int
    views: int | None
    """`None` where nobody counted then."""


def since_last_visit(session: Session, since: datetime, views_then: int | None = None) -> SinceLastVisit:
    """What happened since that instant; `views_then` are the views of the whole channel as they were counted then."""
    return SinceLastVisit(
        since,
        *session.connection().execute(_COUNTS, {"since": since}).one(),
        views=all_views(session) - views_then if views_then is not None else None,
    )


def all_views(session: Session) -> int:
    """Views of everything the channel ever put on air, as last counted."""
    return session.scalar(select(func.sum(Publication.views))) or 0


_ARRIVED = select(func.count()).select_from(Episode).where(Episode.created_at > bindparam("since"))
_IN_TROUBLE = _ARRIVED.where((Episode.state == EpisodeState.QUARANTINED) | Episode.job_state.is_not(None))
_DECIDED = select(func.count()).where(
    JournalEntry.at > bindparam("since"), JournalEntry.action == "episode.state", JournalEntry.actor != "pasvu"
)
_COUNTS = select(_ARRIVED.scalar_subquery(), _IN_TROUBLE.scalar_subquery(), _DECIDED.scalar_subquery())
