"""Freeze periods: nothing whose instant falls inside is handed to a platform, or left with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import episodes, journal, queries
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import Episode, Freeze, FreezeOverride, Programme, Publication
from pasvu.channel.schedule import FrozenPeriod, frozen_by
from pasvu.channel.states import PublicationState

_WAITING = (PublicationState.PLANNED, PublicationState.UPLOADING, PublicationState.HELD, PublicationState.FAILED)


def add(
    session: Session,
    since: datetime,
    until: datetime,
    reason: str,
    now: datetime,
    by: str,
    *,
    programme: Programme | None = None,
) -> Freeze:
    """Freeze `[since, until)`, for one programme or the whole channel; instants already handed over are taken back.

    Raises:
        Refused: no reason, or a period that is empty or past.
    """
    why = " ".join(reason.split())
    if not why:
        raise Refused("Dites pourquoi rien ne doit sortir : la raison sera affichée à toute l’équipe.")
    if since >= until:
        raise Refused("Le gel finit avant d’avoir commencé : inversez les deux dates.")
    if until <= now:
        raise Refused("Cette période est déjà passée : choisissez-en une à venir.")
    made = Freeze(
        since=since,
        until=until,
        reason=why,
        programme_id=programme.id if programme else None,
        created_at=now,
        created_by=by,
    )
    session.add(made)
    session.flush()
    held = _tell_platforms(session, made, now)
    journal.write(
        session,
        now,
        by,
        "freeze.add",
        after={
            "freeze": made.id,
            "since": since.isoformat(),
            "until": until.isoformat(),
            "reason": why,
            "programme": programme.slug if programme else None,
            "episodes": [publication.episode.title for publication in held],
        },
    )
    return made


def lift(session: Session, freeze: Freeze, now: datetime, by: str) -> list[Publication]:
    """End a freeze before its time; what it held back is handed over again. Returns those publications.

    Raises:
        Refused: it is over already.
    """
    if freeze.lifted_at is not None or freeze.until <= now:
        raise Refused("Ce gel est déjà terminé.")
    freeze.lifted_at, freeze.lifted_by = now, by
    released = _tell_platforms(session, freeze, now)
    journal.write(session, now, by, "freeze.lift", after={"freeze": freeze.id, "reason": freeze.reason})
    return released


def override(
    session: Session, freeze: Freeze, publication: Publication, reason: str, now: datetime, by: str
) -> FreezeOverride:
    """Let one publication go on air in spite of a freeze; a person answers for it by name.

    Raises:
        Refused: no reason, it is let through already, or the freeze does not hold it back.
    """
    why = " ".join(reason.split())
    title = publication.episode.title
    if not why:
        raise Refused(
            "Dites pourquoi « {title} » doit sortir malgré le gel : votre nom et la raison restent.", title=title
        )
    if any(each.publication_id == publication.id for each in freeze.overrides):
        raise Refused("« {title} » est déjà autorisé malgré ce gel.", title=title)
    at = publication.scheduled_at
    if freeze.lifted_at is not None or at is None or not period(freeze).holds(at, publication.episode.programme_id):
        raise Refused("Ce gel ne retient pas « {title} » : il n’y a rien à autoriser.", title=title)
    made = FreezeOverride(freeze_id=freeze.id, publication_id=publication.id, at=now, by=by, reason=why)
    freeze.overrides.append(made)
    _unsettle(publication, now)
    journal.write(
        session,
        now,
        by,
        "freeze.override",
        episode_id=publication.episode_id,
        after={"freeze": freeze.id, "frozen_for": freeze.reason, "reason": why},
    )
    return made


def let_through(session: Session, publication: Publication, reason: str, now: datetime, by: str) -> None:
    """Override every freeze that holds a publication back from its own instant; none is no error."""
    while (period := of(session, publication)) is not None:
        override(session, find(session, period.freeze_id), publication, reason, now, by)


def find(session: Session, freeze_id: int) -> Freeze:
    """The freeze of this number.

    Raises:
        NotFound: none.
    """
    found = session.get(Freeze, freeze_id)
    if found is None:
        raise NotFound("Aucun gel n° {number}. `pasvu freeze list` les énumère.", number=freeze_id)
    return found


def periods(session: Session, since: datetime) -> list[FrozenPeriod]:
    """What the pure rule needs of those freezes."""
    return [period(freeze) for freeze in queries.freezes_between(session, since)]


def holding(session: Session, episode: Episode, at: datetime, publication_id: int | None = None) -> FrozenPeriod | None:
    """The freeze that keeps this episode from going on air at `at`, or `None`."""
    # `until` is the first free instant: a freeze that ends right at `at` holds nothing back.
    return frozen_by(periods(session, at), at, episode.programme_id, publication_id)


def of(session: Session, publication: Publication) -> FrozenPeriod | None:
    """The freeze that holds a publication back from its own instant, or `None`."""
    if publication.scheduled_at is None:
        return None
    return holding(session, publication.episode, publication.scheduled_at, publication.id)


def period(freeze: Freeze) -> FrozenPeriod:
    """What the pure rule needs of one freeze."""
    let_through = frozenset(each.publication_id for each in freeze.overrides)
    return FrozenPeriod(freeze.id, freeze.since, freeze.until, freeze.reason, freeze.programme_id, let_through)


def _tell_platforms(session: Session, freeze: Freeze, now: datetime) -> list[Publication]:
    let_through = [each.publication_id for each in freeze.overrides]
    inside = (
        select(Publication)
        .join(Publication.episode)
        .where(
            Publication.scheduled_at >= freeze.since,
            Publication.scheduled_at < freeze.until,
            Publication.state.in_(_WAITING),
            Publication.id.not_in(let_through),
        )
        .order_by(Publication.scheduled_at)
    )
    if freeze.programme_id is not None:
        inside = inside.where(Episode.programme_id == freeze.programme_id)
    concerned = list(session.scalars(inside))
    for publication in concerned:
        _unsettle(publication, now)
    return concerned


def _unsettle(publication: Publication, now: datetime) -> None:
    left = publication.held_at is not None or publication.telling_at is not None
    if left or publication.state == PublicationState.HELD:
        publication.settled = False
        publication.next_try_at = None
    episodes.touch(publication.episode, now)
