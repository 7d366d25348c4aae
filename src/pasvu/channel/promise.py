"""Whether an episode will be on the platform, whole, before its instant; and until when it may be approved. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from statistics import quantiles
from zoneinfo import ZoneInfo

# Before anything was measured: a modest line, and a platform that takes half of the film's length.
FIRST_BYTES_S = 1_250_000.0
FIRST_PROCESSING = 0.5
# Whatever the length: taking the file in, thumbnails, the next look.
PROCESSING_BASE_S = 180.0
# The last sendings tell of the line as it is now.
MEASURED = 12
# Estimates err: less room than this, or than a third of the time still needed, is a risk.
LEAST_ROOM = timedelta(minutes=15)
ROOM_SHARE = 1 / 3
# A film that is not made yet weighs about this (1080p, as platforms advise).
GUESSED_BYTES_S = 1_000_000.0
SEARCHED_DAYS = 14


class Light(StrEnum):
    """How an instant stands."""

    GO = "go"
    AT_RISK = "at_risk"
    LATE = "late"


@dataclass(frozen=True)
class Hours:
    """When sending is allowed: wall-clock times in a zone, over midnight when `since` is after `until`."""

    since: time
    until: time
    zone: ZoneInfo

    def allow(self, at: datetime) -> bool:
        """Whether bytes may go at `at`."""
        wall = at.astimezone(self.zone).time().replace(fold=0)
        if self.since <= self.until:
            return self.since <= wall < self.until
        return wall >= self.since or wall < self.until

    def next_change(self, at: datetime) -> datetime:
        """The next instant at which sending becomes allowed, or ceases to be."""
        local = at.astimezone(self.zone)
        found = [
            edge
            for ahead in (0, 1, 2)
            for wall in (self.since, self.until)
            if (edge := datetime.combine(local.date() + timedelta(days=ahead), wall, self.zone).astimezone(at.tzinfo))
            > at
        ]
        return min(found)


@dataclass(frozen=True)
class Terms:
    """What the settings say of sending; `limit_bytes_s` and `hours` are `None` when nothing is limited."""

    margin: timedelta
    limit_bytes_s: float | None = None
    hours: Hours | None = None


@dataclass(frozen=True)
class Sent:
    """One sending as it went: bytes, seconds spent sending, seconds the platform took after, seconds of film."""

    bytes: int
    sending_s: float
    processing_s: float | None
    duration_s: float | None


@dataclass(frozen=True)
class Rates:
    """How quick sending and processing are, on the careful side; `measured` sendings stand behind it."""

    bytes_s: float = FIRST_BYTES_S
    processing: float = FIRST_PROCESSING
    """Seconds of processing for a second of film, beside `PROCESSING_BASE_S`."""
    measured: int = 0


@dataclass(frozen=True)
class Work:
    """What stands between an episode and its instant."""

    approved: bool
    bytes_left: int
    """Of the file itself."""
    bytes_ahead: int = 0
    """Of those that air before it and go first."""
    duration_s: float = 0.0
    sent_at: datetime | None = None
    processed: bool = False
    stopped: bool = False
    """A person must act before anything goes on."""
    waits_until: datetime | None = None


@dataclass(frozen=True)
class Promise:
    """How an instant stands: the light, when all would be ready, and until when it may be approved."""

    light: Light
    ready_at: datetime | None
    """`None` when nothing will be, unless a person acts."""
    approve_by: datetime | None
    """Approved later than this, it would miss its instant; `None` once it is approved."""


def rates(sendings: Sequence[Sent]) -> Rates:
    """What the last sendings say, newest first: the slow quarter of them, for a promise must hold on bad days too."""
    some = [each for each in sendings if each.sending_s > 0 and each.bytes > 0][:MEASURED]
    if not some:
        return Rates()
    paces = [each.bytes / each.sending_s for each in some]
    delays = [
        max(0.0, each.processing_s - PROCESSING_BASE_S) / each.duration_s
        for each in some
        if each.processing_s is not None and each.duration_s
    ]
    return Rates(
        bytes_s=_slow_quarter(paces, slow_is_low=True),
        processing=_slow_quarter(delays, slow_is_low=False) if delays else FIRST_PROCESSING,
        measured=len(some),
    )


def sent_after(start: datetime, size: float, rates: Rates, terms: Terms) -> datetime:
    """When `size` bytes are sent, begun at `start`, within the limit and the allowed hours."""
    pace = min(rates.bytes_s, terms.limit_bytes_s or rates.bytes_s)
    left = timedelta(seconds=size / pace)
    at = start
    if terms.hours is None or terms.hours.since == terms.hours.until:
        return at + left
    while left > timedelta():
        edge = terms.hours.next_change(at)
        if terms.hours.allow(at):
            if at + left <= edge:
                return at + left
            left -= edge - at
        at = edge
    return at


def processing_time(duration_s: float, rates: Rates) -> timedelta:
    """How long the platform takes before a film of this length can be seen whole."""
    return timedelta(seconds=PROCESSING_BASE_S + rates.processing * duration_s)


def ready_at(work: Work, now: datetime, rates: Rates, terms: Terms) -> datetime:
    """When the film would be there and processed, if it were approved now."""
    takes = processing_time(work.duration_s, rates)
    if work.processed:
        return now
    if work.sent_at is not None:
        return max(now, work.sent_at + takes)
    start = max(now, work.waits_until or now)
    return sent_after(start, work.bytes_ahead + work.bytes_left, rates, terms) + takes


def approve_by(work: Work, at: datetime, now: datetime, rates: Rates, terms: Terms) -> datetime:
    """The latest moment to approve for the instant `at`; may lie in the past."""
    deadline = at - terms.margin
    if work.processed:
        return deadline
    if work.sent_at is not None:
        return deadline if ready_at(work, now, rates, terms) <= deadline else now
    alone = Work(approved=True, bytes_left=work.bytes_left, duration_s=work.duration_s)
    # With allowed hours the road is not the same length every hour: the last minute that still arrives is looked for.
    shortest = timedelta(seconds=work.bytes_left / min(rates.bytes_s, terms.limit_bytes_s or rates.bytes_s))
    latest = deadline - processing_time(work.duration_s, rates) - shortest
    earliest = latest - timedelta(days=SEARCHED_DAYS)
    if ready_at(alone, latest, rates, terms) <= deadline:
        return latest
    while latest - earliest > timedelta(seconds=30):
        middle = earliest + (latest - earliest) / 2
        if ready_at(alone, middle, rates, terms) <= deadline:
            earliest = middle
        else:
            latest = middle
    return earliest


def promise(work: Work, at: datetime, now: datetime, rates: Rates, terms: Terms) -> Promise:
    """How the instant `at` stands at `now`."""
    deadline = at - terms.margin
    latest = None if work.approved else approve_by(work, at, now, rates, terms)
    if work.stopped:
        return Promise(Light.LATE if now >= deadline else Light.AT_RISK, None, latest)
    ready = ready_at(work, now, rates, terms)
    if work.processed and work.approved:
        return Promise(Light.GO, ready, None)
    if ready > deadline or (latest is not None and now > latest):
        return Promise(Light.LATE, ready, latest)
    room = max(LEAST_ROOM, (ready - now) * ROOM_SHARE)
    return Promise(Light.GO if ready + room <= deadline else Light.AT_RISK, ready, latest)


def guessed_bytes(duration_s: float) -> int:
    """What a master of this length may weigh, before it is made."""
    return int(duration_s * GUESSED_BYTES_S)


def _slow_quarter(values: Sequence[float], *, slow_is_low: bool) -> float:
    if len(values) < 4:
        return min(values) if slow_is_low else max(values)
    low, _, high = quantiles(values, n=4)
    return low if slow_is_low else high
