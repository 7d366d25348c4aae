"""The live log in the record: broadcasts noticed, looks kept, ends written down; apart from views of replays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pasvu.channel import audience
from pasvu.channel.audience import Tally, Watching
from pasvu.channel.figures.reading import instant
from pasvu.channel.models import Episode, Live, LiveCount, Publication, ReplayRequest
from pasvu.channel.values import LiveAudience, RemoteLive


def open_lives(session: Session, platform: str) -> list[Live]:
    """Broadcasts that were on when last heard of."""
    return list(session.scalars(select(Live).where(Live.platform == platform, Live.ended_at.is_(None))))


def notice(session: Session, platform: str, found: RemoteLive, now: datetime) -> Live:
    """Write down that a broadcast is on: a new one, or one known whose title may have changed.

    One thought to be over is on again: the platform's list knows better.
    """
    live = session.scalars(select(Live).where(Live.platform == platform, Live.video_id == found.video_id)).one_or_none()
    if live is None:
        live = Live(
            platform=platform,
            video_id=found.video_id,
            created_at=found.created_at,
            scheduled_at=found.scheduled_at,
            started_at=min(found.started_at or now, now),
            noticed_at=now,
            person_s=0,
            counted_s=0,
            vanished=False,
        )
        session.add(live)
    live.title, live.ended_at, live.vanished = found.title, None, False
    session.flush()
    return live


def keep_live(session: Session, live: Live, told: LiveAudience | None, now: datetime, every: timedelta) -> None:
    """Write one look down; `None` when the platform no longer knows the video.

    A look is never dated before the one before it: a curve runs forward. Once over, nothing more is counted.
    """
    second = int(now.timestamp())
    if told is None:
        live.vanished = True
        end_unsaid(live)
        return
    if told.started_at is not None:
        live.started_at = min(told.started_at, now)
    if told.ended_at is not None:
        live.ended_at = max(told.ended_at, live.started_at)
        return
    if live.last_at is not None and live.last_at >= second:
        return
    session.add(LiveCount(live_id=live.id, taken_at=second, watching=told.watching))
    tally = tally_of(live).after(Watching(second, told.watching), every)
    live.peak, live.peak_at = tally.peak, tally.peak_at
    live.person_s, live.counted_s = tally.person_s, tally.counted_s
    live.last_at, live.last = second, told.watching


def end_unsaid(live: Live) -> None:
    """It is over, and the platform does not say since when: it was on when last looked at."""
    live.ended_at = instant(live.last_at) if live.last_at is not None else live.noticed_at


def tally_of(live: Live) -> Tally:
    """What the looks at a broadcast add up to."""
    last = Watching(live.last_at, live.last) if live.last_at is not None else None
    return Tally(live.peak, live.peak_at, live.person_s, live.counted_s, last)


def looks(session: Session, live_id: int) -> list[Watching]:
    """Every look at a broadcast, by time."""
    rows = session.execute(
        select(LiveCount.taken_at, LiveCount.watching).where(LiveCount.live_id == live_id).order_by(LiveCount.taken_at)
    )
    return [Watching(taken_at, watching) for taken_at, watching in rows]


@dataclass(frozen=True)
class LoggedLive:
    """A broadcast of the log, and the episode that its replay became."""

    live: Live
    episode: Episode | None

    @property
    def tally(self) -> Tally:
        """Peak and average."""
        return tally_of(self.live)

    @property
    def announced(self) -> bool:
        """Whether viewers could have known of it before."""
        return audience.was_announced(self.live.created_at, self.live.scheduled_at, self.live.started_at)

    @property
    def on(self) -> bool:
        """Whether it was still on when last heard of."""
        return self.live.ended_at is None

    def lasted(self, now: datetime) -> timedelta:
        """How long it has lasted, or did."""
        return (self.live.ended_at or now) - self.live.started_at


def logged(
    session: Session,
    platform: str,
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    most: int = 200,
    video_id: str | None = None,
) -> list[LoggedLive]:
    """Broadcasts that started in a stretch of time, newest first."""
    rows = select(Live).where(Live.platform == platform).order_by(Live.started_at.desc()).limit(most)
    if since is not None:
        rows = rows.where(Live.started_at >= since)
    if until is not None:
        rows = rows.where(Live.started_at < until)
    if video_id is not None:
        rows = rows.where(Live.video_id == video_id)
    found = list(session.scalars(rows))
    episodes = _episodes(session, platform, [live.video_id for live in found])
    return [LoggedLive(live, episodes.get(live.video_id)) for live in found]


def on_now(session: Session, platform: str) -> list[LoggedLive]:
    """Broadcasts that were on when last heard of; without their episodes, which are yet to come."""
    return [LoggedLive(live, None) for live in open_lives(session, platform)]


def _episodes(session: Session, platform: str, ids: Sequence[str]) -> dict[str, Episode]:
    """The episodes of these broadcasts' replays: fetched from their address, or kept under the same video."""
    if not ids:
        return {}
    found: dict[str, Episode] = {}
    asked = select(ReplayRequest.address, Episode).join(Episode, Episode.id == ReplayRequest.episode_id)
    for address, episode in session.execute(
        asked.where(or_(*(ReplayRequest.address.contains(each, autoescape=True) for each in ids)))
    ):
        found |= {each: episode for each in ids if each in address}
    own = select(Publication.video_id, Episode).join(Publication.episode)
    for video_id, episode in session.execute(
        own.where(Publication.platform == platform, Publication.video_id.in_(ids))
    ):
        if video_id is not None:
            found[video_id] = episode
    return found
