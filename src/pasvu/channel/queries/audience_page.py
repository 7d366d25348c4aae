"""How many watched, episode by episode."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, selectinload

from pasvu.channel.models import Episode, Publication
from pasvu.channel.queries.shown import gained
from pasvu.channel.states import PublicationState


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
