"""Accounts: who may enter."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from pasvu.channel import accounts
from pasvu.channel.documents import instant
from pasvu.channel.models import Account
from pasvu.door.shell import CONSOLE_ACTOR, home_option, house, json_option, say, show, table

password_option = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the password from this file.",
)


@click.group()
def user() -> None:
    """Accounts and roles."""


@user.command()
@home_option
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(accounts.ROLES), help="What the person may do.")
@password_option
def add(name: str, role: str, password_file: Path | None) -> None:
    """Make an account; without a password, print its one-time link."""
    with house() as opened, opened.record.write() as session:
        now = opened.clock.now()
        password = _read(password_file) if password_file else None
        made = accounts.create(session, name, role, password, now, CONSOLE_ACTOR)
        if password is None:
            session.flush()
            invited = accounts.invite(session, role, now, CONSOLE_ACTOR, made)
            address = f"http://{opened.settings.host}:{opened.settings.port}"
            click.echo(f"{address}/bienvenue/{invited.token}")
        say(f"Compte « {made.shown_name} » ({role}) créé.")


@user.command("list")
@home_option
@json_option
def list_users(as_json: bool) -> None:
    """List the accounts."""
    with house() as opened, opened.record.read() as session:
        document = [
            {
                "name": account.shown_name,
                "role": account.role,
                "disabled": account.disabled_at is not None,
                "waiting": account.password_hash is None,
                "created_at": instant(account.created_at),
                "last_seen_at": instant(account.last_seen_at),
            }
            for account in session.scalars(select(Account).order_by(Account.shown_name))
        ]
    show(
        document,
        as_json,
        lambda: table(
            ("Nom", "Rôle", "Vu à", ""),
            [(row["name"], row["role"], row["last_seen_at"], "fermé" if row["disabled"] else "") for row in document],
        ),
    )


@user.command()
@home_option
@click.argument("name")
def disable(name: str) -> None:
    """Close an account; its sessions end."""
    with house() as opened, opened.record.write() as session:
        accounts.disable(session, accounts.find(session, name), opened.clock.now(), CONSOLE_ACTOR)
    say("Compte fermé.")


@user.command()
@home_option
@click.argument("name")
@password_option
def password(name: str, password_file: Path | None) -> None:
    """Change a password; sessions of that account end."""
    chosen = _read(password_file) if password_file else click.prompt("Mot de passe", hide_input=True, err=True)
    with house() as opened, opened.record.write() as session:
        accounts.set_password(session, accounts.find(session, name), chosen, opened.clock.now(), CONSOLE_ACTOR)
    say("Mot de passe changé.")


def _read(path: Path) -> str:
    return path.read_text().strip("\r\n")


COMMANDS = (user,)
