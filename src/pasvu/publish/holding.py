"""Handing the instant to the platform, and keeping what it holds as people last decided."""

from __future__ import annotations

from datetime import datetime

from pasvu.channel import freezes, publications, remote
from pasvu.channel.clock import Clock
from pasvu.channel.errors import Refused
from pasvu.channel.models import Publication
from pasvu.channel.schedule import FrozenPeriod
from pasvu.channel.states import PublicationState
from pasvu.channel.typography import fine
from pasvu.channel.values import Privacy
from pasvu.publish.desk import Desk
from pasvu.publish.dressing import is_dressed
from pasvu.publish.errors import PlatformBusy
from pasvu.publish.platform import Change, Changed, Platform

CLOCKS_AGREE_S = 5.0


def hold(desk: Desk, publication_id: int) -> None:
    """Make the platform hold the video until the instant now wanted; without one, it stays private.

    Called again whenever a person moves or takes away the instant.

    Raises:
        Refused: the instant is too near or past, or the platform does not hold what was said.
        PlatformBusy: the two clocks differ.
    """
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        platform, video_id = desk.platforms[publication.platform], publication.video_id
        wanted = publications.wanted_instant(session, publication)
        title, already = publication.episode.title, publication.held_at
        approved_hash = publication.episode.approved_hash
        # Without the marker: it served to find a lost upload, and viewers need not see it.
        meant = publications.metadata(publication.episode, publication.platform)
        assert video_id is not None
    told: Changed | None = None
    if wanted is not None and wanted == already:
        # Only the text changed: the instant is held already, and may be too near to be touched.
        change = Change(metadata=meant)
    elif wanted is not None:
        try:
            check_instant(desk, platform, wanted, title)
        except Refused:
            if already is not None:
                # What the platform still holds is no longer meant: it must not go public at the former instant.
                taken = platform.change(video_id, Change(privacy=Privacy.PRIVATE, clear_publish_at=True))
                _holds_no_more(desk, publication_id, taken)
            raise
        change = Change(metadata=meant, privacy=Privacy.PRIVATE, publish_at=wanted)
    else:
        change = Change(privacy=Privacy.PRIVATE, clear_publish_at=True)
    if wanted is not None or already is not None:
        told = platform.change(video_id, change)
        held = told.after
        # A correction may meet the instant itself: public is then as promised.
        promised = wanted is not None and wanted == already and wanted <= desk.clock.now()
        if not promised and (held.privacy != Privacy.PRIVATE or held.publish_at != wanted):
            raise Refused(
                "La plateforme ne tient pas « {title} » comme convenu (visibilité {privacy}, instant {at}) : "
                "vérifiez dans YouTube Studio, puis relancez.",
                title=title,
                privacy=held.privacy,
                at=held.publish_at,
            )
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        publication.held_at, publication.next_try_at = wanted, None
        if told is not None:
            remote.changed(session, publication, told.before, told.after, desk.clock.now())
        if publication.state == PublicationState.WITHDRAWN:
            # Withdrawn meanwhile: an instant just handed over must be taken back.
            publication.settled = wanted is None
            return
        if wanted is not None:
            publication.sent_hash = approved_hash
        # A person may have decided otherwise meanwhile, or another still waits: then the next tick calls again.
        still = publications.wanted_instant(session, publication)
        as_approved = publication.sent_hash == publication.episode.approved_hash and is_dressed(publication)
        publication.settled = still == wanted and (wanted is None or as_approved)
        frozen = freezes.of(session, publication)
        why = why_frozen(frozen) if frozen is not None else None
        publications.move(session, publication, PublicationState.HELD, desk.clock.now(), why)


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
    platform.change(video_id, Change(privacy=Privacy.PRIVATE, clear_publish_at=True))
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        publication.held_at, publication.settled, publication.next_try_at = None, True, None


def _holds_no_more(desk: Desk, publication_id: int, taken: Changed) -> None:
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        publication.held_at = None
        remote.changed(session, publication, taken.before, taken.after, desk.clock.now())


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
        publication.sent_hash, publication.next_try_at, publication.state_reason = approved_hash, None, None
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
        publication.held_at, publication.settled = None, True
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
        raise PlatformBusy(
            f"Notre horloge et celle de la plateforme diffèrent de {gap_s:.0f} s : mettez ce serveur à l’heure ; "
            "rien n’est programmé en attendant."
        )


def tolerated_gap_s(clock: Clock) -> float:
    """How far two clocks may differ; a sped-up clock turns a second of network into many."""
    real = clock.real_s(1.0)
    return CLOCKS_AGREE_S * max(1.0, 1.0 / real if real > 0 else 1.0)
