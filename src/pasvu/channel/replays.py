"""Finished lives asked for by their address: asking, trying again, stopping, and what fetching writes down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pasvu.channel import journal, names, programmes, sites
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import Episode, ReplayRequest
from pasvu.channel.states import REPLAY_UNDER_WAY, EpisodeState, ReplayState, move_replay

BY = "pasvu"
# A site takes minutes to hours after the end of a live; then there is no sense in asking often.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 20, 30, 60))
MOST_TRIES = 170
"""About a week: after that a live that never became a video is a person's business."""
ANY_SITE = ("producer", "admin")
"""Roles that may name a site that is not one of those known."""


def ask(
    session: Session,
    address: str,
    now: datetime,
    by: str,
    *,
    allowed: bool,
    any_site: bool,
    programme: str | None = None,
    live_at: datetime | None = None,
) -> ReplayRequest:
    """Ask for a finished live; a worker fetches it, as soon as the site has it.

    `allowed` is the setting `replays`; `any_site` whether this person may name a site that is not one of those known.
    `programme` is a slug or a name, made if it is new. `live_at` is when it went on air, for a site that does not say.

    Raises:
        Refused: closed, no public web page, a site that this person may not name, or asked for already.
    """
    if not allowed:
        raise Refused(
            "La récupération des directs est fermée : lisez les règles de la plateforme, puis mettez "
            "`replays = true` dans pasvu.toml."
        )
    address = address.strip()
    site = sites.site_of(address)
    if site is sites.ELSEWHERE and not any_site:
        raise Refused(
            "Ce site n’est pas de ceux que nous connaissons ({known}) : demandez à une personne de la production, "
            "ou déposez le fichier.",
            known=", ".join(each.name for each in sites.SITES),
        )
    _refuse_twice(session, address)
    made = ReplayRequest(
        id=names.new_id(),
        address=address,
        site=site.key,
        any_site=any_site,
        programme=programmes.by_folder(session, programme, now) if programme else None,
        asked_by=by,
        asked_at=now,
        updated_at=now,
        live_at=live_at,
    )
    session.add(made)
    session.flush()
    _note(session, made, "replay.ask", now, by)
    return made


def find(session: Session, request_id: str) -> ReplayRequest:
    """The request of this id.

    Raises:
        NotFound: none.
    """
    found = session.get(ReplayRequest, request_id)
    if found is None:
        raise NotFound("Ce direct n’a pas été demandé, ou ne l’est plus.")
    return found


def retry(session: Session, request: ReplayRequest, now: datetime, by: str) -> None:
    """Try at once what failed, was stopped or waits for the site; what is already on disk is not fetched twice.

    Raises:
        Refused: it is being fetched, or is an episode already.
    """
    if request.state in (ReplayState.ASKED, ReplayState.FETCHING):
        raise Refused("Ce direct est déjà en cours de récupération.")
    if request.state is ReplayState.RECEIVED:
        raise Refused("Ce direct est déjà récupéré.")
    request.tries = 0
    _again(request, now)
    _note(session, request, "replay.retry", now, by)


def cancel(session: Session, request: ReplayRequest, now: datetime, by: str) -> None:
    """Stop asking; what was fetched so far is kept for another try.

    Raises:
        Refused: it has ended already.
    """
    if request.state not in REPLAY_UNDER_WAY:
        raise Refused("Cette récupération est déjà terminée.")
    _move(request, ReplayState.CANCELLED, now, None)
    request.next_try_at = None
    _note(session, request, "replay.cancel", now, by)


def due(session: Session, now: datetime) -> list[ReplayRequest]:
    """Requests to be worked on: those just asked for, and those whose wait for the site is over."""
    waited = (ReplayRequest.state == ReplayState.WAITING) & (ReplayRequest.next_try_at <= now)
    return list(
        session.scalars(
            select(ReplayRequest)
            .where(or_(ReplayRequest.state == ReplayState.ASKED, waited))
            .order_by(ReplayRequest.asked_at)
        )
    )


