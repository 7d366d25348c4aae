"""Shows, people, remarks and the journal, as lists."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from pasvu.channel import names
from pasvu.channel.errors import NotFound
from pasvu.channel.models import (
    Account,
    Episode,
    Incoming,
    JournalEntry,
    Programme,
    Remark,
    Thumbnail,
    Upload,
)


def programmes(session: Session) -> list[Programme]:
    """Every show, by name."""
    return list(session.scalars(select(Programme).options(selectinload(Programme.slots)).order_by(Programme.name)))


@dataclass(frozen=True)
class Choice:
    """One of the programmes or people that a list narrows to."""

    key: str
    """The slug of a programme, the id of an account."""
    name: str


def programme_choices(session: Session) -> list[Choice]:
    """Every programme, by name."""
    rows = session.connection().execute(select(Programme.slug, Programme.name).order_by(Programme.name))
    return [Choice(*row) for row in rows.all()]


def people_choices(session: Session) -> list[Choice]:
    """Every account that may be given an episode, by name."""
    given = select(Account.id, Account.shown_name).where(Account.disabled_at.is_(None)).order_by(Account.shown_name)
    return [Choice(*row) for row in session.connection().execute(given).all()]


def people(session: Session) -> list[Account]:
    """Every account that may be given an episode, by name."""
    return list(session.scalars(select(Account).where(Account.disabled_at.is_(None)).order_by(Account.shown_name)))


def account(session: Session, account_id: str) -> Account | None:
    """The account of this id, open or closed."""
    return session.get(Account, account_id)


def every_account(session: Session) -> list[Account]:
    """Every account, closed ones last, by name."""
    return list(session.scalars(select(Account).order_by(Account.disabled_at.is_not(None), Account.shown_name)))


def remark(session: Session, remark_id: int) -> Remark:
    """The remark of this id.

    Raises:
        NotFound: none.
    """
    found = session.get(Remark, remark_id)
    if found is None:
        raise NotFound("Cette remarque n’existe plus.")
    return found


def thumbnail(session: Session, thumbnail_id: int) -> Thumbnail | None:
    """The still of this id."""
    return session.get(Thumbnail, thumbnail_id)


@dataclass(frozen=True)
class Looked:
    """What the journal is narrowed to; empty fields narrow nothing."""

    who: str = ""
    about: str = ""
    """The first word of an action: `episode`, `publication`, `account`, …"""
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    """Words of an episode's title, as the board's search takes them."""


JOURNAL_PAGE = 100


def journal(session: Session, looked: Looked, page: int = 1) -> tuple[list[JournalEntry], bool]:
    """A page of the journal, newest first, and whether an older one follows; `page` counts from 1."""
    lines = select(JournalEntry).order_by(JournalEntry.id.desc())
    if looked.who:
        lines = lines.where(JournalEntry.actor == looked.who)
    if looked.about:
        lines = lines.where(JournalEntry.action.startswith(f"{looked.about}.", autoescape=True))
    if looked.since is not None:
        lines = lines.where(JournalEntry.at >= looked.since)
    if looked.until is not None:
        lines = lines.where(JournalEntry.at < looked.until)
    for word in names.fold(looked.words).split():
        found = select(Episode.id).where(Episode.search.contains(word, autoescape=True))
        lines = lines.where(JournalEntry.episode_id.in_(found))
    found_lines = session.scalars(lines.limit(JOURNAL_PAGE + 1).offset((page - 1) * JOURNAL_PAGE)).all()
    return list(found_lines[:JOURNAL_PAGE]), len(found_lines) > JOURNAL_PAGE


def titles(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Titles of these episodes, by id."""
    rows = session.execute(select(Episode.id, Episode.title).where(Episode.id.in_(set(ids))))
    return dict(rows.all())


def actors(session: Session) -> list[str]:
    """Everyone who ever did something, by name."""
    return list(session.scalars(select(JournalEntry.actor).distinct().order_by(JournalEntry.actor)))


def incoming_by_folder(session: Session, folders: Iterable[Path]) -> dict[Path, int]:
    """How many files wait in each of these folders to be taken."""
    sources = [os.fsdecode(source) for source in session.scalars(select(Incoming.source))]
    return {folder: sum(Path(source).is_relative_to(folder) for source in sources) for folder in folders}


def newest_of_each(session: Session) -> list[Episode]:
    """The newest episode of each programme that has one."""
    newest = select(func.max(Episode.id)).where(Episode.programme_id.is_not(None)).group_by(Episode.programme_id)
    return list(session.scalars(select(Episode).where(Episode.id.in_(newest))))


def history(session: Session, episode_id: str | None = None, limit: int = 50) -> list[JournalEntry]:
    """The last lines of the journal, newest first."""
    lines = select(JournalEntry).order_by(JournalEntry.id.desc()).limit(limit)
    if episode_id is not None:
        lines = lines.where(JournalEntry.episode_id == episode_id)
    return list(session.scalars(lines))


def uploads_under_way(session: Session) -> list[Upload]:
    """Every file on its way through the browser, oldest first."""
    return list(session.scalars(_GROWING))


_GROWING = (
    select(Upload)
    .options(selectinload(Upload.account), selectinload(Upload.programme))
    .where(Upload.finished_at.is_(None))
    .order_by(Upload.created_at)
)
