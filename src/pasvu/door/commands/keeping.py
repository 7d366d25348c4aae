"""Keeping: backup and restore of the record and the secrets."""

from __future__ import annotations

from pathlib import Path

import click

from pasvu.channel.folders import Folders
from pasvu.door.backups import back_up, bring_back
from pasvu.door.shell import home_option, house, say, settings


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


COMMANDS = (backup, restore)
