"""Who may enter: accounts, passwords, invitations, the last administrator."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select

from pasvu.channel import accounts
from pasvu.channel.database import Record
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import Account, Invitation, JournalEntry

from .stage import NOW

PASSWORD = "une phrase assez longue"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real hasher takes 30 ms and 19 MiB on purpose."""
    monkeypatch.setattr(accounts, "_HASHER", CHEAP)
    monkeypatch.setattr(accounts, "_NOBODY", CHEAP.hash("nobody"))


def nobody_of_the_product() -> str:
    return str(vars(accounts)["_NOBODY"])


NOBODY = nobody_of_the_product()
HASHER: PasswordHasher = vars(accounts)["_HASHER"]


def test_signing_in(record: Record) -> None:
    with record.write() as session:
        accounts.create(session, "  Nadia   B. ", "producer", PASSWORD, NOW, "pasvu")
    with record.write() as session:
        assert accounts.sign_in(session, "nadia b.", PASSWORD, NOW) is not None
        assert accounts.sign_in(session, " NADIA B. ", PASSWORD, NOW) is not None
        assert accounts.sign_in(session, "nadia b.", PASSWORD + "!", NOW) is None
        assert accounts.sign_in(session, "nobody", PASSWORD, NOW) is None
        kept = session.scalars(select(Account)).one()
        assert (kept.shown_name, kept.last_seen_at) == ("Nadia B.", NOW)
        assert PASSWORD not in (kept.password_hash or "")


