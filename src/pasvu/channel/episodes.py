"""The episode in the record: finding it, its state, its fields, what it stands for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pasvu.channel import fields, journal, names
from pasvu.channel.errors import FieldsRefused, NotFound, Refused, Stale
from pasvu.channel.models import Account, Episode, Programme
from pasvu.channel.states import EpisodeState, PublicationState, move_episode
from pasvu.channel.timeline import Timeline, meant
from pasvu.channel.values import Finding, Span, Trim, Weight

_OWN = (
    "category_id",
    "license",
    "made_for_kids",
    "synthetic_media",
    "paid_promotion",
    "embeddable",
    "notify_subscribers",
    "playlist_id",
    "localizations",
    "texts",
)


def find(session: Session, reference: str) -> Episode:
    """The episode with this id or slug, or with the only slug that begins so.

    Raises:
        NotFound: none, or several slugs begin so.
    """
    exact = session.scalar(select(Episode).where(or_(Episode.id == reference, Episode.slug == reference)))
    if exact is not None:
        return exact
    begun = select(Episode).where(Episode.slug.startswith(reference, autoescape=True))
    near = session.scalars(begun.order_by(Episode.slug).limit(4)).all() if reference else []
    if len(near) == 1:
        return near[0]
    if near:
        slugs = ", ".join(episode.slug for episode in near[:3])
        raise NotFound("« {reference} » peut désigner plusieurs épisodes : {slugs}…", reference=reference, slugs=slugs)
    raise NotFound("Aucun épisode « {reference} ». `pasvu episodes` les énumère.", reference=reference)


def programme(session: Session, reference: str) -> Programme:
    """The programme with this id, slug or name.

    Raises:
        NotFound: none.
    """
    found = session.scalar(
        select(Programme).where(
            or_(Programme.id == reference, Programme.slug == reference, Programme.name == reference)
        )
    )
    if found is None:
        raise NotFound(
            "Aucune émission « {reference} ». Créez-la dans Réglages, ou corrigez son nom.", reference=reference
        )
    return found


def account(session: Session, reference: str) -> Account:
    """The account with this id or name.

    Raises:
        NotFound: none.
    """
    found = session.scalar(select(Account).where(or_(Account.id == reference, Account.name == names.fold(reference))))
    if found is None:
        raise NotFound("Aucun compte « {name} ». `pasvu user list` les énumère.", name=reference)
    return found


def change_state(
    session: Session, episode: Episode, to: EpisodeState, now: datetime, by: str, reason: str | None = None
) -> None:
    """Move on the road and write it down; `reason` replaces the former one."""
    before = episode.state
    episode.state = move_episode(before, to)
    episode.state_reason = reason
    touch(episode, now)
    if before != to or reason:
        journal.write(
            session,
            now,
            by,
            "episode.state",
            episode_id=episode.id,
            before={"state": before},
            after={"state": to, "reason": reason},
        )


def touch(episode: Episode, now: datetime) -> None:
    """Note that something changed: forms drawn before are old from here."""
    episode.version += 1
    episode.updated_at = now


def check_version(episode: Episode, drawn_from: int | None) -> None:
    """Refuse a form drawn from an older version.

    Raises:
        Stale: someone changed the episode meanwhile.
    """
    if drawn_from is not None and drawn_from != episode.version:
        raise Stale(
            "« {title} » a été modifié entre-temps : relisez la page à jour, puis recommencez.", title=episode.title
        )


def fingerprint(episode: Episode) -> str:
    """Hash of all that viewers would get: what is approved is exactly this."""
    chosen = next((thumbnail.path for thumbnail in episode.thumbnails if thumbnail.chosen), None)
    given: dict[str, Any] = {
        "title": episode.title,
        "summary": episode.summary,
        "tags": episode.tags,
        "language": episode.language,
        "programme": episode.programme_id,
        "cut": episode.cut,
        "trim": [episode.trim_start_s, episode.trim_end_s],
        "chapters": [[mark.start_s, mark.title] for mark in episode.chapters],
        # Their order on the way back from the database is not promised: the same captions have one fingerprint.
        "captions": sorted([caption.language, caption.path] for caption in episode.captions),
        "guests": [[guest.name, guest.role] for guest in episode.guests],
        "thumbnail": chosen,
    }
    # What an episode leaves to its programme is not named: what was approved before these fields still is.
    given |= {name: value for name in _OWN if (value := getattr(episode, name)) is not None}
    if episode.removed:
        given["removed"] = episode.removed
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


def effective_trim(episode: Episode) -> Trim:
    """Where the episode starts and ends in its recording: chosen, else proposed, else everything."""
    whole = episode.recording.duration_s or 0.0
    start = _first(episode.trim_start_s, episode.proposed_start_s, 0.0)
    end = _first(episode.trim_end_s, episode.proposed_end_s, whole)
    return Trim(start, end, episode.proposed_why or "")


def findings(episode: Episode) -> list[Finding]:
    """What is to know about the quality of its recording, most serious first."""
    kept = (episode.recording.measures or {}).get("findings", [])
    found = [(each["sentence"], Weight(each["weight"]), each["about"]) for each in kept]
    return [Finding(sentence, weight, **about) for sentence, weight, about in found]


def chapters_why(episode: Episode) -> str | None:
    """Where the proposed chapters come from, in French; `None` once a person has changed them."""
    offered = (episode.recording.measures or {}).get("chapters")
    if offered is None or [[mark.start_s, mark.title] for mark in episode.chapters] != offered["offered"]:
        return None
    return str(offered["why"])


def removed(episode: Episode) -> list[Span]:
    """What is taken out of the middle, in seconds of the recording."""
    return [Span(start_s, end_s) for start_s, end_s in episode.removed]


def meant_timeline(episode: Episode) -> Timeline:
    """What the episode is to show of its recording: its trim without what is taken out of the middle."""
    return meant(effective_trim(episode), removed(episode))


def made_timeline(episode: Episode) -> Timeline:
    """What the last cut made really shows: a copied picture may start at the keyframe before."""
    made = episode.rendition("master")
    if made is None or made.start_s is None:
        return meant_timeline(episode)
    return Timeline.of(made.kept or [[made.start_s, made.start_s + made.duration_s]])


def edit(
    session: Session,
    episode: Episode,
    changes: Mapping[str, Any],
    now: datetime,
    by: str,
    *,
    drawn_from: int | None = None,
) -> None:
    """Change title, summary, tags, programme, … (`fields.py` has them all); an approved episode stays approved.

    `tags` is a list of words, `guests` a list of (name, role), `programme` a slug or `None`.

    Raises:
        FieldsRefused: an unknown field, an empty title, a programme that is no more: all of them at once.
        Stale: the form was drawn from an older version.
    """
    check_version(episode, drawn_from)
    before = {field: fields.read(episode, field) for field in changes}
    write_fields(session, episode, changes)
    after = {field: fields.read(episode, field) for field in changes}
    changed = [field for field in changes if after[field] != before[field]]
    if not changed:
        return
    keep_approval(episode)
    touch(episode, now)
    journal.write(
        session,
        now,
        by,
        "episode.edit",
        episode_id=episode.id,
        before={field: before[field] for field in changed},
        after={field: after[field] for field in changed},
    )


def write_fields(session: Session, episode: Episode, changes: Mapping[str, Any]) -> None:
    """Set fields as `edit` takes them; the journal is the caller's."""
    wrong: dict[str, Refused] = {}
    for field, value in changes.items():
        try:
            _write_field(session, episode, field, value)
        except Refused as refused:
            wrong[field] = refused
    if wrong:
        raise FieldsRefused(wrong)
    index(episode)


