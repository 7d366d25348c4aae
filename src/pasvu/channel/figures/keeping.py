"""Keeping counts: what is due, a snapshot written, and all that it makes known, in few statements for many videos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, selectinload

from pasvu.channel import audience
from pasvu.channel.audience import USUAL_CADENCE, Cadence, Count
from pasvu.channel.models import AlignedCurve, Horizon, Publication, ViewDay, ViewSnapshot
from pasvu.channel.states import PublicationState
from pasvu.channel.values import RemoteFigures

DAY = timedelta(days=1)
# A day between looks is the slowest pace; over this, somebody was away, and the gain is spread over days unseen.
SPREAD_OVER = timedelta(hours=30)
# What a missed look waits at most before the next: a horizon may be near.
AFTER_MISS = timedelta(minutes=5)
# A gain of "24 hours" may be of a little more or less: nobody counts to the second.
DAY_GIVE = timedelta(hours=6)

Counted = tuple[Publication, RemoteFigures]


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


def skip(publication: Publication, now: datetime, cadence: Cadence = USUAL_CADENCE) -> None:
    """The platform said nothing of it: ask again soon, leave the gap, and say since when it is missing."""
    publication.missing_since = publication.missing_since or now
    _look_again(publication, now, cadence)


def keep(
    session: Session,
    publication: Publication,
    counted: RemoteFigures,
    taken_at: datetime,
    cadence: Cadence = USUAL_CADENCE,
    zone: tzinfo = UTC,
) -> None:
    """Write one video's snapshot, as `keep_all`."""
    keep_all(session, [(publication, counted)], taken_at, cadence, zone)


def keep_all(
    session: Session,
    counted: Sequence[Counted],
    taken_at: datetime,
    cadence: Cadence = USUAL_CADENCE,
    zone: tzinfo = UTC,
) -> None:
    """Write the snapshots of one call, and freeze the horizons that they make known.

    A count that the platform hides is not written as 0. A count not newer than the last one is not written: the clock
    went back, and a curve runs forward.
    """
    told: list[tuple[Publication, int, int | None, int | None]] = []
    for publication, figures in counted:
        publication.missing_since = None
        if figures.views is None:
            _look_again(publication, taken_at, cadence)
            continue
        assert publication.air_at is not None
        publication.next_snapshot_at = cadence.next_look(publication.air_at, taken_at)
        if publication.views_at is None or _second(publication.views_at) < _second(taken_at):
            told.append((publication, figures.views, figures.likes, figures.comments))
    if not told:
        return
    second = _second(taken_at)
    # Publications made in this very session must be there before their snapshots.
    session.flush()
    session.execute(
        insert(ViewSnapshot),
        [
            {"publication_id": p.id, "taken_at": second, "views": views, "likes": likes, "comments": comments}
            for p, views, likes, comments in told
        ],
    )
    day_before = _views_before(session, [each[0].id for each in told], second)
    curves = _curves(session, [each[0].id for each in told])
    gained: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
    for publication, views, likes, comments in told:
        early = None if publication.views_at is None else Count(_second(publication.views_at), publication.views or 0)
        _add_by_day(gained, publication, early, views, taken_at, zone)
        _extend(session, curves, publication, early, Count(second, views))
        publication.day_gain = _day_gain(publication, views, day_before.get(publication.id), taken_at)
        publication.views, publication.views_at = views, taken_at
        publication.likes, publication.comments = likes, comments
        _freeze(session, publication, taken_at)
    _write_days(session, gained)
    session.flush()


def _look_again(publication: Publication, now: datetime, cadence: Cadence) -> None:
    if publication.air_at is not None:
        publication.next_snapshot_at = min(cadence.next_look(publication.air_at, now), now + AFTER_MISS)


def _freeze(session: Session, publication: Publication, now: datetime) -> None:
    assert publication.air_at is not None
    frozen = {horizon.hours for horizon in publication.horizons}
    for hours in audience.HORIZON_HOURS:
        at = publication.air_at + timedelta(hours=hours)
        if hours in frozen or at > now:
            continue
        found = audience.freeze(publication.air_at, hours, _around(session, publication.id, _second(at)))
        if found is not None:
            publication.horizons.append(
                Horizon(hours=hours, views=found.views, error_views=found.error_views, measured_at=now)
            )


