"""What examining a file told is asked once, and again when the file or the tools are no longer the same."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pasvu.ingest import examined, inspect
from pasvu.ingest.facts import Examined, Packets
from pasvu.ingest.tools import Tools

from .conftest import Film

pytestmark = pytest.mark.media


def test_the_answer_is_kept_as_long_as_the_file_is_the_same(
    tools: Tools, film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    told, packets = inspect.examine_frames(tools, film.path)
    assert packets is not None

    def ask(tools: Tools, path: Path, name: str | None = None) -> tuple[Examined, Packets]:
        asked.append(path)
        return told, packets

    monkeypatch.setattr(inspect, "examine_frames", ask)
    path = shutil.copy(film.path, tmp_path / "un film \udce9trange.mp4")
    first, second = (examined.examine(tools, path, tmp_path) for _ in range(2))
    assert first == second == film.examined
    frames = examined.frames(tools, path, tmp_path)
    assert frames is not None
    assert np.array_equal(frames.shown, packets.shown)
    assert np.array_equal(frames.decoded, packets.decoded)
    assert np.array_equal(frames.keys, packets.keys)
    assert len(asked) == 1
    examined.examine(replace(tools, version="n9"), path, tmp_path)
    os.utime(path, ns=(1, 1))
    examined.examine(tools, path, tmp_path)
    assert len(asked) == 3
    (kept,) = tmp_path.glob("*.npz")
    kept.write_bytes(kept.read_bytes()[:500])
    assert examined.frames(tools, path, tmp_path) is None
    assert examined.examine(tools, path, tmp_path) == film.examined
    assert len(asked) == 4
