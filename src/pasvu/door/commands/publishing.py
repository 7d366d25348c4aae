"""Publishing by hand, and connecting the channel."""

from __future__ import annotations

import time
from pathlib import Path

import click

from pasvu.channel.errors import Refused
from pasvu.door.foreground import until_published
from pasvu.door.shell import home_option, house, say
from pasvu.publish.youtube.authorization import read_authorized_user


@click.command()
@home_option
@click.option("--once", is_flag=True, help="End when nothing is due any more.")
def publish(once: bool) -> None:
    """Run the publish ticks now, in the foreground."""
    with house() as opened:
        until_published(opened)
        while not once:
            time.sleep(opened.settings.poll_s)
            until_published(opened)


@click.group()
def connect() -> None:
    """Authorise a platform."""


@connect.command("youtube")
@home_option
@click.option(
    "--client-secret",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="client_secret.json of a desktop client: opens a browser.",
)
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An authorized-user JSON made elsewhere.",
)
def connect_youtube(client_secret: Path | None, token_file: Path | None) -> None:
    """Connect the channel: in the browser with a client secret, or from an authorized-user file."""
    if (client_secret is None) == (token_file is None):
        raise click.UsageError("Give --client-secret FILE or --token-file FILE.")
    with house() as opened:
        if opened.settings.rehearsing:
            raise Refused(
                'En répétition il n’y a rien à connecter : mettez `youtube_url = "google"` dans pasvu.toml d’abord.'
            )
        if token_file is not None:
            user = read_authorized_user(token_file.read_text())
        else:
            # Imported here: the consent flow alone needs it.
            from pasvu.publish.youtube.oauth import connect as ask_for_consent

            assert client_secret is not None
            user = ask_for_consent(client_secret, say)
        opened.connection.keep(user)
        say(f"Chaîne connectée : {opened.platforms['youtube'].channel_id()}")


COMMANDS = (publish, connect)
