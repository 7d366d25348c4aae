"""Which platforms are connected: what a person granted, pinned to its channel, and how it fares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import journal
from pasvu.channel.errors import Refused
from pasvu.channel.models import PlatformConnection, Publication
from pasvu.channel.values import RemoteChannel


def find(session: Session, platform: str, server: str) -> PlatformConnection | None:
    """What is kept for this platform on this server."""
    return session.get(PlatformConnection, (platform, server))


def check_channel(kept: PlatformConnection | None, channel: RemoteChannel) -> None:
    """Refuse another channel than the one that is connected.

    Raises:
        Refused: it is pinned to another.
    """
    if kept is not None and kept.channel_id not in (None, channel.id):
        raise Refused(
            "C’est une autre chaîne ({new}) que celle qui est connectée ({known}) : choisissez le bon compte, ou "
            "déconnectez d’abord.",
            new=channel.title or channel.id,
            known=kept.channel_title or kept.channel_id or "?",
        )


def keep(
    session: Session,
    platform: str,
    server: str,
    sealed: str,
    scopes: tuple[str, ...],
    channel: RemoteChannel | None,
    granted_at: datetime,
    now: datetime,
    by: str,
) -> None:
    """Keep an authorisation; from the first time its channel is known, it is pinned to it.

    Raises:
        Refused: it is of another channel.
    """
    kept = _of(session, platform, server)
    if channel is not None:
        check_channel(kept, channel)
        _know(kept, channel)
        kept.checked_at = now
    kept.sealed, kept.scopes, kept.trouble = sealed, list(scopes), None
    kept.granted_at, kept.granted_by = granted_at, by
    after = {"platform": platform, "channel": channel.title or channel.id if channel else None}
    journal.write(session, now, by, "connection.keep", after=after)


def keep_client(session: Session, platform: str, server: str, sealed: str, now: datetime, by: str) -> None:
    """Keep the OAuth client that people connect through."""
    _of(session, platform, server).sealed_client = sealed
    journal.write(session, now, by, "connection.client", after={"platform": platform})


def note_check(
    session: Session, platform: str, server: str, channel: RemoteChannel | None, trouble: str | None, now: datetime
) -> None:
    """Write down how a check went; the first one that succeeds pins the channel."""
    kept = find(session, platform, server)
    if kept is None:
        return
    kept.checked_at, kept.trouble = now, trouble
    if channel is not None and kept.channel_id in (None, channel.id):
        _know(kept, channel)


def forget(session: Session, platform: str, server: str, now: datetime, by: str) -> None:
    """Erase the authorisation and the pin; the OAuth client stays, so that connecting again is one click.

    Raises:
        Refused: nothing is connected.
    """
    kept = find(session, platform, server)
    if kept is None or kept.sealed is None:
        raise Refused("Cette plateforme n’est pas connectée.")
    before = {"platform": platform, "channel": kept.channel_title or kept.channel_id}
    kept.sealed = kept.channel_id = kept.channel_title = kept.long_uploads = None
    kept.granted_at = kept.granted_by = kept.checked_at = kept.trouble = None
    kept.scopes = []
    journal.write(session, now, by, "connection.forget", before=before)


def reseal(session: Session, again: Callable[[str, str | None, str], str | None], now: datetime, by: str) -> int:
    """Seal everything that is kept sealed again; how many could not be opened, and stay as they are.

    `again` takes the sealed text, the server it is for when that is known, and what it is for.
    """
    shut = 0
    for kept in session.scalars(select(PlatformConnection)):
        for field, what in (("sealed", "authorisation"), ("sealed_client", "client")):
            before = getattr(kept, field)
            after = again(before, kept.server, what) if before is not None else None
            shut += before is not None and after is None
            setattr(kept, field, after or before)
    for publication in session.scalars(select(Publication).where(Publication.session_address.is_not(None))):
        before = publication.session_address
        assert before is not None
        after = again(before, None, "upload")
        shut += after is None
        publication.session_address = after or before
    journal.write(session, now, by, "connection.reseal")
    return shut


def _know(kept: PlatformConnection, channel: RemoteChannel) -> None:
    kept.channel_id, kept.channel_title, kept.long_uploads = channel.id, channel.title, channel.long_uploads


def _of(session: Session, platform: str, server: str) -> PlatformConnection:
    kept = find(session, platform, server)
    if kept is None:
        kept = PlatformConnection(platform=platform, server=server, scopes=[])
        session.add(kept)
    return kept
