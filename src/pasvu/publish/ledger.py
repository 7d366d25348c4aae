"""The quota ledger: every request's cost is written down before it is made, and a reserve is kept for taking back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pasvu.channel import queries
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.models import QuotaEntry
from pasvu.channel.typography import marked
from pasvu.publish.errors import OutOfQuota

_paid_for: ContextVar[int | None] = ContextVar("publication a request is made for", default=None)
_protects: ContextVar[bool] = ContextVar("whether a request protects what must not be public", default=False)


class Allowance(Protocol):
    """What a platform grants: the limits of its buckets, and when they fill again."""

    LIMITS: dict[str, int]

    def next_reset(self, instant: datetime) -> datetime:
        """When the buckets fill again."""
        ...


@contextmanager
def spending_for(publication_id: int) -> Iterator[None]:
    """Requests made inside are on this publication's account."""
    token = _paid_for.set(publication_id)
    try:
        yield
    finally:
        _paid_for.reset(token)


@contextmanager
def protecting() -> Iterator[None]:
    """Requests made inside keep from the public what nobody means to be public: they may be paid from the reserve."""
    token = _protects.set(True)
    try:
        yield
    finally:
        _protects.reset(token)


class Ledger:
    """The spending of one platform's project.

    `reserve` are the units of each bucket that only requests made inside `protecting` may spend: an instant that
    people take back must never wait for tomorrow's quota because thumbnails ate today's.
    """

    def __init__(
        self,
        record: Record,
        clock: Clock,
        platform: str,
        allowance: Allowance,
        reserve: Mapping[str, int] | None = None,
    ) -> None:
        self._record, self._clock, self._platform, self._allowance = record, clock, platform, allowance
        self._reserve = reserve or {}

    def __call__(self, bucket: str, units: int, method: str) -> None:
        """Write the cost down.

        Raises:
            OutOfQuota: the bucket cannot pay before its reset, the reserve left aside; nothing is written.
        """
        now = self._clock.now()
        reserve = 0 if _protects.get() else self._reserve.get(bucket, 0)
        with self._record.write() as session:
            left = max(0, self._left(session, bucket, now) - reserve)
            if units > left:
                raise OutOfQuota(_spent(self._platform, left, reserve, units), until=self._allowance.next_reset(now))
            session.add(
                QuotaEntry(
                    platform=self._platform,
                    bucket=bucket,
                    method=method,
                    units=units,
                    at=now,
                    publication_id=_paid_for.get(),
                )
            )

    def left(self) -> dict[str, int]:
        """What each bucket can still pay today, its reserve left aside."""
        with self._record.read() as session:
            return {bucket.name: bucket.left for bucket in self.buckets(session)}

    def buckets(self, session: Session) -> list[queries.Bucket]:
        """What is granted and spent today, bucket by bucket."""
        now = self._clock.now()
        until = self._allowance.next_reset(now)
        limits = self._allowance.LIMITS
        return queries.buckets(session, self._platform, limits, self._day_began(now), until, self._reserve)

    def forecast(self, session: Session) -> queries.Forecast:
        """What tomorrow's allowance must pay."""
        now = self._clock.now()
        limits = {name: limit - self._reserve.get(name, 0) for name, limit in self._allowance.LIMITS.items()}
        return queries.forecast(session, self._platform, limits, self._allowance.next_reset(now))

    def _left(self, session: Session, bucket: str, now: datetime) -> int:
        spent = session.scalar(
            select(func.sum(QuotaEntry.units)).where(
                QuotaEntry.platform == self._platform,
                QuotaEntry.bucket == bucket,
                QuotaEntry.at >= self._day_began(now),
            )
        )
        return self._allowance.LIMITS[bucket] - (spent or 0)

    def _day_began(self, now: datetime) -> datetime:
        # A day has 23, 24 or 25 hours where the clocks change: the reset after this one 26 hours back is today's.
        return self._allowance.next_reset(self._allowance.next_reset(now) - timedelta(hours=26))


def _spent(platform: str, left: int, reserve: int, units: int) -> str:
    if not reserve:
        return marked(
            f"Le quota du jour chez {platform} ne suffit plus ({left} restants, {units} nécessaires) : la suite part "
            "d’elle-même après sa remise à zéro."
        )
    return marked(
        f"Le quota du jour chez {platform} ne suffit plus ({left} restants, réserve de {reserve} mise à part, {units} "
        "nécessaires) : la suite part d’elle-même après sa remise à zéro."
    )
