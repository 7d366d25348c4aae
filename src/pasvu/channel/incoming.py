"""What lies in the watched folders and is not taken yet: shown, and taken as it is where a person says so."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import journal
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import Incoming
from pasvu.channel.values import Standing


@dataclass(frozen=True)
class Arriving:
    """What lies in a watched folder and is not taken, and what it waits for."""

    source: bytes
    shown_name: str
    bytes: int
    fingerprint: str
    waiting_for: str
    standing: Standing = Standing.WAITING


def show(session: Session, arriving: Sequence[Arriving], now: datetime) -> None:
    """Replace what the panel shows as copies in progress."""
    known = {row.source: row for row in session.scalars(select(Incoming))}
    for file in arriving:
        row = known.pop(file.source, None)
        if row is None:
            row = Incoming(source=file.source, first_seen_at=now, steady_since=now, fingerprint=file.fingerprint)
            session.add(row)
        if row.fingerprint != file.fingerprint:
            row.fingerprint, row.steady_since = file.fingerprint, now
            row.take_as_it_is = False
        row.shown_name, row.bytes, row.waiting_for = file.shown_name, file.bytes, file.waiting_for
        row.standing = file.standing
    for gone in known.values():
        session.delete(gone)


def waiting(session: Session, *, everything: bool = False) -> list[Incoming]:
    """What lies in the watched folders, oldest first; `everything`: what is ignored too."""
    wanted = select(Incoming).order_by(Incoming.first_seen_at, Incoming.source)
    if not everything:
        wanted = wanted.where(Incoming.standing != Standing.IGNORED)
    return list(session.scalars(wanted))


def take_as_it_is(session: Session, reference: str, now: datetime, by: str) -> Incoming:
    """Have a copy that stopped taken now, as it is; by its name, or by its path.

    Raises:
        NotFound: no such copy, or several of that name.
        Refused: it did not stop.
    """
    found = [row for row in waiting(session) if reference in (row.shown_name, os.fsdecode(row.source), row.key)]
    if not found:
        raise NotFound(
            "« {name} » n’attend dans aucun dossier. `pasvu incoming list` dit ce qui attend.", name=reference
        )
    if len(found) > 1:
        raise NotFound(
            "Plusieurs fichiers s’appellent « {name} » : donnez le chemin entier, que dit `pasvu incoming list`.",
            name=reference,
        )
    (row,) = found
    if row.standing != Standing.STOPPED:
        raise Refused(
            "« {name} » n’est pas une copie arrêtée ({why}) : il sera pris de lui-même.",
            name=row.shown_name,
            why=row.waiting_for,
        )
    row.take_as_it_is = True
    journal.write(session, now, by, "incoming.as_it_is", after={"file": row.shown_name, "bytes": row.bytes})
    return row


def asked_as_it_is(session: Session) -> set[bytes]:
    """Copies that a person asked to take as they are."""
    return set(session.scalars(select(Incoming.source).where(Incoming.take_as_it_is)))
