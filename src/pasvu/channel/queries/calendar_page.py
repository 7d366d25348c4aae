"""The calendar: what stands between two instants, what waits for a place, what is taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from pasvu.channel.models import Episode, Freeze, FreezeOverride, Publication
from pasvu.channel.queries.shown import ShownEpisode, shown
from pasvu.channel.states import EpisodeState, PublicationState


@dataclass(frozen=True)
class Calendar:
    """What stands between two instants, and what waits for a place."""

    publications: list[Publication]
    tray: list[ShownEpisode]
    """Approved episodes without an instant."""
    freezes: list[Freeze]
    """Freezes that stand somewhere in those days, soonest first, with those let through."""


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
    ready = (
        select(Episode.id)
        .where(
            Episode.state == EpisodeState.APPROVED,
            ~Episode.publications.any(Publication.scheduled_at.is_not(None)),
        )
        .order_by(Episode.updated_at)
    )
    waiting = list(session.scalars(ready))
    found = shown(session, waiting)
    return Calendar(
        publications=list(session.scalars(standing)),
        tray=[found[each] for each in waiting],
        freezes=freezes_between(session, since, until),
    )


def freezes_between(session: Session, since: datetime, until: datetime | None = None) -> list[Freeze]:
    """Freezes not lifted that end after `since` (and begin before `until`), soonest first, with those let through."""
    wanted = (
        select(Freeze)
        .options(selectinload(Freeze.overrides), selectinload(Freeze.programme))
        .where(Freeze.lifted_at.is_(None), Freeze.until > since)
        .order_by(Freeze.since, Freeze.id)
    )
    if until is not None:
        wanted = wanted.where(Freeze.since < until)
    return list(session.scalars(wanted))


def overrides_of(session: Session, publication_id: int) -> list[FreezeOverride]:
    """Who let this publication through, and why."""
    wanted = select(FreezeOverride).where(FreezeOverride.publication_id == publication_id).order_by(FreezeOverride.at)
    return list(session.scalars(wanted))


def taken_instants(session: Session, since: datetime, besides: str | None = None) -> list[datetime]:
    """Instants from `since` on at which an episode is planned or aired; those of the episode `besides` left out."""
    instant = func.coalesce(Publication.air_at, Publication.scheduled_at)
    taken = select(Publication.air_at, Publication.scheduled_at).where(
        instant >= since, Publication.state != PublicationState.WITHDRAWN, Publication.episode_id != (besides or "")
    )
    found = (aired or planned for aired, planned in session.execute(taken))
    return [at for at in found if at is not None]