def _write_field(session: Session, episode: Episode, field: str, value: Any) -> None:
    if field == "programme":
        episode.programme = programme(session, str(value)) if value else None
    elif field == "owner":
        episode.owner_id = account(session, str(value)).id if value else None
    else:
        fields.write(episode, field, value)


def index(episode: Episode) -> None:
    """Refresh the words by which a search finds the episode."""
    show = episode.programme.name if episode.programme else ""
    words = [episode.title, show, *episode.tags, *(guest.name for guest in episode.guests)]
    episode.search = names.fold(" ".join(words))


def keep_approval(episode: Episode) -> None:
    """Carry the approval over to what the episode has become."""
    # A correction by someone who may approve does not undo the approval: it is approved as corrected.
    if episode.approved_hash is not None:
        episode.approved_hash = fingerprint(episode)
        unsettle(episode)


def forget_approval(episode: Episode) -> None:
    """The approval no longer holds; someone must look again, and no platform may go on without."""
    episode.approved_at = episode.approved_by = episode.approved_hash = None
    unsettle(episode)


def unsettle(episode: Episode) -> None:
    """What platforms hold of it may no longer be what is meant: the next tick tells them."""
    for publication in episode.publications:
        # Whatever its state, its platform may hold it until an instant that nobody means any more.
        left = publication.held_at is not None or publication.telling_at is not None
        if left or publication.state in (PublicationState.HELD, PublicationState.ON_AIR):
            publication.settled = False
            publication.next_try_at = None


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)
