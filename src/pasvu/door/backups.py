"""Backups: one archive with a consistent copy of the record, the captions and pictures people gave, and the secrets."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from contextlib import closing
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path, PurePosixPath

from sqlalchemy.engine import make_url

from pasvu.channel.database import Record
from pasvu.channel.errors import Refused
from pasvu.channel.folders import Folders, sync_folder
from pasvu.door.presence import alone

DATABASE = "pasvu.db"
SECRETS = "secrets"
COOKIES = "cookies-*.txt"
GIVEN = {"captions": ("*",), "stills": ("given-*", "asked-*")}
"""Of all that lies among the renditions, by folder, the only files that no machine makes again by itself."""


def back_up(record: Record, folders: Folders, file: Path) -> None:
    """Write the archive, for this user alone, whole or not at all.

    Raises:
        Refused: the record is not a SQLite file.
    """
    source = _sqlite_file(record.url)
    with tempfile.TemporaryDirectory(dir=folders.run) as work:
        copy = Path(work) / DATABASE
        # The backup API copies a consistent state under writes; a plain copy was damaged 5 times of 25 (measured).
        with closing(sqlite3.connect(source)) as from_, closing(sqlite3.connect(copy)) as to:
            from_.backup(to)
        aside = file.with_name(f"{file.name}.part")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz") as archive:
                archive.add(copy, DATABASE)
                archive.add(folders.secrets, SECRETS, filter=_travels)
                for name, patterns in GIVEN.items():
                    for given in chain.from_iterable(folders.renditions.glob(f"*/{name}/{each}") for each in patterns):
                        archive.add(given, f"{name}/{given.parent.parent.name}/{given.name}")
            raw.flush()
            os.fsync(raw.fileno())
        aside.rename(file)
    sync_folder(file.absolute().parent)


def bring_back(url: str, folders: Folders, file: Path) -> Path | None:
    """Put the archive's record and secrets in place; where the former ones were set aside.

    Raises:
        Refused: someone works in this home, or the file is not one of our backups.
    """
    target = _sqlite_file(url)
    folders.make()
    with alone(folders.run), tempfile.TemporaryDirectory(dir=folders.home) as work:
        try:
            with tarfile.open(file, "r:gz") as archive:
                _unpack(archive, Path(work), file)
        except (tarfile.TarError, OSError, EOFError, zlib.error) as unreadable:
            raise Refused(f"{file} n’est pas une sauvegarde lisible : {unreadable}.") from unreadable
        copy, secrets = Path(work) / DATABASE, Path(work) / SECRETS
        if not copy.is_file() or not secrets.is_dir() or not _sound(copy):
            raise Refused(f"{file} ne contient pas de base saine : prenez une autre sauvegarde.")
        aside = _set_aside(target, folders)
        copy.rename(target)
        for secret in secrets.iterdir():
            secret.chmod(0o600)
            secret.rename(folders.secrets / secret.name)
        for name in GIVEN:
            _bring_given(Path(work) / name, folders)
    sync_folder(target.parent)
    sync_folder(folders.secrets)
    return aside


def _travels(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    # Somebody's session on another site is not the channel's: it is lent to one machine, and exported again there.
    return None if PurePosixPath(member.name).match(COOKIES) else member


def _unpack(archive: tarfile.TarFile, work: Path, file: Path) -> None:
    """Take out what a backup of ours holds, and refuse whatever else stands in it.

    By hand: `extractall` without its `filter` writes wherever an archive says, and Debian 12's Python has no `filter`.
    """
    for member in archive:
        place = PurePosixPath(member.name)
        ours = place.parts[:1] in ((DATABASE,), (SECRETS,), *((name,) for name in GIVEN)) and ".." not in place.parts
        if not ours or not (member.isreg() or member.isdir()):
            raise Refused(f"{file} contient autre chose qu’une sauvegarde ({member.name}) : prenez-en une autre.")
        target = work.joinpath(*place.parts)
        if member.isdir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        content = archive.extractfile(member)
        assert content is not None  # a regular file has one
        with content, target.open("wb") as out:
            shutil.copyfileobj(content, out)


def _bring_given(kept: Path, folders: Folders) -> None:
    for episode in kept.iterdir() if kept.is_dir() else ():
        there = folders.renditions / episode.name / kept.name
        there.mkdir(parents=True, exist_ok=True)
        for given in episode.iterdir():
            # Their names bear a hash or an id of their own: one that is there already is the same.
            given.replace(there / given.name)
        sync_folder(there)


def _set_aside(target: Path, folders: Folders) -> Path | None:
    if not target.exists():
        return None
    aside = folders.home / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    aside.mkdir()
    # The write-ahead log belongs to the former database: left beside the new one, it would be read into it.
    for name in (target.name, f"{target.name}-wal", f"{target.name}-shm"):
        if (target.parent / name).exists():
            (target.parent / name).rename(aside / name)
    for secret in folders.secrets.iterdir():
        if not secret.match(COOKIES):
            secret.rename(aside / secret.name)
    return aside


def _sound(copy: Path) -> bool:
    try:
        with closing(sqlite3.connect(copy)) as database:
            return bool(database.execute("PRAGMA quick_check").fetchone()[0] == "ok")
    except sqlite3.DatabaseError:
        return False


def _sqlite_file(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise Refused("Cette base est sur un serveur : sauvegardez-la avec pg_dump, et le dossier `secrets` à part.")
    return Path(parsed.database)
