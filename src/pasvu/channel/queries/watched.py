"""What a poll asks: whether anything that the board or the calendar shows changed. Few and narrow columns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import Executable, bindparam, func, select
from sqlalchemy.orm import Session

from pasvu.channel.models import (
    Account,
    Episode,
    ExpectedEpisode,
    Freeze,
    FreezeOverride,
    Incoming,
    JobProgress,
    Programme,
    Publication,
    Slot,
    Upload,
)
from pasvu.channel.queries.board_page import ON_AIR_PAGE
from pasvu.channel.queries.cards import UNDER_WAY
from pasvu.channel.states import EpisodeState, PublicationState

_ARRIVED = [state for state in EpisodeState if state not in UNDER_WAY]
_AHEAD = (PublicationState.PLANNED, PublicationState.UPLOADING, PublicationState.HELD, PublicationState.FAILED)


def board_fingerprint(session: Session, page: int = 1) -> str:
    """Changes whenever anything the board shows changes.

    Any episode that changes counts, whatever the filters; views are those of this page of the newest on air.
    """
    return _of(session, _BOARD, {"longest": ON_AIR_PAGE, "before": (page - 1) * ON_AIR_PAGE})


def calendar_fingerprint(session: Session) -> str:
    """Changes whenever anything the calendar shows changes, whatever the weeks; measured speeds and views aside."""
    return f"{board_fingerprint(session)}-{_of(session, _CALENDAR, {})}"


def _of(session: Session, watched: Sequence[Executable], which: Mapping[str, int]) -> str:
    # Tables, not mapped classes, and statements made once: this runs for each change, whatever its size.
    connection = session.connection()
    seen = [sorted(map(repr, connection.execute(query, which if query is _NEWEST else {}).all())) for query in watched]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


_EPISODE, _PUBLICATION = Episode.__table__.c, Publication.__table__.c
_PROGRAMME, _ACCOUNT = Programme.__table__.c, Account.__table__.c
_PROGRESS, _INCOMING, _UPLOAD = JobProgress.__table__.c, Incoming.__table__.c, Upload.__table__.c
_FREEZE, _OVERRIDE = Freeze.__table__.c, FreezeOverride.__table__.c
_EXPECTED, _SLOT = ExpectedEpisode.__table__.c, Slot.__table__.c
_NEWEST = (
    select(_PUBLICATION.id, _PUBLICATION.views)
    .where(_PUBLICATION.state == PublicationState.ON_AIR)
    .order_by(_PUBLICATION.air_at.desc())
    .limit(bindparam("longest"))
    .offset(bindparam("before"))
)
_BOARD: Sequence[Executable] = (
    select(_EPISODE.state, func.count(), func.max(_EPISODE.updated_at), func.sum(_EPISODE.version))
    .where(_EPISODE.state.in_(UNDER_WAY))
    .group_by(_EPISODE.state),
    # Thousands stand there: the end of the index tells of the last that came or changed, without counting them.
    *(select(func.max(_EPISODE.updated_at)).where(_EPISODE.state == state) for state in _ARRIVED),
    select(_PUBLICATION.id, _PUBLICATION.state, _PUBLICATION.state_reason, _PUBLICATION.uploaded_bytes).where(
        _PUBLICATION.state.in_(_AHEAD)
    ),
    _NEWEST,
    select(_PROGRESS.job_id, _PROGRESS.step, _PROGRESS.share),
    select(_INCOMING.shown_name, _INCOMING.bytes, _INCOMING.waiting_for, _INCOMING.standing),
    select(_UPLOAD.id, _UPLOAD.received_bytes).where(_UPLOAD.finished_at.is_(None)),
    select(_PROGRAMME.id, _PROGRAMME.name, _PROGRAMME.slug, _PROGRAMME.colour),
    select(_ACCOUNT.id, _ACCOUNT.shown_name),
)
_CALENDAR: Sequence[Executable] = (
    select(_FREEZE.id, _FREEZE.lifted_at),
    select(func.count(), func.max(_OVERRIDE.id)),
    select(_EXPECTED.id, _EXPECTED.at, _EXPECTED.title, _EXPECTED.programme_id).where(
        _EXPECTED.episode_id.is_(None), _EXPECTED.dropped_at.is_(None)
    ),
    select(_SLOT.programme_id, _SLOT.weekday, _SLOT.at),
)
