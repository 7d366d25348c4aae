"""Comparing what goes with videos, stills and captions, with what we left there: seldom, for captions are dear to read.

A list of captions costs 50 units where a whole video costs one (Data API quota costs): they are read once a day in a
video's first week, once a week in its first two months, and of no more than `MOST_A_DAY` videos a day. A video that
bears no captions, and got none from us, is never asked about. A picture costs no unit.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pasvu.channel import pieces, remote
from pasvu.channel.errors import PasVuError
from pasvu.channel.models import Publication
from pasvu.channel.states import PublicationState
from pasvu.channel.values import RemoteVideo
from pasvu.publish.desk import Desk
from pasvu.publish.errors import OutOfQuota
from pasvu.publish.ledger import spending_for
from pasvu.publish.platform import Platform

log = logging.getLogger(__name__)

MOST_A_DAY = 12
DAILY_FOR = timedelta(days=7)
WEEKLY_FOR = timedelta(days=60)


def compare(desk: Desk, now: datetime) -> None:
    """Look at what goes with the videos whose turn it is; what someone changed is noted as drift."""
    with desk.record.read() as session:
        turn = due(session, now)
    for platform, some in desk.batches(turn):
        there = platform.state_of([video_id for _, video_id in some])
        for publication_id, video_id in some:
            if video_id in there:
                try:
                    with spending_for(publication_id):
                        _compare(desk, platform, publication_id, there[video_id], now)
                except OutOfQuota:
                    return  # tomorrow
                except PasVuError as passing:
                    log.warning("what goes with video %s could not be read: %s", video_id, passing)
                    _asked(desk, publication_id, now)


def due(session: Session, now: datetime) -> list[Publication]:
    """Publications to look at now, those never looked at first, within the day's budget."""
    today = now - timedelta(days=1)
    left = MOST_A_DAY - (session.scalar(select(func.count()).where(Publication.pieces_at > today)) or 0)
    if left <= 0:
        return []
    there = session.scalars(
        select(Publication)
        .where(
            Publication.state.in_([PublicationState.HELD, PublicationState.ON_AIR]),
            Publication.settled.is_(True),
            Publication.video_id.is_not(None),
            Publication.processed_at.is_not(None),
            Publication.sent_at > now - WEEKLY_FOR,
        )
        .order_by(Publication.pieces_at.is_not(None), Publication.pieces_at, Publication.id)
    )
    return [each for each in there if _is_due(each, now)][:left]


def _is_due(publication: Publication, now: datetime) -> bool:
    put_at = publication.dressed_at or publication.sent_at
    assert put_at is not None
    if now - put_at < pieces.SETTLE_WITHIN:
        return False
    if publication.pieces_at is None or publication.pieces_at <= put_at:
        return True
    begun = publication.air_at or publication.sent_at
    young = begun is not None and now - begun < DAILY_FOR
    return now - publication.pieces_at >= (timedelta(days=1) if young else timedelta(days=7))


def _compare(desk: Desk, platform: Platform, publication_id: int, video: RemoteVideo, now: datetime) -> None:
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        known = dict(publication.held_pieces or {})
        put = {pieces.of_dressed(done) for done in publication.dressed}
        seen_from = publication.dressed_at
        put_at = publication.dressed_at or publication.sent_at or now
    found: dict[str, str] = {}
    if video.custom_thumbnail is not None:
        print_ = platform.still_print(video) if video.custom_thumbnail else None
        was = known.get(pieces.THUMBNAIL)
        word, state = pieces.of_thumbnail(video.custom_thumbnail, print_, pieces.THUMBNAIL in put, was)
        if word is not None:
            found[pieces.THUMBNAIL] = word
        else:
            known[pieces.THUMBNAIL] = state
    ours = {piece for piece in put if piece.startswith(pieces.CAPTIONS)}
    if video.captioned or ours or any(piece.startswith(pieces.CAPTIONS) for piece in known):
        words, states = pieces.of_captions(platform.captions_of(video.video_id), ours, known, put_at)
        found |= words
        known |= states
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        if publication.dressed_at != seen_from or not publication.settled:
            return  # we changed something there meanwhile: what was read is of before
        publication.held_pieces, publication.pieces_at = known, now
        remote.compare_pieces(session, publication, found, now)


def _asked(desk: Desk, publication_id: int, now: datetime) -> None:
    with desk.record.write() as session:
        session.get_one(Publication, publication_id).pieces_at = now
