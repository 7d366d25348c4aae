"""An episode's way onto a platform: what people plan, and what publish writes down at each step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from pasvu.channel import episodes, freezes, journal, names
from pasvu.channel.errors import Refused
from pasvu.channel.metadata import metadata as metadata
from pasvu.channel.models import Episode, Publication
from pasvu.channel.states import EpisodeState, PublicationState, move_publication

WATCHED_CLOSELY = timedelta(days=1)
NIGHT_HOUR_UTC = 2


def of(episode: Episode, platform: str) -> Publication | None:
    """The episode's publication on this platform."""
    return next((publication for publication in episode.publications if publication.platform == platform), None)


def schedule(
    session: Session,
    episode: Episode,
    platform: str,
    at: datetime,
    zone: ZoneInfo,
    now: datetime,
    by: str,
    *,
    objections: Sequence[str] = (),
    despite_freeze: str | None = None,
    drawn_from: int | None = None,
) -> Publication:
    """Choose the instant an approved episode goes on air; moving it later or earlier is the same act.

    `objections` are what the platform would not take, from its own `objections`; `despite_freeze` is why this episode
    goes on air in a freeze that would hold it back.

    Raises:
        Refused: not approved, the past, frozen, already on air, or the platform objects.
    """
    episodes.check_version(episode, drawn_from)
    # Platforms keep whole seconds: a fraction would never read back as it was sent.
    at = at.replace(microsecond=0)
    if episode.state != EpisodeState.APPROVED:
        raise Refused("« {title} » n’est pas validé : validez-le avant de le programmer.", title=episode.title)
    if at <= now:
        raise Refused("Cet instant est déjà passé : choisissez-en un à venir.")
    if objections:
        raise Refused("« {title} » ne peut pas partir : {why}", title=episode.title, why=" ".join(objections))
    publication = of(episode, platform)
    if publication is not None and publication.state == PublicationState.ON_AIR:
        raise Refused("« {title} » est déjà en ligne.", title=episode.title)
    frozen = freezes.holding(session, episode, at, publication.id if publication else None)
    if frozen is not None and despite_freeze is None:
        raise Refused(
            "Rien ne sort avant le {until} : {reason}. Choisissez un instant plus tard, ou dites pourquoi "
            "« {title} » doit sortir quand même.",
            until=f"{frozen.until.astimezone(zone):%Y-%m-%d à %H:%M}",
            reason=frozen.reason,
            title=episode.title,
        )
    if publication is None:
        publication = Publication(platform=platform, marker=f"pv-{names.new_id()}")
        episode.publications.append(publication)
        session.flush()
    before = publication.scheduled_at
    publication.scheduled_at, publication.at_once = at, False
    publication.wall_time = f"{at.astimezone(zone):%Y-%m-%dT%H:%M} {zone.key}"
    if publication.state == PublicationState.FAILED:
        _start_again(publication)
    if despite_freeze is not None:
        freezes.let_through(session, publication, despite_freeze, now, by)
    publication.settled = publication.video_id is None or publication.held_at == at
    episodes.touch(episode, now)
    journal.write(
        session,
        now,
        by,
        "publication.schedule",
        episode_id=episode.id,
        before={"platform": platform, "at": _iso(before)},
        after={"platform": platform, "at": _iso(at), "wall_time": publication.wall_time},
    )
    return publication


def unschedule(session: Session, episode: Episode, platform: str | None, now: datetime, by: str) -> None:
    """Take an episode out of the calendar; a video already held stays private without an instant.

    Raises:
        Refused: nothing is planned, or it is on air.
    """
    planned = [
        publication
        for publication in episode.publications
        if publication.scheduled_at is not None and platform in (None, publication.platform)
    ]
    if not planned:
        raise Refused("« {title} » n’est pas programmé.", title=episode.title)
    for publication in planned:
        if publication.state == PublicationState.ON_AIR:
            raise Refused("« {title} » est déjà en ligne : retirez-le plutôt.", title=episode.title)
        before = publication.scheduled_at
        publication.scheduled_at, publication.at_once = None, False
        publication.wall_time = None
        publication.settled = publication.video_id is None
        journal.write(
            session,
            now,
            by,
            "publication.unschedule",
            episode_id=episode.id,
            before={"platform": publication.platform, "at": _iso(before)},
        )
    episodes.touch(episode, now)


def wanted_instant(session: Session, publication: Publication) -> datetime | None:
    """The instant a platform may be told now: a person's choice, if approval and freezes allow it; else `None`."""
    episode = publication.episode
    approved = episode.state == EpisodeState.APPROVED and episode.approved_hash == episodes.fingerprint(episode)
    if not approved or publication.at_once or freezes.of(session, publication) is not None:
        return None
    return publication.scheduled_at


def due_for_upload(session: Session, now: datetime) -> list[Publication]:
    """Publications to send now: planned or under way, approved, with an instant, and no reason to wait."""
    rows = session.scalars(
        select(Publication)
        .join(Publication.episode)
        .where(
            Publication.state.in_([PublicationState.PLANNED, PublicationState.UPLOADING]),
            Publication.scheduled_at.is_not(None),
            Episode.state == EpisodeState.APPROVED,
        )
        .order_by(Publication.scheduled_at)
    )
    return [publication for publication in rows if publication.next_try_at is None or publication.next_try_at <= now]


