"""Bringing recordings in: files named on the command line, and finished lives by their address."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pasvu.channel import episodes
from pasvu.channel.documents import episode_document
from pasvu.channel.errors import Refused
from pasvu.channel.states import EpisodeState
from pasvu.door.foreground import until_reviewable
from pasvu.door.house import House
from pasvu.door.shell import CONSOLE_ACTOR, home_option, house, json_option, say, show
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
@click.option("--wait", is_flag=True, help="Return when it is ready to review.")
@json_option
def replay(url: str, programme: str | None, wait: bool, as_json: bool) -> None:
    """Fetch a finished live by its address (needs the setting `replays`)."""
    # Imported here: yt-dlp alone takes most of a second.
    from pasvu.ingest.replay import fetch

    with house() as opened:
        if not opened.settings.replays:
            raise Refused(
                "La récupération des directs est fermée : lisez les règles de la plateforme, puis mettez "
                "`replays = true` dans pasvu.toml."
            )
        fetched = fetch(url, opened.folders.run / "replays", opened.tools.ffmpeg, say)
        drop = Drop([os.fsencode(fetched.path)], "replay", programme, fetched.title)
        episode_id = claim(opened.record, opened.folders, opened.clock, drop, CONSOLE_ACTOR)
        _answer(opened, [episode_id], wait, as_json)


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


COMMANDS = (ingest, replay)
