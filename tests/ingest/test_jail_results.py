"""Exit code 0 proves nothing: a tool that stops early and says nothing leaves no master."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pasvu.channel.timeline import meant
from pasvu.channel.values import Trim
from pasvu.ingest import commands, process, render
from pasvu.ingest.plan import plan
from pasvu.ingest.tools import Tools

from .conftest import Film

pytestmark = pytest.mark.media


def make_master(tools: Tools, film: Film, out: Path) -> None:
    """A master with its picture made anew: four seconds of the programme."""
    trim = Trim(film.truth.programme.start_s, film.truth.programme.start_s + 4.0)
    level = film.measures.loudness_of(trim)
    shown = meant(trim, ())
    decided = plan(film.examined.info, level, shown, timing=film.examined.timing)
    render.master(tools, film.path, out, film.examined, decided, shown, level)


def test_a_film_that_ends_early_is_thrown_away(
    tools: Tools, film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = commands.command

    def early(tools: Tools, outputs: Sequence[Any], **options: bool) -> list[str]:
        words = honest(tools, outputs, **options)
        # As a tool that is told to stop: a valid film of one second, and exit code 0.
        return [*words[:-1], "-t", "1", words[-1]] if words[-1].endswith(".mp4") else words

    monkeypatch.setattr(commands, "command", early)
    with pytest.raises(process.ToolFailed, match="jetée"):
        make_master(tools, film, tmp_path / "master.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_film_whose_bytes_are_lost_is_thrown_away(
    tools: Tools, film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = process.run

    def losing(args: Sequence[str | Path], **options: Any) -> process.Finished:
        done = honest(args, **options)
        for written in [path for folder in options["writes"] for path in Path(folder).glob("*.mp4")]:
            # As a disk that was full without a word: the index, at the front, still announces everything.
            os.truncate(written, written.stat().st_size * 9 // 10)
        return done

    monkeypatch.setattr(process, "run", losing)
    with pytest.raises(process.ToolFailed, match="jetée"):
        make_master(tools, film, tmp_path / "master.mp4")
    assert list(tmp_path.iterdir()) == []


def test_the_same_film_left_alone_is_kept(tools: Tools, film: Film, tmp_path: Path) -> None:
    make_master(tools, film, tmp_path / "master.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["master.mp4"]