def unsettled(session: Session, now: datetime) -> list[Publication]:
    """Publications whose platform does not hold yet what a person last decided, and that need not wait.

    Of those that failed, the ones whose platform still holds an instant that nobody means any more.
    """
    waiting = select(Publication).where(
        Publication.settled.is_(False),
        Publication.video_id.is_not(None),
        or_(
            Publication.state.in_([PublicationState.HELD, PublicationState.ON_AIR, PublicationState.WITHDRAWN]),
            and_(Publication.state == PublicationState.FAILED, Publication.held_at.is_not(None)),
        ),
        or_(Publication.next_try_at.is_(None), Publication.next_try_at <= now),
    )
    return [
        publication
        for publication in session.scalars(waiting)
        if publication.state != PublicationState.FAILED or wanted_instant(session, publication) != publication.held_at
    ]


def to_be_seen(session: Session, now: datetime) -> list[Publication]:
    """Publications held until an instant that has come, and that nobody has looked at since."""
    return list(
        session.scalars(
            select(Publication).where(
                Publication.state == PublicationState.HELD,
                Publication.scheduled_at <= now,
                or_(Publication.checked_at.is_(None), Publication.checked_at < Publication.scheduled_at),
            )
        )
    )


def watched(session: Session, now: datetime) -> list[Publication]:
    """Publications that a platform holds or airs; a failed one too, for what it holds may still go public.

    Those on air for longer than a day are due once a night: a whole catalogue at every look would eat the quota.
    """
    tonight = now.replace(hour=NIGHT_HOUR_UTC, minute=0, second=0, microsecond=0)
    last_night = tonight if tonight <= now else tonight - timedelta(days=1)
    fresh = or_(
        Publication.state.in_([PublicationState.HELD, PublicationState.FAILED]),
        Publication.air_at > now - WATCHED_CLOSELY,
        Publication.settled.is_(False),
        Publication.checked_at.is_(None),
        Publication.checked_at < last_night,
    )
    return list(
        session.scalars(
            select(Publication).where(
                Publication.video_id.is_not(None),
                Publication.state.in_([PublicationState.HELD, PublicationState.ON_AIR, PublicationState.FAILED]),
                fresh,
            )
        )
    )


def move(
    session: Session,
    publication: Publication,
    to: PublicationState,
    now: datetime,
    reason: str | None = None,
    by: str = "pasvu",
) -> None:
    """Move a publication on its road and write it down."""
    before = publication.state
    publication.state = move_publication(before, to)
    publication.state_reason = reason
    episodes.touch(publication.episode, now)
    if before != to or reason:
        journal.write(
            session,
            now,
            by,
            "publication.state",
            episode_id=publication.episode_id,
            before={"platform": publication.platform, "state": before},
            after={"platform": publication.platform, "state": to, "reason": reason},
        )


def seen_public(session: Session, publication: Publication, now: datetime) -> None:
    """The platform shows it to everyone: publication and episode are on air, and counting starts."""
    promised = publication.scheduled_at
    # The platform flips it at the promised instant; we only look from time to time.
    publication.air_at = promised if promised is not None and promised <= now else now
    publication.next_snapshot_at = now
    move(session, publication, PublicationState.ON_AIR, now)
    if publication.episode.state != EpisodeState.ON_AIR:
        episodes.change_state(session, publication.episode, EpisodeState.ON_AIR, now, "pasvu")


def retry(session: Session, episode: Episode, platform: str, now: datetime, by: str, *, again: bool = False) -> None:
    """Go on with a publication that failed. `again` sends a new video although the last one may have arrived.

    Raises:
        Refused: it did not fail, or its instant has passed.
    """
    publication = of(episode, platform)
    if publication is None or (publication.state != PublicationState.FAILED and publication.next_try_at is None):
        raise Refused("Rien à relancer pour « {title} » sur {platform}.", title=episode.title, platform=platform)
    if publication.scheduled_at is None or publication.scheduled_at <= now:
        raise Refused("L’heure prévue est passée : choisissez un nouvel instant pour « {title} ».", title=episode.title)
    if again:
        _forget_video(publication)
    _start_again(publication)
    episodes.touch(episode, now)
    journal.write(
        session, now, by, "publication.retry", episode_id=episode.id, after={"platform": platform, "again": again}
    )


def _forget_video(publication: Publication) -> None:
    publication.session_address = publication.session_opened_at = None
    publication.finishing = False
    publication.uploaded_bytes = 0
    publication.video_id = publication.url = publication.held_at = publication.processed_at = None
    publication.dressed = []
    publication.settled = True


def _start_again(publication: Publication) -> None:
    publication.state_reason = None
    publication.next_try_at = None
    publication.attempt += 1
    if publication.state != PublicationState.FAILED:
        return  # it only waited
    if publication.video_id is not None and publication.processed_at is not None:
        state = PublicationState.HELD
    elif publication.session_address or publication.video_id:
        state = PublicationState.UPLOADING
    else:
        state = PublicationState.PLANNED
    publication.state = move_publication(publication.state, state)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
