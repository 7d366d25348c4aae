"""What platforms granted and what is spent: today, by episode, and what tomorrow will need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from pasvu.channel.models import Episode, Publication, QuotaEntry
from pasvu.channel.states import EpisodeState, PublicationState

# One recording with everything: thumbnail, playlist, captions in one language, the instant, some looks.
UNITS_OF_AN_EPISODE = 560
MEASURED = 20


@dataclass(frozen=True)
class Bucket:
    """One allowance of the day: it fills again at `resets_at`; `reserve` of it is kept for taking back."""

    name: str
    spent: int
    limit: int
    resets_at: datetime
    reserve: int = 0

    @property
    def left(self) -> int:
        """What ordinary work can still be paid before the reset."""
        return max(0, self.limit - self.spent - self.reserve)

    @property
    def reserve_left(self) -> int:
        """What of the reserve is still there."""
        return max(0, min(self.reserve, self.limit - self.spent))


@dataclass(frozen=True)
class Spending:
    """What one episode cost on one platform."""

    episode: Episode
    platform: str
    units: int
    requests: int


@dataclass(frozen=True)
class Forecast:
    """Uploads that air within a day of the next reset, and what they will cost; `fits` when one day's grant pays it."""

    until: datetime
    uploads: int
    units: int
    fits: bool


def buckets(
    session: Session,
    platform: str,
    limits: Mapping[str, int],
    since: datetime,
    until: datetime,
    reserve: Mapping[str, int],
) -> list[Bucket]:
    """Each allowance of the day that began at `since` and ends at `until`, by the order of `limits`."""
    spent = dict(
        session.execute(
            select(QuotaEntry.bucket, func.sum(QuotaEntry.units))
            .where(QuotaEntry.platform == platform, QuotaEntry.at >= since, QuotaEntry.at < until)
            .group_by(QuotaEntry.bucket)
        ).all()
    )
    return [Bucket(name, int(spent.get(name, 0)), limit, until, reserve.get(name, 0)) for name, limit in limits.items()]


def spending(session: Session, since: datetime, limit: int = 50) -> list[Spending]:
    """What each episode cost since an instant, the dearest first; insertions of another bucket count as one unit."""
    rows = session.execute(
        select(QuotaEntry.publication_id, func.sum(QuotaEntry.units), func.count(QuotaEntry.id))
        .where(QuotaEntry.at >= since, QuotaEntry.publication_id.is_not(None))
        .group_by(QuotaEntry.publication_id)
        .order_by(func.sum(QuotaEntry.units).desc())
        .limit(limit)
    ).all()
    wanted = (
        select(Publication).options(joinedload(Publication.episode)).where(Publication.id.in_([row[0] for row in rows]))
    )
    found = {publication.id: publication for publication in session.scalars(wanted)}
    return [
        Spending(found[publication_id].episode, found[publication_id].platform, int(units), requests)
        for publication_id, units, requests in rows
        if publication_id in found
    ]


def forecast(session: Session, platform: str, limits: Mapping[str, int], resets_at: datetime) -> Forecast:
    """What the next allowance must pay: uploads that air within a day of the reset, at what episodes really cost.

    `limits` are what uploads may spend.
    """
    until = resets_at + timedelta(days=1)
    to_send = [
        publication.id
        for publication in session.scalars(
            select(Publication)
            .join(Publication.episode)
            .where(
                Publication.platform == platform,
                Publication.state.in_([PublicationState.PLANNED, PublicationState.UPLOADING]),
                Publication.video_id.is_(None),
                Publication.scheduled_at.is_not(None),
                Publication.scheduled_at < until,
                Episode.state == EpisodeState.APPROVED,
            )
        )
        if publication.next_try_at is None or publication.next_try_at < until
    ]
    units = len(to_send) * usual_units(session, platform)
    fits = len(to_send) <= limits.get("insert", len(to_send)) and units <= limits.get("general", units)
    return Forecast(until, len(to_send), units, fits)


def usual_units(session: Session, platform: str) -> int:
    """Units that an episode usually costs of the general allowance, by the last ones sent."""
    last = (
        select(Publication.id)
        .where(Publication.platform == platform, Publication.sent_at.is_not(None))
        .order_by(Publication.sent_at.desc())
        .limit(MEASURED)
    )
    spent = session.scalars(
        select(func.sum(QuotaEntry.units))
        .where(QuotaEntry.publication_id.in_(last), QuotaEntry.bucket == "general")
        .group_by(QuotaEntry.publication_id)
    ).all()
    return round(sum(spent) / len(spent)) if spent else UNITS_OF_AN_EPISODE
