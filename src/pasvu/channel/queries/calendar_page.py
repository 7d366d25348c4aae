"""The calendar: what stands between two instants, what waits for a place, what is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, selectinload

from pasvu.channel.models import Episode, ExpectedEpisode, Freeze, FreezeOverride, Publication
from pasvu.channel.queries.promises import WHAT_IT_WEIGHS
from pasvu.channel.queries.shown import ShownEpisode, ShownPublication, shown
from pasvu.channel.states import EpisodeState, PublicationState


@dataclass(frozen=True)
class Placed:
    """An episode where it stands in the calendar, with the first of its publications there."""

    at: datetime
    """When it aired, else when it is planned."""
    episode: ShownEpisode
    publication: ShownPublication


@dataclass(frozen=True)
class Calendar:
    """What stands between two instants, and what waits for a place."""

    placed: list[Placed]
    """Soonest first; an episode that several platforms air at once stands once."""
    tray: list[ShownEpisode]
    """Approved episodes without an instant."""
    freezes: list[Freeze]
    """Freezes that stand somewhere in those days, soonest first, with those let through."""
    expected: list[ExpectedEpisode]
    """Announced for those days, and no recording came yet."""


def calendar(session: Session, since: datetime, until: datetime) -> Calendar:
    """What is planned or aired in `[since, until)`."""
    ready = (
        select(Episode.id)
        .where(
            Episode.state == EpisodeState.APPROVED,
            ~Episode.publications.any(Publication.scheduled_at.is_not(None)),
        )
        .order_by(Episode.updated_at)
    )
    waiting = list(session.scalars(ready))
    places = _places(session, since, until)
    found = shown(session, [*waiting, *(episode_id for _, episode_id, _ in places)])
    placed: dict[tuple[datetime, str], Placed] = {}
    for at, episode_id, publication_id in places:
        episode = found[episode_id]
        there = next(each for each in episode.publications if each.id == publication_id)
        placed.setdefault((at, episode_id), Placed(at, episode, there))
    return Calendar(
        placed=list(placed.values()),
        tray=[found[each] for each in waiting],
        freezes=freezes_between(session, since, until),
        expected=list(
            session.scalars(
                select(ExpectedEpisode)
                .options(selectinload(ExpectedEpisode.programme))
                .where(
                    ExpectedEpisode.at >= since,
                    ExpectedEpisode.at < until,
                    ExpectedEpisode.episode_id.is_(None),
                    ExpectedEpisode.dropped_at.is_(None),
                )
                .order_by(ExpectedEpisode.at)
            )
        ),
    )


def _places(session: Session, since: datetime, until: datetime) -> list[tuple[datetime, str, int]]:
    # Two looks along two indexes: what aired, and what is planned and did not air yet.
    aired = select(Publication.air_at, Publication.episode_id, Publication.id).where(
        Publication.air_at >= since, Publication.air_at < until, Publication.state != PublicationState.WITHDRAWN
    )
    planned = select(Publication.scheduled_at, Publication.episode_id, Publication.id).where(
        Publication.scheduled_at >= since,
        Publication.scheduled_at < until,
        Publication.air_at.is_(None),
        Publication.state != PublicationState.WITHDRAWN,
    )
    return sorted((at, ref, key) for query in (aired, planned) for at, ref, key in session.execute(query) if at)


def ahead(session: Session, ids: Sequence[int]) -> list[Publication]:
    """Those publications, with what a promise about them is made of."""
    return list(session.scalars(select(Publication).options(*WHAT_IT_WEIGHS).where(Publication.id.in_(ids))))


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
    later = or_(Publication.air_at >= since, and_(Publication.air_at.is_(None), Publication.scheduled_at >= since))
    taken = select(Publication.air_at, Publication.scheduled_at).where(
        later, Publication.state != PublicationState.WITHDRAWN, Publication.episode_id != (besides or "")
    )
    found = (aired or planned for aired, planned in session.execute(taken))
    return [at for at in found if at is not None]


def calendar_neighbours(
    session: Session, after: datetime, before: datetime, besides: str
) -> list[tuple[str, datetime]]:
    """Title and instant of what airs between two instants, both left out; the episode `besides` too."""
    places = [place for place in _places(session, after, before) if place[0] > after and place[1] != besides]
    found = shown(session, [episode_id for _, episode_id, _ in places])
    return [(found[episode_id].title, at) for at, episode_id, _ in places]
