"""Which publications ask for work now: to be sent, told, looked for, seen public, watched."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from pasvu.channel import publications
from pasvu.channel.models import Episode, Publication
from pasvu.channel.states import PublicationState

WATCHED_CLOSELY = timedelta(days=1)
NIGHT_HOUR_UTC = 2
# Public within this of its instant, or an alarm; until then it is looked at often.
PUBLIC_WITHIN = timedelta(minutes=2)
LOOK_EVERY = timedelta(seconds=20)
LOOK_MARGIN = timedelta(seconds=1)
_ON_THE_WAY = (PublicationState.UPLOADING, PublicationState.FAILED)


def for_upload(session: Session, now: datetime) -> list[Publication]:
    """Publications to send now: planned or under way, approved, with an instant, and no reason to wait."""
    rows = session.scalars(
        select(Publication)
        .join(Publication.episode)
        .where(
            Publication.state.in_([PublicationState.PLANNED, PublicationState.UPLOADING]),
            Publication.scheduled_at.is_not(None),
            Episode.state.in_(publications.MAY_GO_OUT),
        )
        .order_by(Publication.scheduled_at)
    )
    return [publication for publication in rows if publication.next_try_at is None or publication.next_try_at <= now]


def unsettled(session: Session, now: datetime) -> list[Publication]:
    """Publications whose platform does not hold yet what a person last decided, and that need not wait.

    Of those that failed or are still on their way, the ones whose platform may hold an instant that nobody means any
    more.
    """
    waiting = select(Publication).where(
        Publication.settled.is_(False),
        Publication.video_id.is_not(None),
        or_(
            Publication.state.in_([PublicationState.HELD, PublicationState.ON_AIR, PublicationState.WITHDRAWN]),
            and_(
                Publication.state.in_(_ON_THE_WAY),
                or_(Publication.held_at.is_not(None), Publication.telling_at.is_not(None)),
            ),
        ),
        or_(Publication.next_try_at.is_(None), Publication.next_try_at <= now),
    )
    return [
        publication
        for publication in session.scalars(waiting)
        if publication.state not in _ON_THE_WAY or _is_left_behind(session, publication)
    ]


def _is_left_behind(session: Session, publication: Publication) -> bool:
    wanted = publications.wanted_instant(session, publication)
    return any(at not in (None, wanted) for at in (publication.held_at, publication.telling_at))


def to_be_seen(session: Session, now: datetime) -> list[Publication]:
    """Publications held until an instant that has come, and that nobody has seen public yet when it was time to look.

    Looked at right after the instant, every few seconds of the two minutes that a platform may take, and at their end.
    """
    found = session.scalars(
        select(Publication).where(
            Publication.state == PublicationState.HELD,
            Publication.scheduled_at <= now,
            Publication.scheduled_at > now - timedelta(days=1),
            Publication.video_id.is_not(None),
        )
    )
    return [publication for publication in found if _look_due(publication, now)]


def _look_due(publication: Publication, now: datetime) -> bool:
    at, looked = publication.scheduled_at, publication.checked_at
    assert at is not None
    if looked is None or looked < at:
        return True
    return looked <= at + PUBLIC_WITHIN and now >= min(looked + LOOK_EVERY, at + PUBLIC_WITHIN + LOOK_MARGIN)


def watched(session: Session, now: datetime) -> list[Publication]:
    """Publications that a platform holds or airs; a failed or withdrawn one too, for its video may still go public.

    Those on air for longer than a day, or withdrawn, are due once a night: a whole catalogue at every look would eat
    the quota.
    """
    tonight = now.replace(hour=NIGHT_HOUR_UTC, minute=0, second=0, microsecond=0)
    last_night = tonight if tonight <= now else tonight - timedelta(days=1)
    fresh = or_(
        Publication.state.in_([PublicationState.UPLOADING, PublicationState.HELD, PublicationState.FAILED]),
        Publication.air_at > now - WATCHED_CLOSELY,
        Publication.settled.is_(False),
        Publication.checked_at.is_(None),
        Publication.checked_at < last_night,
    )
    return list(
        session.scalars(
            select(Publication).where(
                Publication.video_id.is_not(None), Publication.state != PublicationState.PLANNED, fresh
            )
        )
    )


def lost(session: Session, now: datetime) -> list[Publication]:
    """Publications whose video is to be looked for now."""
    return list(
        session.scalars(
            select(Publication).where(
                Publication.state == PublicationState.FAILED,
                Publication.finishing.is_(True),
                Publication.video_id.is_(None),
                Publication.lost_at.is_not(None),
                Publication.next_try_at <= now,
            )
        )
    )
