"""Figures: collecting, showing, exporting views."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import click

from pasvu.channel import episodes, figures
from pasvu.channel.documents import instant, views_document
from pasvu.channel.errors import Refused
from pasvu.channel.spreadsheet import harmless
from pasvu.door import weekly
from pasvu.door.shell import home_option, house, json_option, say, show, table
from pasvu.publish.checking import look
from pasvu.publish.counting import count, count_channels


@click.group()
def views() -> None:
    """How many watched."""


@views.command()
@home_option
def collect() -> None:
    """Ask the platforms now."""
    with house() as opened:
        now = opened.clock.now()
        look(opened.desk, now)
        chosen = opened.settings
        taken = count(opened.desk, now, everything=True, cadence=chosen.cadence, zone=chosen.zone)
        count_channels(opened.desk)
        say(f"{taken} relevés.")


@views.command("show")
@home_option
@click.argument("reference", metavar="[E]", required=False)
@json_option
def show_views(reference: str | None, as_json: bool) -> None:
    """Show figures of one episode, or of all on air."""
    with house() as opened, opened.record.read() as session:
        if reference is not None:
            documents = [views_document(session, episodes.find(session, reference))]
        else:
            aired = [publication.episode for publication in figures.on_air(session)]
            documents = [views_document(session, episode) for episode in dict.fromkeys(aired)]
        show(documents[0] if reference is not None else documents, as_json, lambda: _write(documents))


def _write(documents: list[dict[str, Any]]) -> None:
    rows = []
    for document in documents:
        for publication in document["publications"]:
            latest = publication["latest"] or {}
            frozen = ", ".join(
                f"{each['hours']} h : {each['views']} ± {each['error_views']}" for each in publication["horizons"]
            )
            rows.append((document["episode"], latest.get("views"), latest.get("taken_at"), frozen or None))
    table(("Épisode", "Vues", "Mesuré à", "Figé"), rows)


@views.command()
@home_option
@click.option(
    "--csv", "path", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
)
def export(path: Path) -> None:
    """Write every snapshot as CSV."""
    with house() as opened, opened.record.read() as session, path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(["episode", "title", "platform", "video_id", "air_at", "taken_at", "views"])
        rows = 0
        for publication in figures.on_air(session):
            for snapshot in figures.curve(session, publication.id):
                writer.writerow(
                    [
                        publication.episode_id,
                        harmless(publication.episode.title),
                        publication.platform,
                        harmless(publication.video_id or ""),
                        instant(publication.air_at),
                        instant(figures.instant(snapshot.taken_at)),
                        snapshot.views,
                    ]
                )
                rows += 1
        say(f"{rows} relevés dans {path}.")


@views.command()
@home_option
@click.option("--html", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write the page to this file.")
@click.option("--send", "sending", is_flag=True, help="Send it to the addresses of `alerts_to` now.")
def week(path: Path | None, sending: bool) -> None:
    """Make the page of the last whole week, to keep or to send."""
    with house() as opened:
        if path is None and not sending:
            raise click.UsageError("Give --html FILE, --send, or both.")
        if path is not None:
            path.write_text(weekly.page(opened), encoding="utf-8")
            say(f"La semaine est dans {path}.")
        if sending and not weekly.send(opened):
            raise Refused("La semaine n’est pas partie : vérifiez le réglage `alerts_to`.")


COMMANDS = (views,)
