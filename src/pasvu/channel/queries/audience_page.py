"""How many watched: since the last visit, and episode by episode."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from pasvu.channel.models import (
    Episode,
    JournalEntry,
    Publication,
)
from pasvu.channel.queries.shown import gained, gained_since
from pasvu.channel.states import EpisodeState, PublicationState


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
        views=sum(gained_since(session, on_air, since).values()),
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
    by_publication = gained(session, rows, now)
    found = [AudienceRow(publication, by_publication.get(publication.id)) for publication in rows]
    return sorted(found, key=lambda row: row.gained or 0, reverse=True)
