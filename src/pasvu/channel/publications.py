"""An episode's way onto a platform: what people plan, and what publish writes down at each step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import episodes, freezes, journal, names
from pasvu.channel.errors import Refused
from pasvu.channel.metadata import metadata as metadata
from pasvu.channel.models import Episode, Publication
from pasvu.channel.states import EpisodeState, PublicationState, move_publication

# On air on one platform, an approved episode may still go to another, at an instant of its own.
MAY_GO_OUT = (EpisodeState.APPROVED, EpisodeState.ON_AIR)


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
    if episode.state not in MAY_GO_OUT:
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
            "Rien ne sort avant le {day} à {time} : {reason}. Choisissez un instant plus tard, ou dites pourquoi "
            "« {title} » doit sortir quand même.",
            day=f"{frozen.until.astimezone(zone):%Y-%m-%d}",
            time=f"{frozen.until.astimezone(zone):%H:%M}",
            reason=frozen.reason,
            title=episode.title,
        )
    if publication is None:
        publication = Publication(platform=platform, marker=new_marker())
        episode.publications.append(publication)
        session.flush()
    before = publication.scheduled_at
    publication.scheduled_at, publication.at_once = at, False
    publication.wall_time = f"{at.astimezone(zone):%Y-%m-%dT%H:%M} {zone.key}"
    if publication.state == PublicationState.FAILED:
        _start_again(publication)
    if despite_freeze is not None:
        freezes.let_through(session, publication, despite_freeze, now, by)
    held = publication.held_at == at and publication.telling_at is None
    _to_be_told(publication, settled=publication.video_id is None or held)
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


def new_marker() -> str:
    """A private tag of one upload."""
    return f"pv-{names.new_id()}"


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
        _to_be_told(publication, settled=publication.video_id is None)
        if publication.state in (PublicationState.PLANNED, PublicationState.UPLOADING):
            # Out of the calendar it waits for nobody's hour: « la suite reprendra » would be untrue.
            publication.next_try_at = publication.waits_for = publication.state_reason = None
        journal.write(
            session,
            now,
            by,
            "publication.unschedule",
            episode_id=episode.id,
            before={"platform": publication.platform, "at": _iso(before)},
        )
    episodes.touch(episode, now)


def _to_be_told(publication: Publication, *, settled: bool) -> None:
    publication.settled = settled
    if not settled:
        # Whatever it waited for was for what people wanted before: an instant taken back cannot wait for that.
        publication.next_try_at = publication.waits_for = None


def wanted_instant(session: Session, publication: Publication) -> datetime | None:
    """The instant a platform may be told now: a person's choice, if approval and freezes allow it; else `None`."""
    return publication.scheduled_at if not publication.at_once and _may_air(session, publication) else None


def sound_alarm(session: Session, publication: Publication, said: str, now: datetime) -> None:
    """Say on the publication what is not as meant, and keep it in the journal."""
    publication.state_reason = said
    episodes.touch(publication.episode, now)
    journal.write(session, now, "pasvu", "publication.alarm", episode_id=publication.episode_id, after={"reason": said})


def unmeant_instant(session: Session, publication: Publication) -> datetime | None:
    """The first instant at which the platform may publish although nobody means it any more, or `None`."""
    if publication.state == PublicationState.ON_AIR:
        return None
    stopped = publication.state in (PublicationState.WITHDRAWN, PublicationState.FAILED)
    meant = None if stopped else wanted_instant(session, publication)
    perhaps = (publication.held_at, publication.telling_at)
    return min((at for at in perhaps if at is not None and at != meant), default=None)


def wanted_at_once(session: Session, publication: Publication) -> bool:
    """Whether it may go public now, because a person said so and approval and freezes allow it."""
    return publication.at_once and publication.scheduled_at is not None and _may_air(session, publication)


def _may_air(session: Session, publication: Publication) -> bool:
    episode = publication.episode
    approved = episode.state in MAY_GO_OUT and episode.approved_hash == episodes.fingerprint(episode)
    return approved and freezes.of(session, publication) is None


def waits_for_a_person(publication: Publication) -> bool:
    """Whether it failed, and nothing of it is looked for or must be taken back meanwhile."""
    held = publication.held_at is not None or publication.telling_at is not None
    return publication.state == PublicationState.FAILED and not held and not is_lost(publication)


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
    kept = promised is not None and promised <= now and not publication.at_once
    publication.air_at = promised if kept else now
    publication.next_snapshot_at = now
    move(session, publication, PublicationState.ON_AIR, now)
    if publication.episode.state != EpisodeState.ON_AIR:
        episodes.change_state(session, publication.episode, EpisodeState.ON_AIR, now, "pasvu")


