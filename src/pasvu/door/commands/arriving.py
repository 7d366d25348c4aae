"""What lies in the watched folders, and what was set aside: seen, and decided about."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from pasvu.channel import episodes, review
from pasvu.channel.documents import incoming_document, quarantine_document
from pasvu.channel.incoming import take_as_it_is, waiting
from pasvu.channel.models import Episode
from pasvu.channel.states import EpisodeState
from pasvu.channel.typography import amount
from pasvu.door.shell import CONSOLE_ACTOR, home_option, house, json_option, say, show, table
from pasvu.ingest.replacing import replace_part


@click.group()
def incoming() -> None:
    """What lies in the watched folders and is not taken yet, and why."""


@incoming.command("list")
@home_option
@click.option("--all", "everything", is_flag=True, help="What is ignored too: hidden files, leftovers of programs.")
@json_option
def list_incoming(everything: bool, as_json: bool) -> None:
    """List it, as the product last saw it."""
    with house() as opened, opened.record.read() as session:
        rows = [incoming_document(row) for row in waiting(session, everything=everything)]
    show(
        rows,
        as_json,
        lambda: table(
            ("Fichier", "Taille", "Attend", ""),
            [(row["name"], amount(row["bytes"]), row["waiting_for"], row["standing"]) for row in rows],
        ),
    )


@incoming.command()
@home_option
@click.argument("name")
def take(name: str) -> None:
    """Take a copy that stopped, now and as it is."""
    with house() as opened:
        with opened.record.write() as session:
            row = take_as_it_is(session, name, opened.clock.now(), CONSOLE_ACTOR)
            shown = row.shown_name
        say(f"« {shown} » sera pris tel quel.")


@click.group()
def quarantine() -> None:
    """What was set aside: why, and trying again."""


@quarantine.command("list")
@home_option
@json_option
def list_quarantine(as_json: bool) -> None:
    """List what is in quarantine, newest first."""
    with house() as opened, opened.record.read() as session:
        wanted = select(Episode).where(Episode.state == EpisodeState.QUARANTINED).order_by(Episode.updated_at.desc())
        rows = [quarantine_document(episode) for episode in session.scalars(wanted)]
    show(
        rows,
        as_json,
        lambda: table(("Épisode", "Pourquoi"), [(row["slug"], row["reason"]) for row in rows]),
    )


@quarantine.command()
@home_option
@click.argument("reference", metavar="E")
@click.option("--as-it-is", is_flag=True, help="Though its end is missing, or though it was received before.")
def retry(reference: str, as_it_is: bool) -> None:
    """Look at it again: its file was mended where it lies, or is to be used as it is."""
    with house() as opened:
        with opened.record.write() as session:
            found = episodes.find(session, reference)
            review.retry(session, found, opened.clock.now(), CONSOLE_ACTOR, as_it_is=as_it_is)
        say("Relancé.")


@quarantine.command()
@home_option
@click.argument("reference", metavar="E")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--part", "number", default=1, show_default=True, help="Which part of the recording, from 1.")
def replace(reference: str, file: Path, number: int) -> None:
    """Put a mended file in its place and try again; the former one stays in the quarantine folder."""
    with house() as opened:
        replace_part(opened.record, opened.folders, opened.clock, reference, file, CONSOLE_ACTOR, number=number)
        say(f"« {file.name} » remplace la partie {number} : relancé.")


COMMANDS = (incoming, quarantine)