def _around(session: Session, publication_id: int, second: int) -> list[Count]:
    """The few snapshots before and after an instant, by time."""
    near = select(ViewSnapshot.taken_at, ViewSnapshot.views).where(ViewSnapshot.publication_id == publication_id)
    before = near.where(ViewSnapshot.taken_at < second).order_by(ViewSnapshot.taken_at.desc()).limit(5)
    after = near.where(ViewSnapshot.taken_at >= second).order_by(ViewSnapshot.taken_at).limit(4)
    rows = [*reversed(session.execute(before).all()), *session.execute(after).all()]
    return [Count(taken_at, views) for taken_at, views in rows]


def _extend(
    session: Session, curves: dict[int, AlignedCurve], publication: Publication, early: Count | None, late: Count
) -> None:
    assert publication.air_at is not None
    passed = audience.passed_ages(publication.air_at, early, late)
    if not passed:
        return
    curve = curves.get(publication.id)
    if curve is None:
        curve = AlignedCurve(publication_id=publication.id, points=[])
        session.add(curve)
    points = list(curve.points)
    for place, views in passed:
        points += [None] * (place + 1 - len(points))
        points[place] = views
    curve.points = points


def _curves(session: Session, ids: Sequence[int]) -> dict[int, AlignedCurve]:
    rows = session.scalars(select(AlignedCurve).where(AlignedCurve.publication_id.in_(ids)))
    return {row.publication_id: row for row in rows}


def _views_before(session: Session, ids: Sequence[int], second: int) -> dict[int, tuple[int, int]]:
    """The last count at least a day (less a little) before, as (second, views)."""
    newest = (
        select(func.max(ViewSnapshot.taken_at))
        .where(
            ViewSnapshot.publication_id == Publication.id,
            ViewSnapshot.taken_at <= second - int(DAY.total_seconds()) + 60,
        )
        .correlate(Publication)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Publication.id, ViewSnapshot.taken_at, ViewSnapshot.views)
        .join(ViewSnapshot, (ViewSnapshot.publication_id == Publication.id) & (ViewSnapshot.taken_at == newest))
        .where(Publication.id.in_(ids))
    )
    return {publication_id: (taken_at, views) for publication_id, taken_at, views in rows}


def _day_gain(publication: Publication, views: int, before: tuple[int, int] | None, now: datetime) -> int | None:
    assert publication.air_at is not None
    if before is None:
        # Younger than a day: all of it was gained since; older, nobody knows.
        return views if now - publication.air_at <= DAY else None
    away = timedelta(seconds=_second(now) - before[0])
    return views - before[1] if away <= DAY + DAY_GIVE else None


def _add_by_day(
    gained: dict[tuple[str, date], list[int]],
    publication: Publication,
    early: Count | None,
    views: int,
    now: datetime,
    zone: tzinfo,
) -> None:
    assert publication.air_at is not None
    since = publication.air_at if early is None else datetime.fromtimestamp(early.taken_at, UTC)
    unseen = now - since > SPREAD_OVER
    for day, share in audience.split_by_day(since, now, views - (early.views if early else 0), zone).items():
        total = gained[publication.platform, day]
        total[0] += share
        total[1] += share if unseen else 0


def _write_days(session: Session, gained: dict[tuple[str, date], list[int]]) -> None:
    for (platform, day), (views, estimated) in gained.items():
        row = session.get(ViewDay, (platform, day))
        if row is None:
            row = ViewDay(platform=platform, day=day, gained=0, estimated=0)
            session.add(row)
        row.gained += views
        row.estimated += estimated


def _second(at: datetime) -> int:
    return int(at.timestamp())


def with_horizons(session: Session, ids: Sequence[int]) -> list[Publication]:
    """Publications by id with their horizons, in two statements."""
    rows = select(Publication).where(Publication.id.in_(ids)).options(selectinload(Publication.horizons))
    return list(session.scalars(rows))
