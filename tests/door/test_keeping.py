"""Backup and restore: the record as it was, nothing lost, and never under the feet of a running product."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from pasvu.channel.models import Episode

from .conftest import Line


def record_of(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of ours."""
    with closing(sqlite3.connect(home / "pasvu.db")) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(database.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in names}


@pytest.fixture
def kept(line: Line, reviewable: Episode, tmp_path: Path) -> Path:
    """A backup of a home with an episode and a secret."""
    (line.home / "secrets" / "youtube.json").write_text("{}")
    (line.home / "secrets" / "cookies-facebook.txt").write_text("lent to this machine")
    captions = tmp_path / "fr.srt"
    captions.write_text("1\n00:00:01,000 --> 01:00:00,000\nBonsoir.\n")
    line.call("episode", "captions", reviewable.id, captions)
    stills = line.home / "renditions" / reviewable.id / "stills"
    stills.mkdir(parents=True, exist_ok=True)
    for name in ("given-01.jpg", "asked-7.jpg", "made-again.jpg"):
        (stills / name).write_bytes(name.encode())
    file = tmp_path / "sauvegarde.tgz"
    line.call("backup", file)
    return file


def test_a_restored_record_is_the_one_that_was_kept(
    line: Line, reviewable: Episode, kept: Path, tmp_path: Path
) -> None:
    before = record_of(line.home)
    line.call("episode", "set", reviewable.id, "title=Changé depuis")
    (line.home / "secrets" / "youtube.json").write_text('{"later": true}')
    changed = record_of(line.home)
    assert changed != before
    line.call("restore", kept)
    assert record_of(line.home) == before
    assert (line.home / "secrets" / "youtube.json").read_text() == "{}"
    # What was there is set aside whole.
    (aside,) = line.home.glob("before-restore-*")
    assert record_of(aside) == changed
    assert (aside / "youtube.json").read_text() == '{"later": true}'
    assert (line.home / "secrets" / "cookies-facebook.txt").exists()
    # And elsewhere, on a new machine.
    elsewhere = Line(tmp_path / "elsewhere")
    elsewhere.call("restore", kept)
    assert record_of(elsewhere.home) == before
    assert not (elsewhere.home / "secrets" / "cookies-facebook.txt").exists()
    assert elsewhere.ask("episode", "show", reviewable.id)["title"] == reviewable.title
    # What people wrote and no machine can make again comes along.
    (given,) = (elsewhere.home / "renditions" / reviewable.id / "captions").iterdir()
    assert "Bonsoir." in given.read_text()
    stills = {path.name: path.read_text() for path in given.parent.with_name("stills").iterdir()}
    assert stills == {"given-01.jpg": "given-01.jpg", "asked-7.jpg": "asked-7.jpg"}


def test_a_backup_is_for_its_owner_alone(kept: Path, line: Line, tmp_path: Path) -> None:
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    elsewhere = Line(tmp_path / "elsewhere")
    elsewhere.call("restore", kept)
    assert stat.S_IMODE((elsewhere.home / "secrets" / "youtube.json").stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "flipped", "no database", "foreign"])
def test_a_damaged_backup_is_refused_and_nothing_is_lost(
    line: Line, reviewable: Episode, kept: Path, tmp_path: Path, damage: str
) -> None:
    content = kept.read_bytes()
    match damage:
        case "cut":
            kept.write_bytes(content[: len(content) // 2])
        case "text":
            kept.write_text("Ceci n'est pas une sauvegarde.")
        case "empty":
            kept.write_bytes(b"")
        case "flipped":
            kept.write_bytes(content[:5000] + bytes(byte ^ 0xFF for byte in content[5000:6000]) + content[6000:])
        case "no database":
            (tmp_path / "readme").write_text("x")
            with tarfile.open(kept, "w:gz") as archive:
                archive.add(tmp_path / "readme", "readme")
        case "foreign":
            (tmp_path / "secrets").mkdir()
            (tmp_path / "pasvu.db").write_bytes(b"SQLite format 3\0" + bytes(5000))
            with tarfile.open(kept, "w:gz") as archive:
                archive.add(tmp_path / "pasvu.db", "pasvu.db")
                archive.add(tmp_path / "secrets", "secrets")
    before = record_of(line.home)
    assert "sauvegarde" in line.refused("restore", kept)
    assert record_of(line.home) == before
    assert (line.home / "secrets" / "youtube.json").read_text() == "{}"
    assert sorted(path.name for path in line.home.glob("tmp*")) == []


def test_an_archive_cannot_write_outside_its_place(line: Line, tmp_path: Path) -> None:
    line.begin()
    evil = tmp_path / "evil.tgz"
    (tmp_path / "x").write_text("x")
    with tarfile.open(evil, "w:gz") as archive:
        archive.add(tmp_path / "x", "../../escaped")
    assert "sauvegarde" in line.refused("restore", evil)
    assert not list(tmp_path.rglob("escaped"))


@pytest.mark.parametrize("part", [["run", "--no-web"], ["run", "--no-worker", "--no-web"]])
def test_a_running_product_is_backed_up_and_never_restored(
    line: Line, reviewable: Episode, kept: Path, tmp_path: Path, part: list[str]
) -> None:
    environ = {**os.environ, "PASVU_HOME": str(line.home)}
    with subprocess.Popen(
        [sys.executable, "-m", "pasvu", *part], env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as product:
        try:
            assert product.stdout is not None
            assert any("Ensuite" in said for said in product.stdout)
            line.call("backup", tmp_path / "running.tgz")
            before = record_of(line.home)["episode"]
            assert "Arrêtez d’abord pasvu" in line.refused("restore", kept)
            assert record_of(line.home)["episode"] == before
        finally:
            product.send_signal(signal.SIGTERM)
            begun = time.monotonic()
            assert product.wait(timeout=10) == 0
            assert time.monotonic() - begun < 5
    line.call("restore", tmp_path / "running.tgz")
    assert line.ask("episode", "show", reviewable.id)["title"] == reviewable.title
