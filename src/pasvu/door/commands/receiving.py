"""Bringing recordings in: files named on the command line, and finished lives by their address."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pasvu.channel import episodes, queries, replays, sites
from pasvu.channel.documents import episode_document, replay_document
from pasvu.channel.errors import Refused
from pasvu.channel.schedule import read_instant
from pasvu.channel.states import REPLAY_WORDS, EpisodeState, ReplayState
from pasvu.channel.typography import fine
from pasvu.door.foreground import until_fetched, until_reviewable
from pasvu.door.house import House
from pasvu.door.shell import CONSOLE_ACTOR, home_option, house, json_option, say, show, table
from pasvu.ingest.claim import Drop, claim


@click.command()
@home_option
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--programme", help="The show's slug; made if it is new.")
@click.option("--title", help="Instead of the one read from the file's name.")
@click.option("--together", is_flag=True, help="The files are parts of one recording, in this order.")
@click.option("--wait", is_flag=True, help="Return when they are ready to review.")
@json_option
def ingest(
    paths: tuple[Path, ...], programme: str | None, title: str | None, together: bool, wait: bool, as_json: bool
) -> None:
    """Receive files, as if they had been dropped; the files themselves stay where they are."""
    named = [os.fsencode(path) for path in paths]
    groups = [named] if together else [[path] for path in named]
    with house() as opened:
        ids = [
            claim(
                opened.record,
                opened.folders,
                opened.clock,
                Drop(group, "command", programme, title, keep_source=True),
                CONSOLE_ACTOR,
            )
            for group in groups
        ]
        _answer(opened, ids, wait, as_json)


@click.command()
@home_option
@click.argument("url")
@click.option("--programme", help="The show's slug; made if it is new.")
@click.option("--on-air", "on_air", metavar="DATE", help="When it went on air, for a site that does not say.")
@click.option("--later", is_flag=True, help="Only ask: the running product fetches it.")
@click.option("--wait", is_flag=True, help="Return when it is ready to review, however long the site takes.")
@json_option
def replay(url: str, programme: str | None, on_air: str | None, later: bool, wait: bool, as_json: bool) -> None:
    """Fetch a finished live by its address (needs the setting `replays`)."""
    if later and wait:
        raise click.UsageError("--later returns at once, --wait does not: choose one.")
    with house() as opened:
        live_at = read_instant(on_air, opened.settings.zone) if on_air else None
        with opened.record.write() as session:
            asked = replays.ask(
                session,
                url,
                opened.clock.now(),
                CONSOLE_ACTOR,
                allowed=opened.settings.replays,
                # Whoever may run commands may read the whole home: every site is open to them.
                any_site=True,
                programme=programme,
                live_at=live_at,
            )
            request_id = asked.id
            say(fine(sites.by_key(asked.site).rules))
        if later:
            _show_replays(opened, as_json, only=request_id)
            return
        until_fetched(opened, request_id, patient=wait)
        with opened.record.read() as session:
            request = replays.find(session, request_id)
            if request.state is ReplayState.WAITING:
                raise Refused(
                    f"{request.reason} `pasvu run` le reprendra de lui-même ; `pasvu replays` dit où il en est."
                )
            if request.episode_id is None:
                raise Refused(request.reason or "La récupération a été arrêtée.")
            episode_id = request.episode_id
        _answer(opened, [episode_id], wait, as_json)


@click.command("replays")
@home_option
@json_option
def list_replays(as_json: bool) -> None:
    """List the lives that were asked for, newest first."""
    with house() as opened:
        _show_replays(opened, as_json)


def _show_replays(opened: House, as_json: bool, *, only: str | None = None) -> None:
    with opened.record.read() as session:
        found = queries.replays(session, opened.clock.now(), allowed=opened.settings.replays)
        rows = [row for row in found.rows if only in (None, row.id)]
        documents = [replay_document(row) for row in rows]

        def human() -> None:
            table(
                ("Direct", "État", "Fait", "Gardé encore", "Pourquoi"),
                [
                    (
                        row.title or row.address,
                        REPLAY_WORDS[row.state],
                        f"{row.percent} %" if row.percent is not None else None,
                        f"{max(0, row.days_left)} j" if row.days_left is not None else None,
                        row.reason or row.comparison,
                    )
                    for row in rows
                ],
            )

        show(documents[0] if only else documents, as_json, human)


def _answer(opened: House, ids: list[str], wait: bool, as_json: bool) -> None:
    if wait:
        until_reviewable(opened, ids)
    with opened.record.read() as session:
        found = [episodes.find(session, episode_id) for episode_id in ids]
        documents = [episode_document(session, episode) for episode in found]

        def human() -> None:
            for episode in found:
                click.echo(f"{episode.id}  {episode.state}  {episode.title}")

        show(documents if len(documents) > 1 else documents[0], as_json, human)
        if wait:
            for episode in found:
                if episode.state != EpisodeState.IN_REVIEW:
                    raise Refused(f"« {episode.title} » : {episode.state_reason or episode.state}")


COMMANDS = (ingest, list_replays, replay)
