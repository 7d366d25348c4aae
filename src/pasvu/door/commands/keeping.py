"""Keeping: backup and restore of the record and the secrets, and the key that seals them."""

from __future__ import annotations

from pathlib import Path

import click

from pasvu.channel.folders import Folders
from pasvu.door.backups import back_up, bring_back
from pasvu.door.shell import CONSOLE_ACTOR, home_option, house, say, settings


@click.command()
@home_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write a consistent copy of the record and the secrets, while running."""
    with house() as opened:
        back_up(opened.record, opened.folders, file)
    say(f"Sauvegarde écrite : {file}. Les enregistrements, eux, se copient à part.")


@click.command()
@home_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Bring a backup back; the present record is set aside, never lost."""
    found = settings()
    aside = bring_back(found.url, Folders(found.home.absolute()), file)
    say(f"Sauvegarde rétablie. L’état d’avant est dans {aside}." if aside else "Sauvegarde rétablie.")


@click.group()
def key() -> None:
    """The key that seals authorisations in the record."""


@key.command("rotate")
@home_option
def rotate() -> None:
    """Make a new key, seal everything with it, erase the former one; stopped anywhere, the same command goes on.

    May run while the product does. Where several machines share a record: stop the others, then copy the file to them.
    """
    with house() as opened:
        begun, shut = opened.connection.replace_key(CONSOLE_ACTOR)
    say("Le changement de clé qui avait commencé est terminé." if begun else "La clé est changée, l’ancienne effacée.")
    if shut:
        say(f"{shut} secret(s) qu’aucune clé n’ouvrait sont restés tels quels : reconnectez la chaîne au besoin.")


COMMANDS = (backup, restore, key)