def fetching(session: Session) -> list[ReplayRequest]:
    """Requests that a job is working on, as far as the record knows."""
    return list(session.scalars(select(ReplayRequest).where(ReplayRequest.state == ReplayState.FETCHING)))


def wake(request: ReplayRequest, now: datetime) -> None:
    """The wait is over: ask for the next attempt."""
    if request.state is ReplayState.WAITING:
        _again(request, now)


def begin(request: ReplayRequest, now: datetime) -> None:
    """Work has started on it."""
    _move(request, ReplayState.FETCHING, now, None)


def describe(request: ReplayRequest, title: str | None, announced_s: float | None, live_at: datetime | None) -> None:
    """Keep what the site says of it, before anything is fetched."""
    request.title = title or request.title
    request.announced_s = announced_s or request.announced_s
    request.live_at = live_at or request.live_at


def advance(request: ReplayRequest, received: int, total: int | None, share: float | None, now: datetime) -> None:
    """How far it is."""
    request.received_bytes, request.total_bytes, request.share, request.updated_at = received, total, share, now


def wait(session: Session, request: ReplayRequest, sentence: str, now: datetime) -> None:
    """The site is not ready: try again later by itself, each time after a longer wait, and for a week at most."""
    if request.tries >= MOST_TRIES:
        fail(session, request, sentence, now)
        return
    _move(request, ReplayState.WAITING, now, sentence)
    request.next_try_at = now + WAITS[min(request.tries, len(WAITS) - 1)]
    request.tries += 1
    request.share = None


def fail(session: Session, request: ReplayRequest, sentence: str, now: datetime) -> None:
    """It cannot be fetched; a person decides what to do."""
    _move(request, ReplayState.FAILED, now, sentence)
    request.next_try_at = None
    _note(session, request, "replay.failed", now, BY)


def receive(
    session: Session, request: ReplayRequest, episode: Episode, received_s: float | None, size: int, now: datetime
) -> None:
    """It is an episode now."""
    _move(request, ReplayState.RECEIVED, now, None)
    request.episode, request.received_at, request.received_s = episode, now, received_s
    request.received_bytes = request.total_bytes = size
    request.share, request.next_try_at = 1.0, None
    _note(session, request, "replay.received", now, BY)


def keep_comparison(
    session: Session, request: ReplayRequest, local: Episode, better: str, why: str, now: datetime
) -> None:
    """Keep how the replay compares with the team's own recording; `better` is `replay`, `local` or `same`."""
    request.local, request.compared, request.updated_at = local, {"better": better, "why": why}, now
    _note(session, request, "replay.compared", now, BY)


def of_episode(session: Session, episode_id: str) -> ReplayRequest | None:
    """The request that became this episode."""
    return session.scalar(select(ReplayRequest).where(ReplayRequest.episode_id == episode_id))


def _again(request: ReplayRequest, now: datetime) -> None:
    _move(request, ReplayState.ASKED, now, None)
    request.attempt += 1
    request.next_try_at = request.share = None


def _move(request: ReplayRequest, to: ReplayState, now: datetime, reason: str | None) -> None:
    request.state = move_replay(request.state, to)
    request.reason, request.updated_at = reason, now


def _refuse_twice(session: Session, address: str) -> None:
    twins: Sequence[ReplayRequest] = session.scalars(
        select(ReplayRequest).where(ReplayRequest.address == address).order_by(ReplayRequest.asked_at.desc())
    ).all()
    for twin in twins:
        if twin.state in REPLAY_UNDER_WAY:
            raise Refused("Ce direct est déjà demandé, par {by}.", by=twin.asked_by)
        if twin.state is ReplayState.RECEIVED and twin.episode and twin.episode.state != EpisodeState.WITHDRAWN:
            raise Refused("Ce direct est déjà récupéré : c’est l’épisode « {title} ».", title=twin.episode.title)


def _note(session: Session, request: ReplayRequest, action: str, now: datetime, by: str) -> None:
    after = {"replay": request.id, "address": request.address, "attempt": request.attempt, "reason": request.reason}
    journal.write(session, now, by, action, episode_id=request.episode_id, after=after)
