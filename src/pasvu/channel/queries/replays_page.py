"""The page of the lives: what was asked for, how far it is, what became of it, and how long the site still keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from pasvu.channel import sites
from pasvu.channel.models import Episode, Programme, ReplayRequest
from pasvu.channel.sites import Site
from pasvu.channel.states import REPLAY_UNDER_WAY, ReplayState

LONGEST = 100
TOLERATED_S = 5.0
"""A site rounds the length it announces, and the last segment of a live may be short."""


@dataclass(frozen=True)
class ReplayRow:
    """One live that was asked for. Sentences are French; `title` and `address` are someone else's text."""

    id: str
    address: str
    site: Site
    title: str | None
    state: ReplayState
    reason: str | None
    percent: int | None
    """Of the fetching, 0 to 100; `None` when not known."""
    received_bytes: int | None
    total_bytes: int | None
    asked_by: str
    asked_at: datetime
    updated_at: datetime
    next_try_at: datetime | None
    programme: Programme | None
    episode: Episode | None
    """What it became."""
    live_at: datetime | None
    announced_s: float | None
    received_s: float | None
    missing_s: float | None
    """How much shorter than announced it is, when that is more than a few seconds."""
    deleted_at: datetime | None
    """When the site deletes it by itself; `None` where it does not."""
    deletion_is_guessed: bool
    """Whether that instant is only the latest possible: the site has not yet said when the live was on air."""
    days_left: int | None
    """Whole days until then, 0 on the last day, negative once gone; `None` where the site deletes nothing."""
    local: Episode | None
    """The team's own recording of the same event."""
    better: str | None
    """`replay`, `local` or `same`, once both could be compared."""
    comparison: str | None
    may_retry: bool
    may_cancel: bool


@dataclass(frozen=True)
class Replays:
    """What the page shows; `allowed` is the setting, closed by default."""

    allowed: bool
    sites: Sequence[Site]
    rows: Sequence[ReplayRow]


def replays(session: Session, now: datetime, *, allowed: bool, limit: int = LONGEST) -> Replays:
    """The newest requests first, with the sites known and their rules."""
    found = session.scalars(
        select(ReplayRequest)
        .options(
            joinedload(ReplayRequest.programme), joinedload(ReplayRequest.episode), joinedload(ReplayRequest.local)
        )
        .order_by(ReplayRequest.asked_at.desc(), ReplayRequest.id.desc())
        .limit(limit)
    ).all()
    return Replays(allowed, sites.SITES, [replay_row(request, now) for request in found])


def replay_row(request: ReplayRequest, now: datetime) -> ReplayRow:
    """One request as the page and `--json` show it."""
    # Where the site has not said when it was on air, the day it was asked for is the latest possible.
    gone = sites.deleted_at(request.site, request.live_at or request.asked_at)
    compared = request.compared or {}
    missing = None
    if request.announced_s is not None and request.received_s is not None:
        short = request.announced_s - request.received_s
        missing = short if short > TOLERATED_S else None
    return ReplayRow(
        id=request.id,
        address=request.address,
        site=sites.by_key(request.site),
        title=request.title,
        state=request.state,
        reason=request.reason,
        percent=round(100 * request.share) if request.share is not None else None,
        received_bytes=request.received_bytes,
        total_bytes=request.total_bytes,
        asked_by=request.asked_by,
        asked_at=request.asked_at,
        updated_at=request.updated_at,
        next_try_at=request.next_try_at,
        programme=request.programme,
        episode=request.episode,
        live_at=request.live_at,
        announced_s=request.announced_s,
        received_s=request.received_s,
        missing_s=missing,
        deleted_at=gone,
        deletion_is_guessed=gone is not None and request.live_at is None,
        days_left=(gone - now) // timedelta(days=1) if gone is not None else None,
        local=request.local,
        better=compared.get("better"),
        comparison=compared.get("why"),
        may_retry=request.state in (ReplayState.FAILED, ReplayState.CANCELLED, ReplayState.WAITING),
        may_cancel=request.state in REPLAY_UNDER_WAY,
    )
