"""Keys of the read-only API: made once, shown once, kept as a fingerprint, taken back at any time."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import journal
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import ApiToken

# Known at sight, so that one pasted somewhere by mistake is recognised (as GitHub's and GitLab's are).
PREFIX = "pasvu_"
NOTED_EVERY = timedelta(minutes=5)


def create(session: Session, name: str, now: datetime, by: str) -> str:
    """A new key; this is the only time it is seen.

    Raises:
        Refused: without a name nobody would know what it is for.
    """
    told = " ".join(name.split())[:80]
    if not told:
        raise Refused("Donnez un nom à la clé : à quoi sert-elle ?")
    secret = PREFIX + secrets.token_urlsafe(32)
    session.add(ApiToken(token_hash=_fingerprint(secret), name=told, created_by=by, created_at=now))
    journal.write(session, now, by, "token.create", after={"name": told})
    return secret


def revoke(session: Session, token_hash: str, now: datetime, by: str) -> None:
    """Take a key back; requests with it are refused from now on.

    Raises:
        NotFound: no such key.
    """
    found = session.get(ApiToken, token_hash)
    if found is None:
        raise NotFound("Cette clé n’existe pas.")
    if found.revoked_at is None:
        found.revoked_at = now
        journal.write(session, now, by, "token.revoke", before={"name": found.name})


def find(session: Session, secret: str) -> ApiToken | None:
    """The key that this secret opens, unless it was taken back."""
    if not secret.startswith(PREFIX):
        return None
    found = session.get(ApiToken, _fingerprint(secret))
    return found if found is not None and found.revoked_at is None else None


def noted(token: ApiToken, now: datetime) -> bool:
    """Whether its use was written down lately: a read must not become a write each time."""
    return token.last_used_at is not None and now - token.last_used_at < NOTED_EVERY


def note(session: Session, token_hash: str, now: datetime) -> None:
    """Write down that it was used."""
    session.get_one(ApiToken, token_hash).last_used_at = now


def every(session: Session) -> list[ApiToken]:
    """Every key, newest first, those taken back last."""
    return list(
        session.scalars(select(ApiToken).order_by(ApiToken.revoked_at.is_not(None), ApiToken.created_at.desc()))
    )


def _fingerprint(secret: str) -> str:
    # 256 bits of chance: a plain digest cannot be guessed back, and a slow one would cost each request.
    return hashlib.sha256(secret.encode()).hexdigest()