def test_every_refusal_takes_the_same_path(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []

    class Watching:
        def verify(self, kept: str, password: str) -> bool:
            verified.append(kept)
            return CHEAP.verify(kept, password)

        hash = CHEAP.hash

    monkeypatch.setattr(accounts, "_HASHER", Watching())
    with record.write() as session:
        accounts.create(session, "known", "staff", PASSWORD, NOW, "pasvu")
        accounts.create(session, "invited", "staff", None, NOW, "pasvu")
        accounts.disable(session, accounts.create(session, "closed", "staff", PASSWORD, NOW, "pasvu"), NOW, "pasvu")
    with record.write() as session:
        for name in ("known", "invited", "closed", "unknown", ""):
            assert accounts.sign_in(session, name, "not the password", NOW) is None
        assert accounts.sign_in(session, "closed", PASSWORD, NOW) is None
    assert len(verified) == 6
    assert all(extract_parameters(kept) == extract_parameters(verified[0]) for kept in verified)


def test_the_hash_verified_for_unknown_names_costs_as_much_as_a_real_one() -> None:
    assert extract_parameters(NOBODY) == extract_parameters(HASHER.hash(PASSWORD))
    with pytest.raises(VerifyMismatchError):
        HASHER.verify(NOBODY, PASSWORD)


@pytest.mark.parametrize(
    ("name", "role", "password", "words"),
    [
        ("", "staff", PASSWORD, "Donnez un nom"),
        ("Karim", "king", PASSWORD, "n’existe pas"),
        ("Karim", "staff", "trop court", "douze caractères"),
        ("NÀDIA", "staff", PASSWORD, "existe déjà"),
    ],
)
def test_an_account_that_cannot_be(record: Record, name: str, role: str, password: str, words: str) -> None:
    with record.write() as session:
        accounts.create(session, "Nadia", "admin", PASSWORD, NOW, "pasvu")
    with pytest.raises(Refused, match=words), record.write() as session:
        accounts.create(session, name, role, password, NOW, "Nadia")
    with record.read() as session:
        assert len(session.scalars(select(Account)).all()) == 1


def test_the_last_administrator_stays(record: Record) -> None:
    with record.write() as session:
        only = accounts.create(session, "Nadia", "admin", PASSWORD, NOW, "pasvu")
        # Neither can open the door: one waits for a password, the other is closed.
        accounts.create(session, "Invitée", "admin", None, NOW, "pasvu")
        closed = accounts.create(session, "Fermé", "admin", PASSWORD, NOW, "pasvu")
        session.flush()
        accounts.disable(session, closed, NOW, "Nadia")
        session.flush()
        with pytest.raises(Refused, match="dernier compte"):
            accounts.disable(session, only, NOW, "Nadia")
        with pytest.raises(Refused, match="dernier compte"):
            accounts.set_role(session, only, "producer", NOW, "Nadia")
        other = accounts.create(session, "Karim", "admin", PASSWORD, NOW, "Nadia")
        session.flush()
        accounts.set_role(session, only, "producer", NOW, "Nadia")
        session.flush()
        with pytest.raises(Refused):
            accounts.disable(session, other, NOW, "Karim")


def test_sessions_end_when_password_or_role_change_or_the_account_closes(record: Record) -> None:
    with record.write() as session:
        accounts.create(session, "Nadia", "admin", PASSWORD, NOW, "pasvu")
        karim = accounts.create(session, "Karim", "media", PASSWORD, NOW, "pasvu")
        session.flush()
        epochs = [karim.epoch]
        accounts.set_password(session, karim, PASSWORD + "!", NOW, "Karim")
        epochs.append(karim.epoch)
        accounts.set_role(session, karim, "staff", NOW, "Nadia")
        epochs.append(karim.epoch)
        accounts.disable(session, karim, NOW, "Nadia")
        epochs.append(karim.epoch)
    assert epochs == sorted(set(epochs))
    with record.read() as session:
        actions = list(session.scalars(select(JournalEntry.action).order_by(JournalEntry.id)))
        lines = list(session.scalars(select(JournalEntry)))
    assert actions[-3:] == ["account.password", "account.role", "account.disable"]
    assert not any(PASSWORD in str((line.before, line.after)) for line in lines)


def test_an_invitation_serves_once(record: Record) -> None:
    with record.write() as session:
        invited = accounts.invite(session, "media", NOW, "Nadia")
    with record.write() as session:
        made = accounts.accept(session, invited.token, "Karim", PASSWORD, NOW + timedelta(days=6))
        assert made.role == "media"
    with pytest.raises(Refused, match="déjà servi"), record.write() as session:
        accounts.accept(session, invited.token, "Intrus", PASSWORD, NOW + timedelta(days=6))
    with record.read() as session:
        assert [each.shown_name for each in session.scalars(select(Account))] == ["Karim"]
        assert invited.token not in str(session.scalars(select(Invitation.token_hash)).all())


def test_an_invitation_that_failed_is_still_good_and_one_too_old_is_not(record: Record) -> None:
    with record.write() as session:
        invited = accounts.invite(session, "media", NOW, "Nadia")
    with pytest.raises(Refused, match="douze caractères"), record.write() as session:
        accounts.accept(session, invited.token, "Karim", "court", NOW)
    with record.write() as session:
        assert accounts.invitation(session, invited.token, NOW) is not None
        assert accounts.invitation(session, invited.token, NOW + accounts.INVITATION_LASTS) is None
        assert accounts.invitation(session, "forged", NOW) is None
    with pytest.raises(Refused), record.write() as session:
        accounts.accept(session, invited.token, "Karim", PASSWORD, NOW + timedelta(days=8))


def test_an_invitation_for_an_account_sets_its_password_and_nothing_else(record: Record) -> None:
    with record.write() as session:
        karim = accounts.create(session, "Karim", "media", None, NOW, "Nadia")
        session.flush()
        invited = accounts.invite(session, "media", NOW, "Nadia", karim)
    with record.write() as session:
        accounts.accept(session, invited.token, "Autre nom", PASSWORD, NOW)
    with record.write() as session:
        assert accounts.sign_in(session, "Karim", PASSWORD, NOW) is not None
        assert accounts.anyone(session)
        assert len(session.scalars(select(Account)).all()) == 1


def test_the_last_visit_is_the_one_before_four_hours_away(record: Record) -> None:
    with record.write() as session:
        nadia = accounts.create(session, "Nadia", "admin", PASSWORD, NOW, "pasvu")
        accounts.see(session, nadia, NOW)
        assert nadia.previous_visit_at is None
        accounts.see(session, nadia, NOW + timedelta(hours=3))
        assert nadia.previous_visit_at is None
        accounts.see(session, nadia, NOW + timedelta(hours=20))
        assert nadia.previous_visit_at == NOW + timedelta(hours=3)


def test_finding(record: Record) -> None:
    with record.write() as session:
        assert not accounts.anyone(session)
        accounts.create(session, "Élodie", "staff", None, NOW, "pasvu")
        session.flush()
        assert accounts.find(session, "elodie").shown_name == "Élodie"
        assert not accounts.anyone(session)
        with pytest.raises(NotFound, match="pasvu user list"):
            accounts.find(session, "personne")
