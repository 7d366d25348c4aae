"""Who may enter and what they may do: accounts, passwords, one-time invitations."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pasvu.channel import journal, names, queries
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import Account, Invitation

ROLES = ("media", "producer", "staff", "admin")
PASSWORD_SHORTEST = 12
INVITATION_LASTS = timedelta(days=7)
A_VISIT = timedelta(hours=4)

# OWASP's small profile: 19 MiB and about 30 ms. The library's default wants 64 MiB on four lanes for each sign-in.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = threading.Semaphore(2)
# Verified for unknown names, so that the time of a refusal does not tell which names exist.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$5GYwS0o5bZkYvWlx2tAo6sQzQhKJ4E0cFbM5sCqV3Vw"


@dataclass(frozen=True)
class Invited:
    """An invitation just made; the token is shown once and never kept."""

    token: str
    role: str
    expires_at: datetime


def create(session: Session, name: str, role: str, password: str | None, now: datetime, by: str) -> Account:
    """A new account; without a password it waits for its invitation.

    Raises:
        Refused: an unknown role, a name taken or empty, a password too short.
    """
    shown = " ".join(name.split())
    key = names.fold(shown)
    if not key:
        raise Refused("Donnez un nom au compte.")
    if role not in ROLES:
        raise Refused("Le rôle « {role} » n’existe pas ; il y a : {roles}.", role=role, roles=", ".join(ROLES))
    if session.scalar(select(Account.id).where(Account.name == key)):
        raise Refused("Le compte « {name} » existe déjà.", name=shown)
    made = Account(
        id=names.new_id(),
        name=key,
        shown_name=shown,
        role=role,
        password_hash=_hash(password) if password is not None else None,
        created_at=now,
    )
    session.add(made)
    journal.write(session, now, by, "account.create", after={"name": shown, "role": role})
    return made


def sign_in(session: Session, name: str, password: str, now: datetime) -> Account | None:
    """The account whose password this is, or `None`; takes as long for a name that does not exist."""
    account = session.scalar(select(Account).where(Account.name == names.fold(name.strip())))
    kept = account.password_hash if account is not None and account.disabled_at is None else None
    with _AT_ONCE:
        try:
            _HASHER.verify(kept or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return None
    if account is None or kept is None:
        return None
    see(session, account, now)
    return account


def by_subject(session: Session, subject: str, now: datetime) -> Account | None:
    """The open account that is this person at the identity provider; being known there lets nobody in by itself."""
    found = session.scalar(select(Account).where(Account.subject == subject, Account.disabled_at.is_(None)))
    if found is not None:
        see(session, found, now)
    return found


def bind_subject(session: Session, account: Account, subject: str, now: datetime, by: str) -> None:
    """Say that this account is that person at the identity provider.

    Raises:
        Refused: another account is already.
    """
    other = session.scalar(select(Account).where(Account.subject == subject, Account.id != account.id))
    if other is not None:
        raise Refused("Cette identité est déjà celle du compte « {name} ».", name=other.shown_name)
    account.subject = subject
    journal.write(session, now, by, "account.bind", after={"name": account.shown_name})


def see(session: Session, account: Account, now: datetime) -> None:
    """Note a visit; after four hours away, the last one becomes « votre dernière visite »."""
    if account.last_seen_at is None or now - account.last_seen_at > A_VISIT:
        account.previous_visit_at, account.previous_visit_views = account.last_seen_at, account.last_seen_views
    # Kept with the visit: to add up millions of snapshots at each page would cost more than the page.
    account.last_seen_at, account.last_seen_views = now, queries.all_views(session)


def set_password(session: Session, account: Account, password: str, now: datetime, by: str) -> None:
    """A new password; every session of this account ends.

    Raises:
        Refused: too short.
    """
    account.password_hash = _hash(password)
    account.epoch += 1
    journal.write(session, now, by, "account.password", after={"name": account.shown_name})


def set_role(session: Session, account: Account, role: str, now: datetime, by: str) -> None:
    """A new role; every session of this account ends.

    Raises:
        Refused: an unknown role, or the last administrator would be lost.
    """
    if role not in ROLES:
        raise Refused("Le rôle « {role} » n’existe pas ; il y a : {roles}.", role=role, roles=", ".join(ROLES))
    if role != "admin":
        _keep_an_administrator(session, account)
    before = account.role
    account.role = role
    account.epoch += 1
    journal.write(
        session, now, by, "account.role", before={"role": before}, after={"name": account.shown_name, "role": role}
    )


def renew_feed(session: Session, account: Account, now: datetime) -> None:
    """Another private address for the calendar of this account; the former one is worth nothing from here."""
    account.feed_number += 1
    journal.write(session, now, account.shown_name, "account.feed", after={"name": account.shown_name})


def disable(session: Session, account: Account, now: datetime, by: str) -> None:
    """Close an account; its sessions end and its name stays in the journal.

    Raises:
        Refused: it is the last administrator.
    """
    _keep_an_administrator(session, account)
    account.disabled_at = now
    account.epoch += 1
    journal.write(session, now, by, "account.disable", after={"name": account.shown_name})


def find(session: Session, name: str) -> Account:
    """The account of this name.

    Raises:
        NotFound: none.
    """
    account = session.scalar(select(Account).where(Account.name == names.fold(name.strip())))
    if account is None:
        raise NotFound("Aucun compte « {name} ». `pasvu user list` les énumère.", name=name)
    return account


def anyone(session: Session) -> bool:
    """Whether an account exists that can sign in."""
    count = session.scalar(
        select(func.count(Account.id)).where(Account.password_hash.is_not(None), Account.disabled_at.is_(None))
    )
    return bool(count)


def invite(session: Session, role: str, now: datetime, by: str, account: Account | None = None) -> Invited:
    """A one-time link's token; for an existing account it sets a new password.

    Raises:
        Refused: an unknown role.
    """
    if role not in ROLES:
        raise Refused("Le rôle « {role} » n’existe pas ; il y a : {roles}.", role=role, roles=", ".join(ROLES))
    token = secrets.token_urlsafe(24)
    expires_at = now + INVITATION_LASTS
    session.add(
        Invitation(
            token_hash=_fingerprint(token),
            role=role,
            account_id=account.id if account else None,
            created_at=now,
            expires_at=expires_at,
        )
    )
    journal.write(session, now, by, "account.invite", after={"role": role})
    return Invited(token, role, expires_at)


def invitation(session: Session, token: str, now: datetime) -> Invitation | None:
    """The invitation this token opens, if it still does."""
    found = session.get(Invitation, _fingerprint(token))
    return found if found is not None and found.used_at is None and found.expires_at > now else None


def accept(session: Session, token: str, name: str, password: str, now: datetime) -> Account:
    """Use an invitation: make the account, or give the invited one its password.

    Raises:
        Refused: the link is used or too old, the name is taken, the password too short.
    """
    found = invitation(session, token, now)
    if found is None:
        raise Refused("Ce lien a déjà servi ou n’est plus valable : demandez-en un autre.")
    account = session.get(Account, found.account_id) if found.account_id else None
    if account is None:
        account = create(session, name, found.role, password, now, name)
    else:
        set_password(session, account, password, now, account.shown_name)
    found.used_at = now
    return account


def _hash(password: str) -> str:
    if len(password) < PASSWORD_SHORTEST:
        raise Refused("Le mot de passe est trop court : douze caractères au moins.")
    with _AT_ONCE:
        return _HASHER.hash(password)


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _keep_an_administrator(session: Session, leaving: Account) -> None:
    others = session.scalar(
        select(func.count(Account.id)).where(
            Account.role == "admin",
            Account.disabled_at.is_(None),
            Account.password_hash.is_not(None),
            Account.id != leaving.id,
        )
    )
    if leaving.role == "admin" and not others:
        raise Refused(
            "« {name} » est le dernier compte d’administration : créez-en un autre avant.", name=leaving.shown_name
        )
