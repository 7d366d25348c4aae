"""The quota ledger: every request's cost is written down before it is made."""

from __future__ import annotations

from collections.abc import Iterator
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
from pasvu.publish.errors import OutOfQuota

_paid_for: ContextVar[int | None] = ContextVar("publication a request is made for", default=None)


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


class Ledger:
    """The spending of one platform's project."""

    def __init__(self, record: Record, clock: Clock, platform: str, allowance: Allowance) -> None:
        self._record, self._clock, self._platform, self._allowance = record, clock, platform, allowance

    def __call__(self, bucket: str, units: int, method: str) -> None:
        """Write the cost down.

        Raises:
            OutOfQuota: the bucket cannot pay before its reset; nothing is written.
        """
        now = self._clock.now()
        with self._record.write() as session:
            left = self._left(session, bucket, now)
            if units > left:
                raise OutOfQuota(
                    f"Le quota du jour chez {self._platform} ne suffit plus ({left} restants, {units} nécessaires) : "
                    "la suite part d’elle-même après sa remise à zéro.",
                    until=self._allowance.next_reset(now),
                )
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
        """What each bucket can still pay today."""
        with self._record.read() as session:
            return {bucket.name: bucket.left for bucket in self.buckets(session)}

    def buckets(self, session: Session) -> list[queries.Bucket]:
        """What is granted and spent today, bucket by bucket."""
        now = self._clock.now()
        until = self._allowance.next_reset(now)
        return queries.buckets(session, self._platform, self._allowance.LIMITS, self._day_began(now), until)

    def forecast(self, session: Session) -> queries.Forecast:
        """What tomorrow's allowance must pay."""
        now = self._clock.now()
        return queries.forecast(session, self._platform, self._allowance.LIMITS, self._allowance.next_reset(now))

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
