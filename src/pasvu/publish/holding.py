"""Handing the instant to the platform, and keeping what it holds as people last decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from pasvu.channel import episodes, freezes, publications, remote
from pasvu.channel.clock import Clock
from pasvu.channel.database import Session
from pasvu.channel.errors import Refused
from pasvu.channel.models import Publication
from pasvu.channel.schedule import FrozenPeriod
from pasvu.channel.states import EpisodeState, PublicationState
from pasvu.channel.typography import fine, marked
from pasvu.channel.values import VISIBILITIES, Privacy, VideoMetadata
from pasvu.publish.comparing import differences, meant_by
from pasvu.publish.desk import Desk
from pasvu.publish.dressing import is_dressed, why_missing
from pasvu.publish.errors import ClocksDiffer, Missing, NotReadyYet
from pasvu.publish.platform import Change, Changed, Platform

CLOCKS_AGREE_S = 5.0
ALARM = "ALERTE"
RELEASED = marked("L’instant a été repris à temps : la vidéo reste privée. Relancez, ou choisissez un nouvel instant.")


@dataclass(frozen=True)
class _Plan:
    """What a platform is to hold of a publication, as the record says at one moment."""

    video_id: str
    title: str
    metadata: VideoMetadata
    approved_hash: str | None
    wanted: datetime | None
    """The instant to hand over; `None` leaves the video private without one."""
    already: datetime | None
    telling: datetime | None
    """An instant being handed over when the process died: the platform may hold it, whatever it answered."""
    perhaps: bool
    """Whether the platform may hold any instant."""
    at_once: bool


def hold(desk: Desk, publication_id: int) -> None:
    """Make the platform hold the video until the instant now wanted; without one, it stays private.

    Called again whenever a person moves or takes away the instant. « Publish now » goes public here, once the
    platform has the video whole.

    Raises:
        Refused: the instant is too near or past, or the platform does not hold what was said.
        ClocksDiffer: the two clocks read differently.
        NotReadyYet: to publish at once, and the platform still works on the video.
    """
    platform, plan = _read(desk, publication_id)
    if plan.at_once:
        _publish(desk, platform, publication_id, plan)
        return
    plan = _with_what_was_heard(desk, platform, plan)
    change, told = _change(desk, platform, publication_id, plan), None
    if plan.wanted is not None or plan.perhaps:
        told = platform.change(plan.video_id, change)
        held = told.after
        # A correction may meet the instant itself: public is then as promised.
        promised = plan.wanted is not None and plan.wanted == plan.already and plan.wanted <= desk.clock.now()
        if not promised and (held.privacy != Privacy.PRIVATE or held.publish_at != plan.wanted):
            # Another instant than the one agreed on is one that nobody means: the next tick takes it back.
            _write_what_is_held(desk, publication_id, told)
            raise Refused(
                "La plateforme ne tient pas « {title} » comme convenu (visibilité {privacy}, instant {at}) : "
                "vérifiez dans YouTube Studio, puis relancez.",
                title=plan.title,
                privacy=VISIBILITIES[held.privacy],
                at=f"{held.publish_at:%Y-%m-%d %H:%M} UTC" if held.publish_at else marked("aucun"),
            )
    _write_held(desk, publication_id, plan, told)


def _read(desk: Desk, publication_id: int) -> tuple[Platform, _Plan]:
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        episode = publication.episode
        assert publication.video_id is not None
        return desk.platforms[publication.platform], _Plan(
            video_id=publication.video_id,
            title=episode.title,
            # Without the marker: it served to find a lost upload, and viewers need not see it.
            metadata=publications.metadata(episode, publication.platform),
            approved_hash=episode.approved_hash,
            wanted=publications.wanted_instant(session, publication),
            already=publication.held_at if publication.telling_at is None else None,
            telling=publication.telling_at,
            perhaps=publication.held_at is not None or publication.telling_at is not None,
            at_once=publications.wanted_at_once(session, publication),
        )


def _with_what_was_heard(desk: Desk, platform: Platform, plan: _Plan) -> _Plan:
    """The plan, knowing whether a handing over that was cut had arrived: it may be too near to be told again."""
    if plan.wanted is None or plan.wanted != plan.telling:
        return plan
    there = platform.state_of([plan.video_id]).get(plan.video_id)
    if there is None:
        raise Missing(plan.title)
    aired = there.privacy == Privacy.PUBLIC and plan.wanted <= desk.clock.now()
    return replace(plan, already=plan.wanted) if aired or there.publish_at == plan.wanted else plan


def _change(desk: Desk, platform: Platform, publication_id: int, plan: _Plan) -> Change:
    if plan.wanted is None:
        return Change(privacy=Privacy.PRIVATE, clear_publish_at=True)
    if plan.wanted == plan.already:
        # Only the text changed: the instant is held already, and may be too near to be touched.
        return Change(metadata=plan.metadata)
    try:
        check_instant(desk, platform, plan.wanted, plan.title)
    except Refused:
        if plan.perhaps:
            # What the platform still holds is no longer meant: it must not go public at the former instant.
            taken = platform.change(plan.video_id, Change(privacy=Privacy.PRIVATE, clear_publish_at=True))
            _write_what_is_held(desk, publication_id, taken)
        raise
    _about_to_tell(desk, publication_id, plan.wanted)
    return Change(metadata=plan.metadata, privacy=Privacy.PRIVATE, publish_at=plan.wanted)


def _about_to_tell(desk: Desk, publication_id: int, wanted: datetime) -> None:
    """From here the platform may hold this instant, whether its answer comes or not: it may have to be taken back."""
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        publication.telling_at, publication.settled = wanted, False


def _write_held(desk: Desk, publication_id: int, plan: _Plan, told: Changed | None) -> None:
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        publication.held_at, publication.telling_at, publication.next_try_at = plan.wanted, None, None
        if told is not None:
            remote.changed(session, publication, told.before, told.after, desk.clock.now())
        if publication.state == PublicationState.WITHDRAWN:
            # Withdrawn meanwhile: an instant just handed over must be taken back.
            publication.settled = plan.wanted is None
            return
        if plan.wanted is not None:
            publication.sent_hash = plan.approved_hash
        # A person may have decided otherwise meanwhile, or another still waits: then the next tick calls again.
        still = publications.wanted_instant(session, publication)
        as_approved = publication.sent_hash == publication.episode.approved_hash and is_dressed(publication)
        publication.settled = still == plan.wanted and (plan.wanted is None or as_approved) and not publication.at_once
        why = why_not_wanted(session, publication) or why_missing(publication)
        publications.move(session, publication, PublicationState.HELD, desk.clock.now(), why)


def _publish(desk: Desk, platform: Platform, publication_id: int, plan: _Plan) -> None:
    """Make the video public now: a person said so, and it is looked at once more before."""
    there = platform.state_of([plan.video_id]).get(plan.video_id)
    if there is None:
        raise Missing(plan.title)
    if there.processing == "processing":
        raise NotReadyYet("La plateforme traite encore la vidéo : elle sera publiée dès qu’elle sera lisible.")
    with desk.record.read() as session:
        wrong = differences(meant_by(session.get_one(Publication, publication_id), desk.clock.now()), there)
    if wrong:
        raise Refused("« {title} » n’est pas publié : {why}", title=plan.title, why=" ".join(wrong))
    public = Change(metadata=plan.metadata, privacy=Privacy.PUBLIC, clear_publish_at=True)
    told = platform.change(plan.video_id, public)
    held = told.after
    if held.privacy != Privacy.PUBLIC:
        raise Refused(
            "La plateforme ne rend pas « {title} » public (visibilité {privacy}) : vérifiez dans YouTube Studio, "
            "puis relancez.",
            title=plan.title,
            privacy=VISIBILITIES[held.privacy],
        )
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        now = desk.clock.now()
        publication.held_at = publication.telling_at = publication.next_try_at = None
        remote.changed(session, publication, told.before, told.after, now)
        if publication.state == PublicationState.WITHDRAWN:
            publication.settled = False  # withdrawn meanwhile: taken back by the next tick
            return
        publication.sent_hash, publication.processed_at = plan.approved_hash, publication.processed_at or now
        publication.settled = publication.episode.approved_hash == plan.approved_hash
        if publication.state != PublicationState.ON_AIR:
            publications.move(session, publication, PublicationState.HELD, now)
            publications.seen_public(session, publication, now)


def why_not_wanted(session: Session, publication: Publication) -> str | None:
    """Why an instant that a person chose is not handed over, in words; `None` when there is nothing to say."""
    if publication.scheduled_at is None:
        return None
    frozen = freezes.of(session, publication)
    if frozen is not None:
        return why_frozen(frozen)
    episode = publication.episode
    if episode.state == EpisodeState.APPROVED and episode.approved_hash != episodes.fingerprint(episode):
        return fine(f"« {episode.title} » a changé depuis sa validation : rien n’est programmé. Validez-le à nouveau.")
    return None


def why_frozen(period: FrozenPeriod) -> str:
    """What is said of a publication that a freeze holds back."""
    return fine(
        f"Gelé ({period.reason}) : rien n’est programmé sur la plateforme. Choisissez un autre instant, levez le gel, "
        "ou autorisez cet épisode."
    )


def release(desk: Desk, publication_id: int) -> None:
    """Take back the instant of a publication that failed: what nobody means any more must not go public."""
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        platform, video_id = desk.platforms[publication.platform], publication.video_id
        assert video_id is not None
    taken = platform.change(video_id, Change(privacy=Privacy.PRIVATE, clear_publish_at=True))
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        remote.changed(session, publication, taken.before, taken.after, desk.clock.now())
        publication.held_at = publication.telling_at = publication.next_try_at = None
        publication.settled = True
        if (publication.state_reason or "").startswith(ALARM):
            publication.state_reason = fine(RELEASED)


def _write_what_is_held(desk: Desk, publication_id: int, told: Changed) -> None:
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        publication.held_at, publication.telling_at, publication.settled = told.after.publish_at, None, False
        remote.changed(session, publication, told.before, told.after, desk.clock.now())


def correct(desk: Desk, publication_id: int) -> None:
    """Bring a corrected text or flag to a video on air; who sees it is left alone unless people decided it."""
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        platform, video_id = desk.platforms[publication.platform], publication.video_id
        approved_hash = publication.episode.approved_hash
        meant = publications.metadata(publication.episode, publication.platform)
        seen_by = Privacy(publication.visibility) if publication.visibility else None
        assert video_id is not None
    told = platform.change(video_id, Change(metadata=meant, privacy=seen_by)) if approved_hash is not None else None
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        if told is not None:
            remote.changed(session, publication, told.before, told.after, desk.clock.now())
        publication.sent_hash, publication.next_try_at = approved_hash, None
        publication.state_reason = why_missing(publication)
        publication.settled = publication.episode.approved_hash == approved_hash


def take_back(desk: Desk, publication_id: int) -> None:
    """Take a withdrawn video from the public; it is never deleted."""
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        platform, video_id = desk.platforms[publication.platform], publication.video_id
        assert video_id is not None
    platform.withdraw(video_id)
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        publication.held_at, publication.telling_at, publication.settled = None, None, True
        publication.next_try_at = publication.state_reason = None


def check_instant(desk: Desk, platform: Platform, wanted: datetime, title: str) -> None:
    """Refuse an instant too near, or one that two clocks read differently.

    A platform that gets a past instant publishes at once (YouTube, `status.publishAt`): a clock error is a leak.
    """
    if wanted - desk.clock.now() < desk.margin:
        raise Refused(
            "L’heure prévue pour « {title} » est trop proche ou passée : choisissez un nouvel instant.", title=title
        )
    gap_s = platform.clock_gap_s()
    if abs(gap_s) > tolerated_gap_s(desk.clock):
        raise ClocksDiffer(
            f"Notre horloge et celle de la plateforme diffèrent de {gap_s:.0f} s : mettez ce serveur à l’heure ; "
            "rien n’est programmé en attendant."
        )


def tolerated_gap_s(clock: Clock) -> float:
    """How far two clocks may differ; a sped-up clock turns a second of network into many."""
    real = clock.real_s(1.0)
    return CLOCKS_AGREE_S * max(1.0, 1.0 / real if real > 0 else 1.0)
