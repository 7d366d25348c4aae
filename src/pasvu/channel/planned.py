"""Changes planned for after air: another title on Saturday, unlisted in thirty days."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import episodes, fields, journal, publications, remote, videofields
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import Episode, PlannedChange, Publication
from pasvu.channel.states import PublicationState
from pasvu.channel.values import VideoMetadata

_DELAY = re.compile(r"(\d{1,5})\s*(min|h|[jd])", re.IGNORECASE)
_UNITS_S = {"min": 60, "h": 3600, "j": 86400, "d": 86400}


def read_delay(text: str) -> int:
    """Seconds of `45 min`, `12 h` or `30 j` (`30d` too).

    Raises:
        Refused: not a delay.
    """
    found = _DELAY.fullmatch(text.strip())
    if found is None or int(found[1]) == 0:
        raise Refused("« {text} » n’est pas un délai : écrivez 45min, 12h ou 30j.", text=text)
    return int(found[1]) * _UNITS_S[found[2].lower()]


def read_changes(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as values: fields of `channel.videofields` and `visibility`.

    Raises:
        Refused: nothing, an unknown field, or a value it cannot hold.
    """
    if not typed:
        raise Refused("Dites ce qui doit changer : un titre, une description, une visibilité…")
    return {
        field: remote.read_visibility(value) if field == remote.VISIBILITY else fields.read_own_value(field, value)
        for field, value in typed.items()
    }


def meant_with(publication: Publication, changes: Mapping[str, Any]) -> VideoMetadata:
    """What the platform would be sent with these changes, for its objections."""
    meant = publications.metadata(publication.episode, publication.platform)
    return videofields.with_fields(meant, {field: value for field, value in changes.items() if value != ""})


def plan(
    session: Session,
    episode: Episode,
    platform: str,
    changes: Mapping[str, Any],
    zone: ZoneInfo,
    now: datetime,
    by: str,
    *,
    at: datetime | None = None,
    after_s: int | None = None,
    objections: Sequence[str] = (),
) -> PlannedChange:
    """Plan a change for an instant, or for so many seconds after it airs (then it follows when that is moved).

    Raises:
        Refused: nothing planned on this platform yet, before air, the past, or the platform objects.
    """
    publication = on(episode, platform)
    if (at is None) == (after_s is None):
        raise Refused("Choisissez un instant, ou un délai après la mise en ligne.")
    if at is not None:
        airs_at = publication.air_at or publication.scheduled_at
        if at <= now:
            raise Refused("Cet instant est déjà passé : choisissez-en un à venir.")
        if airs_at is not None and at <= airs_at:
            raise Refused("« {title} » ne sera pas encore en ligne à cet instant.", title=episode.title)
    elif publication.air_at is not None and publication.air_at + timedelta(seconds=after_s or 0) <= now:
        raise Refused("Ce délai après la mise en ligne est déjà passé : choisissez un instant à venir.")
    if objections:
        raise Refused("Ce changement ne serait pas accepté : {why}", why=" ".join(objections))
    made = PlannedChange(
        publication=publication,
        at=at,
        wall_time=f"{at.astimezone(zone):%Y-%m-%dT%H:%M} {zone.key}" if at else None,
        after_s=after_s,
        changes=dict(changes),
        planned_by=by,
        planned_at=now,
    )
    session.add(made)
    session.flush()
    episodes.touch(episode, now)
    _write(session, made, "publication.plan_change", now, by)
    return made


def cancel(session: Session, episode: Episode, change_id: int, now: datetime, by: str) -> None:
    """Take a planned change away before it is made.

    Raises:
        NotFound: not a change of this episode.
        Refused: made or cancelled already.
    """
    found = next(
        (each for there in episode.publications for each in there.planned_changes if each.id == change_id), None
    )
    if found is None:
        raise NotFound("« {title} » n’a pas ce changement prévu.", title=episode.title)
    if found.done_at is not None or found.cancelled_at is not None:
        raise Refused("Ce changement est déjà fait ou annulé.")
    found.cancelled_at = now
    episodes.touch(episode, now)
    _write(session, found, "publication.cancel_change", now, by)


def due(session: Session, now: datetime) -> list[PlannedChange]:
    """Changes whose instant has come, of videos that are on air; one that a stop of ours delayed is made late."""
    waiting = session.scalars(
        select(PlannedChange)
        .join(PlannedChange.publication)
        .where(
            PlannedChange.done_at.is_(None),
            PlannedChange.cancelled_at.is_(None),
            Publication.state == PublicationState.ON_AIR,
        )
    )
    return sorted((each for each in waiting if _comes_at(each) <= now), key=lambda each: (_comes_at(each), each.id))


def carry_out(session: Session, change: PlannedChange, now: datetime) -> None:
    """Mean it from now on: the platform is told like of any correction."""
    publication = change.publication
    change.done_at = now
    try:
        remote.change_now(session, publication.episode, publication.platform, change.changes, now, change.planned_by)
    except Refused as refused:
        change.reason = str(refused)
        episodes.touch(publication.episode, now)
    _write(session, change, "publication.planned_change", now, "pasvu")


def comes_at(change: PlannedChange) -> datetime | None:
    """When it is made: its instant, or so long after air, as far as that is known."""
    if change.at is not None:
        return change.at
    airs_at = change.publication.air_at or change.publication.scheduled_at
    return airs_at + timedelta(seconds=change.after_s or 0) if airs_at else None


def on(episode: Episode, platform: str) -> Publication:
    """The episode's publication, planned or there.

    Raises:
        Refused: none, or it was withdrawn.
    """
    publication = publications.of(episode, platform)
    gone = (PublicationState.WITHDRAWN, PublicationState.FAILED)
    if publication is None or publication.state in gone:
        raise Refused("« {title} » n’est pas prévu sur {platform}.", title=episode.title, platform=platform)
    return publication


def _comes_at(change: PlannedChange) -> datetime:
    at = comes_at(change)
    assert at is not None  # on air, it has an instant
    return at


def _write(session: Session, change: PlannedChange, action: str, now: datetime, by: str) -> None:
    publication = change.publication
    journal.write(
        session,
        now,
        by,
        action,
        episode_id=publication.episode_id,
        before={
            "platform": publication.platform,
            **{field: remote.meant(publication, field) for field in change.changes},
        },
        after={"platform": publication.platform, **change.changes},
    )
