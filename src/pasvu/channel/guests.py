"""Addresses by which a guest without an account sees one episode before it airs, and says what they think."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import journal, review
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import Episode, Remark, Rendition, ReviewLink
from pasvu.channel.states import EpisodeState

DAYS = (1, 3, 7, 30)
COPY = "guest"
"""The kind of a rendition made for guests alone."""
EIGHT_BITS = ("yuv420p", "yuvj420p", None)
NAME_LONGEST = 80
REMARK_LONGEST = 4000
# A guest is one person: more is a script.
REMARKS_MOST = 200


@dataclass(frozen=True)
class Made:
    """A link just made; its token is shown once and never kept."""

    token: str
    guest: str
    expires_at: datetime


def invite(session: Session, episode: Episode, guest: str, days: int, now: datetime, by: str) -> Made:
    """A new address for `guest`, good for so many days.

    Raises:
        Refused: no name, another number of days, or an episode that was withdrawn.
    """
    name = " ".join(guest.split())[:NAME_LONGEST]
    if not name:
        raise Refused("Dites pour qui est ce lien : ses remarques porteront ce nom.")
    if days not in DAYS:
        raise Refused("Un lien dure {days} jours.", days=", ".join(str(each) for each in DAYS))
    if episode.state == EpisodeState.WITHDRAWN:
        raise Refused("« {title} » est retiré : il ne se partage plus.", title=episode.title)
    token = secrets.token_urlsafe(24)
    link = ReviewLink(
        token_hash=_fingerprint(token), guest=name, created_at=now, created_by=by, expires_at=now + timedelta(days=days)
    )
    episode.review_links.append(link)
    journal.write(session, now, by, "guest.invite", episode_id=episode.id, after={"name": name, "days": days})
    return Made(token, name, link.expires_at)


def open_link(session: Session, token: str, now: datetime) -> ReviewLink | None:
    """The link that this token opens, if it still does."""
    link = session.scalar(select(ReviewLink).where(ReviewLink.token_hash == _fingerprint(token)))
    if link is None or link.revoked_at is not None or link.expires_at <= now:
        return None
    return None if link.episode.state == EpisodeState.WITHDRAWN else link


def plays_everywhere(episode: Episode) -> bool:
    """Whether every browser plays its master: nobody knows what a guest will open it with."""
    # A picture made anew is one that browsers play; where only a few frames were, it is what the recording's was.
    if episode.plan_action == "encode":
        return True
    info = next((part.info or {} for part in episode.recording.parts), {})
    return info.get("video_codec") == "h264" and info.get("pixel_format") in EIGHT_BITS


def film(episode: Episode) -> Rendition | None:
    """What guests see: the master as it will go on air, or a smaller copy of it that every browser plays."""
    master = episode.rendition("master")
    if master is None or episode.waits_for_cut:
        return None
    if plays_everywhere(episode):
        return master
    copy = episode.rendition(COPY)
    return copy if copy is not None and copy.cut == master.cut else None


def wanting_copy(session: Session, now: datetime) -> list[Episode]:
    """The episodes that a guest may open and has nothing to see of."""
    open_links = ReviewLink.revoked_at.is_(None) & (ReviewLink.expires_at > now)
    shared = session.scalars(select(Episode).where(Episode.review_links.any(open_links)))
    return [each for each in shared if film(each) is None and not each.waits_for_cut and each.rendition("master")]


def note_visit(link: ReviewLink, now: datetime) -> None:
    """The guest came."""
    link.opened_at = now


def revoke(session: Session, episode: Episode, link_id: int, now: datetime, by: str) -> None:
    """Close an address at once; what the guest said stays.

    Raises:
        NotFound: not a link of this episode.
    """
    link = next((each for each in episode.review_links if each.id == link_id), None)
    if link is None:
        raise NotFound("Ce lien n’existe plus.")
    if link.revoked_at is None:
        link.revoked_at = now
        journal.write(session, now, by, "guest.revoke", episode_id=episode.id, after={"name": link.guest})


def comment(session: Session, link: ReviewLink, text: str, time_s: float | None, now: datetime) -> Remark:
    """What the guest says, at a time of the recording or on the whole.

    Raises:
        Refused: no words, or far too many.
    """
    if len(text) > REMARK_LONGEST:
        raise Refused("Cette remarque est trop longue : faites-en plusieurs.")
    author = author_of(link)
    if sum(remark.author == author for remark in link.episode.remarks) >= REMARKS_MOST:
        raise Refused("Beaucoup de remarques sont déjà là : écrivez plutôt à la personne qui vous a invité.")
    return review.comment(session, link.episode, text, now, author, time_s=time_s)


def author_of(link: ReviewLink) -> str:
    """The name under which a guest's remarks stand: never that of an account."""
    return f"{link.guest} (invité)"


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
