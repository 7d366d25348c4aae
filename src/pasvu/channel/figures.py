"""Counting: keeping snapshots, freezing horizons, comparing with what is usual."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import audience
from pasvu.channel.models import Episode, Horizon, Publication, ViewSnapshot
from pasvu.channel.states import PublicationState
from pasvu.channel.values import RemoteFigures

PAST_EPISODES = 12


def due(session: Session, now: datetime) -> list[Publication]:
    """Publications on air whose time to be counted has come."""
    return list(
        session.scalars(
            select(Publication).where(
                Publication.state == PublicationState.ON_AIR,
                Publication.video_id.is_not(None),
                Publication.next_snapshot_at <= now,
            )
        )
    )


def on_air(session: Session) -> list[Publication]:
    """Every publication on air."""
    return list(
        session.scalars(
            select(Publication).where(Publication.state == PublicationState.ON_AIR, Publication.video_id.is_not(None))
        )
    )


def skip(publication: Publication, now: datetime) -> None:
    """The platform said nothing of it: ask again at the usual pace, and leave the gap."""
    if publication.air_at is not None:
        publication.next_snapshot_at = audience.next_look(publication.air_at, now)


def keep(session: Session, publication: Publication, counted: RemoteFigures, taken_at: datetime) -> None:
    """Write a snapshot and freeze the horizons that it makes known; a count the platform hides is not written as 0."""
    assert publication.air_at is not None
    publication.next_snapshot_at = audience.next_look(publication.air_at, taken_at)
    if counted.views is None:
        return
    second = int(taken_at.timestamp())
    if session.get(ViewSnapshot, (publication.id, second)) is None:
        session.add(
            ViewSnapshot(
                publication_id=publication.id,
                taken_at=second,
                views=counted.views,
                likes=counted.likes,
                comments=counted.comments,
            )
        )
    publication.views, publication.views_at = counted.views, taken_at
    publication.likes, publication.comments = counted.likes, counted.comments
    session.flush()
    _freeze(session, publication, taken_at)


def _freeze(session: Session, publication: Publication, now: datetime) -> None:
    assert publication.air_at is not None
    frozen = {horizon.hours for horizon in publication.horizons}
    passed = [
        hours
        for hours in audience.HORIZON_HOURS
        if hours not in frozen and publication.air_at + timedelta(hours=hours) <= now
    ]
    if not passed:
        return
    counts = curve(session, publication.id)
    for hours in passed:
        found = audience.freeze(publication.air_at, hours, counts)
        if found is not None:
            publication.horizons.append(
                Horizon(hours=hours, views=found.views, error_views=found.error_views, measured_at=now)
            )


def curve(session: Session, publication_id: int) -> list[audience.Count]:
    """Every snapshot of a publication, by time."""
    rows = session.execute(
        select(ViewSnapshot.taken_at, ViewSnapshot.views)
        .where(ViewSnapshot.publication_id == publication_id)
        .order_by(ViewSnapshot.taken_at)
    )
    return [audience.Count(taken_at, views) for taken_at, views in rows]


def typical(session: Session, publication: Publication) -> list[audience.Typical]:
    """What is usual at each horizon: the same programme's last twelve episodes, or the channel's when too few."""
    if publication.air_at is None:
        return []
    past = _horizons_before(session, publication, publication.episode.programme_id)
    if publication.episode.programme_id is not None and len(past.get(24, ())) < 3:
        past = _horizons_before(session, publication, None)
    found = [audience.typical(past, hours) for hours in audience.HORIZON_HOURS]
    return [usual for usual in found if usual is not None]


def _horizons_before(session: Session, publication: Publication, programme_id: str | None) -> dict[int, Sequence[int]]:
    others = (
        select(Publication.id)
        .join(Publication.episode)
        .where(
            Publication.platform == publication.platform,
            Publication.air_at < publication.air_at,
            Publication.id != publication.id,
        )
        .order_by(Publication.air_at.desc())
        .limit(PAST_EPISODES)
    )
    if programme_id is not None:
        others = others.where(Episode.programme_id == programme_id)
    found: dict[int, list[int]] = defaultdict(list)
    for hours, views in session.execute(
        select(Horizon.hours, Horizon.views).where(Horizon.publication_id.in_(others.subquery().select()))
    ):
        found[hours].append(views)
    return dict(found)


def instant(second: int) -> datetime:
    """The instant of a snapshot's second."""
    return datetime.fromtimestamp(second, UTC)
