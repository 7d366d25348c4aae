"""How the instants of the calendar stand: go, at risk or late, from what sendings really took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from pasvu.channel.models import Episode, Publication, Recording, Rendition
from pasvu.channel.promise import MEASURED, Promise, Rates, Sent, Terms, Work, guessed_bytes, promise, rates
from pasvu.channel.states import EpisodeState, PublicationState

_TO_SEND = (PublicationState.PLANNED, PublicationState.UPLOADING)
_AHEAD = (*_TO_SEND, PublicationState.HELD, PublicationState.FAILED)


_whole = joinedload(Publication.episode)
# A calendar asks for dozens at once, and the measures of one recording alone are kilobytes of JSON.
WHAT_IT_WEIGHS = (
    _whole.load_only(Episode.state),
    _whole.selectinload(Episode.renditions).load_only(
        Rendition.kind, Rendition.cut, Rendition.bytes, Rendition.duration_s
    ),
    _whole.selectinload(Episode.recording).load_only(Recording.duration_s),
)
"""What must be loaded with a publication for its promise to be made."""


def measured_rates(session: Session) -> Rates:
    """How quick the last sendings and their processing were."""
    last = (
        select(Publication)
        .options(joinedload(Publication.episode).selectinload(Episode.renditions))
        .where(Publication.sent_at.is_not(None), Publication.sending_s > 0)
        .order_by(Publication.sent_at.desc())
        .limit(MEASURED)
    )
    return rates([_sent(publication) for publication in session.scalars(last)])


def promises(
    session: Session, publications: Iterable[Publication], now: datetime, terms: Terms
) -> Mapping[int, Promise]:
    """How each publication's instant stands, by its id; those on air, withdrawn or without an instant are left out."""
    measured, queue = measured_rates(session), _queue(session)
    return {
        each.id: promise(_work(each.episode, each, queue, each.scheduled_at), each.scheduled_at, now, measured, terms)
        for each in publications
        if each.state in _AHEAD and each.scheduled_at is not None
    }


def promise_for(session: Session, episode: Episode, at: datetime, now: datetime, terms: Terms) -> Promise:
    """How the instant `at` would stand for an episode, on its first platform."""
    publication = episode.publications[0] if episode.publications else None
    work = _work(episode, publication, _queue(session), at)
    return promise(work, at, now, measured_rates(session), terms)


def _queue(session: Session) -> list[tuple[datetime, int, int]]:
    """What waits to be sent: instant, publication, bytes left."""
    waiting = (
        select(Publication)
        .join(Publication.episode)
        .options(*WHAT_IT_WEIGHS)
        .where(
            Publication.state.in_(_TO_SEND),
            Publication.video_id.is_(None),
            Publication.scheduled_at.is_not(None),
            Episode.state == EpisodeState.APPROVED,
        )
    )
    found = session.scalars(waiting)
    return [(each.scheduled_at, each.id, _bytes_left(each.episode, each)) for each in found if each.scheduled_at]


def _work(
    episode: Episode, publication: Publication | None, queue: list[tuple[datetime, int, int]], at: datetime
) -> Work:
    own = publication.id if publication is not None else None
    there = publication is not None and publication.video_id is not None
    return Work(
        approved=episode.state in (EpisodeState.APPROVED, EpisodeState.ON_AIR),
        bytes_left=0 if there else _bytes_left(episode, publication),
        bytes_ahead=0 if there else sum(left for instant, other, left in queue if instant < at and other != own),
        duration_s=_duration_s(episode),
        sent_at=(publication.sent_at or publication.checked_at) if publication is not None and there else None,
        processed=there and publication is not None and publication.processed_at is not None,
        stopped=publication is not None and publication.state == PublicationState.FAILED,
        waits_until=publication.next_try_at if publication is not None else None,
    )


def _bytes_left(episode: Episode, publication: Publication | None) -> int:
    if publication is not None and publication.session_address is not None and publication.total_bytes:
        return publication.total_bytes - publication.uploaded_bytes
    made = episode.rendition("master")
    return made.bytes if made is not None else guessed_bytes(_duration_s(episode))


def _duration_s(episode: Episode) -> float:
    made = episode.rendition("master")
    if made is not None:
        return made.duration_s
    return (episode.recording.duration_s if episode.recording is not None else None) or 0.0


def _sent(publication: Publication) -> Sent:
    assert publication.sent_at is not None
    done = publication.processed_at
    return Sent(
        bytes=publication.total_bytes or 0,
        sending_s=publication.sending_s,
        processing_s=(done - publication.sent_at).total_seconds() if done is not None else None,
        duration_s=_duration_s(publication.episode) or None,
    )
