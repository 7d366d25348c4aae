"""What goes out to other programs: aired episodes by pages, days, and the house's pulse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from pasvu.channel.models import ChannelSnapshot, Episode, Live, Publication, QuotaEntry, ViewDay
from pasvu.channel.queries.audience.overview import DayViews
from pasvu.channel.states import PublicationState


@dataclass(frozen=True)
class Pulse:
    """Numbers by platform; what is not known is left out."""

    publications: dict[tuple[str, str], int]
    views: dict[str, float]
    due: dict[str, float]
    newest: dict[str, float]
    missing: dict[str, float]
    subscribers: dict[str, float]
    quota: dict[tuple[str, str], int]
    lives: dict[str, float]
    live_viewers: dict[str, float]


def aired(session: Session, platform: str, after: str | None, limit: int) -> tuple[list[Publication], str | None]:
    """Publications that have aired, newest first, after the place that the page before ended at; and the next place.

    A place is `air second:id`: pages hold still while new episodes air.
    """
    rows = (
        select(Publication)
        .join(Publication.episode)
        .options(
            contains_eager(Publication.episode).selectinload(Episode.programme), selectinload(Publication.horizons)
        )
        .where(Publication.platform == platform, Publication.air_at.is_not(None))
        .order_by(Publication.air_at.desc(), Publication.id.desc())
        .limit(limit + 1)
    )
    place = _place(after)
    if place is not None:
        at, publication_id = place
        rows = rows.where(or_(Publication.air_at < at, (Publication.air_at == at) & (Publication.id < publication_id)))
    found = list(session.scalars(rows))
    shown = found[:limit]
    more = len(found) > limit
    last = shown[-1] if shown else None
    return shown, f"{last.air_at.isoformat()}|{last.id}" if more and last is not None and last.air_at else None


def days_of(session: Session, platform: str, today: date, days: int) -> list[DayViews]:
    """Views by local day, oldest first, days without a count left out."""
    rows = session.execute(
        select(ViewDay.day, ViewDay.gained, ViewDay.estimated)
        .where(ViewDay.platform == platform, ViewDay.day > today - timedelta(days=days))
        .order_by(ViewDay.day)
    )
    return [DayViews(*row) for row in rows]


def pulse(session: Session, now: datetime) -> Pulse:
    """The house's numbers as of now."""
    on_air = Publication.state == PublicationState.ON_AIR

    def by_platform(what: object, *conditions: object) -> dict[str, float]:
        rows = session.execute(select(Publication.platform, what).where(*conditions).group_by(Publication.platform))  # type: ignore[call-overload]
        return {platform: float(value) for platform, value in rows if value is not None}

    states = session.execute(
        select(Publication.platform, Publication.state, func.count()).group_by(Publication.platform, Publication.state)
    )
    newest = session.execute(
        select(Publication.platform, func.max(Publication.views_at)).group_by(Publication.platform)
    )
    quota = session.execute(
        select(QuotaEntry.platform, QuotaEntry.bucket, func.sum(QuotaEntry.units)).group_by(
            QuotaEntry.platform, QuotaEntry.bucket
        )
    )
    on = session.execute(
        select(Live.platform, func.count(), func.sum(Live.last)).where(Live.ended_at.is_(None)).group_by(Live.platform)
    ).all()
    subscribers = {}
    for platform in session.scalars(select(ChannelSnapshot.platform).distinct()):
        last = session.scalars(
            select(ChannelSnapshot.subscribers)
            .where(ChannelSnapshot.platform == platform)
            .order_by(ChannelSnapshot.taken_at.desc())
            .limit(1)
        ).first()
        if last is not None:
            subscribers[platform] = float(last)
    return Pulse(
        publications={(platform, str(state)): number for platform, state, number in states},
        views=by_platform(func.sum(Publication.views), on_air),
        due=by_platform(func.count(), on_air, Publication.next_snapshot_at <= now),
        newest={platform: at.timestamp() for platform, at in newest if at is not None},
        missing=by_platform(func.count(), Publication.missing_since.is_not(None)),
        subscribers=subscribers,
        lives={platform: float(number) for platform, number, _ in on},
        live_viewers={platform: float(people) for platform, _, people in on if people is not None},
        quota={(platform, bucket): int(units) for platform, bucket, units in quota},
    )


def _place(text: str | None) -> tuple[datetime, int] | None:
    if not text:
        return None
    at, _bar, number = text.partition("|")
    try:
        found = datetime.fromisoformat(at)
        return (found, int(number)) if found.tzinfo is not None else None
    except ValueError:
        return None
