"""Publishing by hand, and connecting the channel."""

from __future__ import annotations

import time
from pathlib import Path

import click

from pasvu.channel.errors import Refused
from pasvu.door.foreground import until_published
from pasvu.door.shell import CONSOLE_ACTOR, home_option, house, say
from pasvu.publish.youtube.authorization import read_authorized_user, write_authorized_user


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
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the authorisation into this file, for another machine, instead of keeping it here.",
)
def connect_youtube(client_secret: Path | None, token_file: Path | None, out: Path | None) -> None:
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
            from pasvu.publish.youtube import oauth

            assert client_secret is not None
            text = client_secret.read_text()
            user = oauth.connect(text, say)
            if out is not None:
                write_authorized_user(out, user)
                say(f"{out} vaut un mot de passe : portez-le là où il sert, puis effacez-le.")
                return
            opened.connection.keep_client(text, CONSOLE_ACTOR)
        channel = opened.connection.keep(user, CONSOLE_ACTOR)
        say(f"Chaîne connectée : {channel.title} ({channel.id})")


@click.command()
@home_option
@click.argument("platform", type=click.Choice(["youtube"]))
def disconnect(platform: str) -> None:
    """Take the authorisation back at the platform, and erase it here."""
    with house() as opened:
        if opened.connection.disconnect(CONSOLE_ACTOR):
            say("Déconnecté : l’autorisation est retirée et effacée.")
        else:
            say(
                "L’autorisation est effacée ici, mais la plateforme n’a pas confirmé : retirez-la aussi sur "
                "myaccount.google.com/permissions."
            )


COMMANDS = (publish, connect, disconnect)
