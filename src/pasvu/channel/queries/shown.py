"""What every card needs of an episode, loaded in few statements; and views gained between two instants."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from pasvu.channel.models import (
    Episode,
    Publication,
    ViewSnapshot,
)


def with_shown(query: Select[Episode]) -> Select[Episode]:
    """Load what a card shows, in one statement a relation."""
    return query.options(
        selectinload(Episode.programme),
        selectinload(Episode.owner),
        selectinload(Episode.publications),
        selectinload(Episode.thumbnails),
        selectinload(Episode.recording),
    )


def gained(session: Session, publications: Sequence[Publication], now: datetime) -> dict[int, int]:
    """Views of the last 24 hours by publication; those not known are left out."""
    return gained_since(session, publications, now - timedelta(hours=24))


def gained_since(session: Session, publications: Sequence[Publication], since: datetime) -> dict[int, int]:
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