STANDING = (PublicationState.HELD, PublicationState.ON_AIR)
"""The platform has the video, as it was meant."""


def may_retry(publication: Publication) -> bool:
    """Whether something of it failed, waits, or was refused."""
    failed = publication.state == PublicationState.FAILED or publication.next_try_at is not None
    return failed or (publication.state in STANDING and bool(publication.refused_pieces))


def retry(session: Session, episode: Episode, platform: str, now: datetime, by: str, *, again: bool = False) -> None:
    """Go on with a publication that failed, or with what the platform would not take of what goes with the video.

    `again` sends a new video although the last one may have arrived.

    Raises:
        Refused: it did not fail, or its instant has passed.
    """
    publication = of(episode, platform)
    if publication is None or not may_retry(publication):
        raise Refused("Rien à relancer pour « {title} » sur {platform}.", title=episode.title, platform=platform)
    if publication.state in STANDING and publication.refused_pieces:
        publication.next_try_at, publication.state_reason = None, None
        publication.settled = False
    elif publication.scheduled_at is None or publication.scheduled_at <= now:
        raise Refused("L’heure prévue est passée : choisissez un nouvel instant pour « {title} ».", title=episode.title)
    else:
        if again:
            _forget_video(publication)
        _start_again(publication)
    publication.refused_pieces = None
    episodes.touch(episode, now)
    journal.write(
        session, now, by, "publication.retry", episode_id=episode.id, after={"platform": platform, "again": again}
    )


def publish_now(
    session: Session,
    episode: Episode,
    platform: str,
    zone: ZoneInfo,
    now: datetime,
    by: str,
    *,
    objections: Sequence[str] = (),
    despite_freeze: str | None = None,
    drawn_from: int | None = None,
) -> Publication:
    """Put an approved episode on air as soon as the platform has it whole: a decision, never the end of a wait.

    Raises:
        Refused: as `schedule`.
    """
    # An instant ahead is what `schedule` takes; the one kept is that of the decision.
    ahead = now + timedelta(seconds=1)
    publication = schedule(
        session,
        episode,
        platform,
        ahead,
        zone,
        now,
        by,
        objections=objections,
        despite_freeze=despite_freeze,
        drawn_from=drawn_from,
    )
    publication.scheduled_at, publication.at_once = now.replace(microsecond=0), True
    _to_be_told(publication, settled=publication.video_id is None)
    publication.next_try_at = None
    journal.write(
        session, now, by, "publication.now", episode_id=episode.id, after={"platform": platform, "at": _iso(now)}
    )
    return publication


def adopt(session: Session, episode: Episode, platform: str, video_id: str, url: str, now: datetime, by: str) -> None:
    """A person found the video whose arrival nobody knew: it is this one, and the road goes on with it.

    Raises:
        Refused: nothing is looked for, or the video is another episode's.
    """
    publication = of(episode, platform)
    if publication is None or not is_lost(publication):
        raise Refused(
            "Aucune vidéo de « {title} » n’est recherchée sur {platform}.", title=episode.title, platform=platform
        )
    if session.scalar(select(Publication.id).where(Publication.platform == platform, Publication.video_id == video_id)):
        raise Refused("La vidéo {video_id} est déjà celle d’un autre épisode.", video_id=video_id)
    publication.video_id, publication.url = video_id, url
    publication.sent_at, publication.session_address, publication.lost_at = now, None, None
    go_on(session, publication, now)
    journal.write(
        session, now, by, "publication.adopt", episode_id=episode.id, after={"platform": platform, "video_id": video_id}
    )


def is_lost(publication: Publication) -> bool:
    """Whether nobody knows if its video arrived."""
    return publication.state == PublicationState.FAILED and publication.finishing and publication.video_id is None


def go_on(session: Session, publication: Publication, now: datetime) -> None:
    """Take up the road of a publication that had stopped, where it stopped."""
    _start_again(publication)
    episodes.touch(publication.episode, now)


def _forget_video(publication: Publication) -> None:
    publication.session_address = publication.session_opened_at = None
    publication.finishing = False
    # Another name: the video that may be there must never be taken for the new one.
    publication.marker = new_marker()
    publication.lost_at = publication.sent_at = None
    publication.uploaded_bytes = 0
    publication.video_id = publication.url = publication.processed_at = None
    publication.held_at = publication.telling_at = None
    publication.dressed = []
    publication.refused_pieces = None
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
