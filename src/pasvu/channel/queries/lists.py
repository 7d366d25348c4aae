"""Shows, people, remarks and the journal, as lists."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from pasvu.channel.errors import NotFound
from pasvu.channel.models import (
    Account,
    JournalEntry,
    Programme,
    Remark,
    Thumbnail,
    Upload,
)


def programmes(session: Session) -> list[Programme]:
    """Every show, by name."""
    return list(session.scalars(select(Programme).options(selectinload(Programme.slots)).order_by(Programme.name)))


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


def history(session: Session, episode_id: str | None = None, limit: int = 50) -> list[JournalEntry]:
    """The last lines of the journal, newest first."""
    lines = select(JournalEntry).order_by(JournalEntry.id.desc()).limit(limit)
    if episode_id is not None:
        lines = lines.where(JournalEntry.episode_id == episode_id)
    return list(session.scalars(lines))


def uploads_under_way(session: Session) -> list[Upload]:
    """Every file on its way through the browser, oldest first."""
    shown = (selectinload(Upload.account), selectinload(Upload.programme))
    growing = select(Upload).options(*shown).where(Upload.finished_at.is_(None)).order_by(Upload.created_at)
    return list(session.scalars(growing))
