"""A home, the command line run in this process, and an episode ready to review without the work of preparing it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pasvu.channel import intake
from pasvu.channel.clock import WallClock
from pasvu.channel.database import Record
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.channel.values import Loudness, MediaInfo, Trim
from pasvu.door.cli import main
from pasvu.ingest.claim import Drop, claim

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Line:
    """The command line in one home."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str | Path, typed: str | None = None) -> Result:
        """One command, whatever becomes of it."""
        env = {"PASVU_HOME": str(self.home), "PASVU_FREE_DISK_GIB": "0", **self.environ}
        result = CliRunner().invoke(main, [str(word) for word in words], env=env, input=typed)
        unforeseen = result.exception is not None and not isinstance(result.exception, SystemExit)
        assert not unforeseen, result.exc_info
        assert "Traceback" not in result.output
        return result

    def call(self, *words: str | Path, typed: str | None = None) -> Result:
        """One command that does its work."""
        result = self.run(*words, typed=typed)
        assert result.exit_code == 0, result.output
        return result

    def begin(self) -> None:
        """`init`, its record laid there already: made once, for that takes half a second."""
        self.home.mkdir()
        (self.home / "pasvu.db").write_bytes(_record_of_init())
        self.call("init")

    def ask(self, *words: str | Path) -> Any:
        """One command's document: all there is on stdout."""
        return json.loads(self.call(*words, "--json").stdout)

    def refused(self, *words: str | Path) -> str:
        """The one sentence of a command that refuses; nothing of it on stdout."""
        result = self.run(*words)
        assert result.exit_code == 1, result.output
        assert result.stdout == ""
        (sentence,) = result.stderr.strip().splitlines()
        return sentence

    @property
    def record(self) -> Record:
        return Record(f"sqlite:///{self.home / 'pasvu.db'}", pool_size=2)


@cache
def _record_of_init() -> bytes:
    with TemporaryDirectory() as folder:
        first = Line(Path(folder) / "home")
        first.call("init")
        assert not list(first.home.glob("pasvu.db-*"))
        return (first.home / "pasvu.db").read_bytes()


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.chdir(tmp_path)
    return Line(tmp_path / "home")


@pytest.fixture
def reviewable(line: Line, tmp_path: Path) -> Episode:
    """An episode of one minute, in review."""
    line.begin()
    return make_reviewable(line, tmp_path, "Une nuit aux urgences")


def make_reviewable(line: Line, folder: Path, title: str) -> Episode:
    """An episode in review; its files are there, its measures are made up."""
    file = folder / f"{title.replace('/', '_')}.mp4"
    file.write_bytes(title.encode() * 100)
    record, folders = line.record, Folders(line.home)
    drop = Drop([str(file).encode()], "command", "Le grand angle", title, keep_source=True)
    episode_id = claim(record, folders, WallClock(), drop, "test")
    master = folders.renditions / episode_id / "master-1.mp4"
    master.parent.mkdir()
    master.write_bytes(b"master")
    with record.write() as session:
        episode = session.get_one(Episode, episode_id)
        info = MediaInfo("mp4", 60.0, video_codec="h264", audio_codec="aac", width=320, height=180, fps=25.0)
        intake.begin(session, episode, NOW)
        episode.recording.parts[0].sha256 = "0" * 64
        intake.keep_info(episode, [info])
        intake.keep_measures(episode, Loudness(-20.0, -3.0, 6.0), {}, None, NOW)
        intake.propose(episode, Trim(5.0, 55.0, "Début à 0:05."), [], [])
        intake.keep_rendition(episode, "master", 1, master, 6, "1" * 64, 50.0, Loudness(-14.0, -1.5, 5.0), NOW)
        intake.offer_for_review(session, episode, 1, NOW)
    record.close()
    return episode
