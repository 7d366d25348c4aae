"""Starting the product, or parts of it; making its home; checking it."""

from __future__ import annotations

from pathlib import Path

import click

from pasvu.channel import accounts
from pasvu.channel.errors import Refused
from pasvu.door import checks
from pasvu.door.house import House
from pasvu.door.product import Product
from pasvu.door.shell import CONSOLE_ACTOR, home_option, house, json_option, say, settings, show

MARKS = {"ok": "✓", "warning": "!", "wrong": "✗"}


@click.command()
@home_option
@click.option("--no-web", is_flag=True, help="Without the panel.")
@click.option("--no-watch", is_flag=True, help="Without the watched folders.")
@click.option("--no-worker", is_flag=True, help="Without jobs: another process does them.")
def run(no_web: bool, no_watch: bool, no_worker: bool) -> None:
    """Run the product: watcher, worker and panel in one process."""
    _run(web=not no_web, watch=not no_watch, work=not no_worker)


@click.command()
@home_option
def web() -> None:
    """Run the panel alone."""
    _run(web=True, watch=False, work=False)


@click.command()
@home_option
def worker() -> None:
    """Run a worker alone: jobs and ticks, no panel, no watched folder."""
    _run(web=False, watch=False, work=True)


def _run(*, web: bool, watch: bool, work: bool) -> None:
    with house() as opened:
        product = Product(opened)
        rehearsal = product.rehearse()
        if work:
            product.work()
        if watch:
            product.watch()
        address = product.serve() if web else None
        _welcome(opened, address, rehearsal, watch)
        product.wait()


def _welcome(opened: House, address: str | None, rehearsal: str | None, watch: bool) -> None:
    click.echo("Pas vu à la télé")
    if address is not None:
        click.echo(f"  Panneau         {address}")
        link = _first_login(opened, address)
        if link is not None:
            click.echo(f"  Premier compte  {link}")
            click.echo("                  (lien à usage unique : choisissez-y votre nom et votre mot de passe)")
    if watch:
        for folder in opened.settings.watch_dirs:
            click.echo(f"  Dépôt           {folder}")
    if rehearsal is not None:
        click.echo(
            f"  Répétition      {rehearsal}  (la chaîne comme un spectateur la verrait ; rien ne part sur YouTube)"
        )
    click.echo("Ensuite : déposez une vidéo dans le dépôt, elle apparaît dans « Arrivages ». Ctrl-C pour arrêter.")


def _first_login(opened: House, address: str) -> str | None:
    with opened.record.write() as session:
        if accounts.anyone(session):
            return None
        invited = accounts.invite(session, "admin", opened.clock.now(), "pasvu")
    return f"{address}/bienvenue/{invited.token}"


@click.command()
@home_option
@click.option("--admin", help="Name of the first administrator.")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the administrator's password from this file.",
)
def init(admin: str | None, password_file: Path | None) -> None:
    """Make folders, database and, if asked, the first administrator."""
    if (admin is None) != (password_file is None):
        raise click.UsageError("--admin and --password-file go together.")
    with house() as opened:
        if admin is not None and password_file is not None:
            with opened.record.write() as session:
                password = password_file.read_text().strip("\r\n")
                accounts.create(session, admin, "admin", password, opened.clock.now(), CONSOLE_ACTOR)
        say(f"Prêt : {opened.folders.home}")


@click.command()
@home_option
@json_option
def check(as_json: bool) -> None:
    """Say what is well and what is not, each with its cure."""
    settings()  # an unreadable setting is the first thing to say
    with house() as opened:
        lines = checks.all_of(opened)
    document = [
        {"subject": line.subject, "level": line.level, "sentence": line.sentence, "cure": line.cure} for line in lines
    ]

    def human() -> None:
        for line in lines:
            click.echo(f"{MARKS[line.level]} {line.subject} : {line.sentence}")
            if line.cure:
                click.echo(f"    → {line.cure}")

    show(document, as_json, human)
    if any(line.level == "wrong" for line in lines):
        raise Refused("Au moins un point ne va pas : voyez les lignes marquées ✗.")


@click.command()
@home_option
@json_option
def demo(as_json: bool) -> None:
    """Run the whole road once on footage it makes itself, on a sped-up clock, and print it."""
    # Imported here: nothing else needs it.
    from pasvu.demo.road import travel

    kept = click.get_current_context().ensure_object(dict).get("home")
    travel(kept, as_json=as_json)


COMMANDS = (run, web, worker, init, check, demo)
