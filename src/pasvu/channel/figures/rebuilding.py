"""What snapshots make known, made again from them: aligned curves and views by day, for records older than these."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session

from pasvu.channel import audience
from pasvu.channel.audience import Count
from pasvu.channel.database import Record
from pasvu.channel.figures.keeping import SPREAD_OVER
from pasvu.channel.figures.reading import curve, instant
from pasvu.channel.models import AlignedCurve, Publication, ViewDay

Days = dict[tuple[str, date], tuple[int, int]]


def behind(session: Session) -> bool:
    """Whether views by day do not add up to the views counted, or a video that was counted has no aligned curve.

    Each count adds what was gained since the one before, and the first what was gained since air: the days add up.
    """
    counted = _totals(session, select(Publication.platform, func.sum(Publication.views)).group_by(Publication.platform))
    kept = _totals(session, select(ViewDay.platform, func.sum(ViewDay.gained)).group_by(ViewDay.platform))
    if counted != kept:
        return True
    youngest = timedelta(hours=audience.AGES_H[0])
    missing = (
        select(Publication.id, Publication.air_at, Publication.views_at)
        .outerjoin(AlignedCurve, AlignedCurve.publication_id == Publication.id)
        .where(
            AlignedCurve.publication_id.is_(None), Publication.views_at.is_not(None), Publication.air_at.is_not(None)
        )
    )
    return any(views_at - air_at >= youngest for _, air_at, views_at in session.execute(missing) if air_at and views_at)


def rebuild(record: Record, zone: tzinfo) -> bool:
    """Make both anew from the snapshots, which stay as they are; whether it was done.

    It reads for long and writes at once; when something was counted meanwhile it is not written, and is to be tried
    again.
    """
    with record.read() as session:
        before = _stamp(session)
        curves, days = _made(session, zone)
    with record.write() as session:
        if _stamp(session) != before:
            return False
        session.execute(delete(AlignedCurve))
        session.execute(delete(ViewDay))
        if curves:
            session.execute(
                insert(AlignedCurve), [{"publication_id": each, "points": points} for each, points in curves.items()]
            )
        if days:
            session.execute(
                insert(ViewDay),
                [
                    {"platform": platform, "day": day, "gained": gained, "estimated": estimated}
                    for (platform, day), (gained, estimated) in days.items()
                ],
            )
    return True


def _made(session: Session, zone: tzinfo) -> tuple[dict[int, list[int | None]], Days]:
    curves: dict[int, list[int | None]] = {}
    days: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
    rows = session.execute(
        select(Publication.id, Publication.platform, Publication.air_at).where(
            Publication.air_at.is_not(None), Publication.views_at.is_not(None)
        )
    ).all()
    for publication_id, platform, air_at in rows:
        counts = curve(session, publication_id)
        if air_at is None or not counts:
            continue
        points = audience.align(air_at, counts)
        if points:
            curves[publication_id] = points
        for day, gained, estimated in gained_by_day(air_at, counts, zone):
            total = days[platform, day]
            total[0] += gained
            total[1] += estimated
    return curves, {key: (gained, estimated) for key, (gained, estimated) in days.items()}


def gained_by_day(air_at: datetime, counts: list[Count], zone: tzinfo) -> list[tuple[date, int, int]]:
    """What a history gained, as (day, gained, of which estimated): what is added count by count, day by day at once."""
    found: list[tuple[date, int, int]] = []
    before = Count(int(air_at.timestamp()), 0)
    place = 0
    while place < len(counts):
        late = counts[place]
        start, end = instant(before.taken_at), instant(late.taken_at)
        unseen = end - start > SPREAD_OVER
        for day, gained in audience.split_by_day(start, end, late.views - before.views, zone).items():
            found.append((day, gained, gained if unseen else 0))
        # All that follows within the same day is one difference: histories have hundreds of counts in it.
        midnight = datetime.combine(end.astimezone(zone).date() + timedelta(days=1), time(), tzinfo=zone)
        after = bisect_left(counts, int(midnight.timestamp()), key=lambda count: count.taken_at)
        last = counts[after - 1]
        if after - 1 > place:
            found.append((end.astimezone(zone).date(), last.views - late.views, 0))
        before, place = last, max(after, place + 1)
    return found


def _stamp(session: Session) -> tuple[object, ...]:
    """What changes whenever anything is counted."""
    row = session.execute(select(func.count(), func.sum(Publication.views), func.max(Publication.views_at))).one()
    return tuple(row)


def _totals(session: Session, rows: Select[str, int | None]) -> dict[str, int]:
    return {platform: int(total) for platform, total in session.execute(rows) if total}
