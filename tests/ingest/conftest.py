"""Tiny clips, made once per session, and the tools that make and read them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

from pasvu.channel.values import Trim
from pasvu.demo.footage import Truth, make_footage
from pasvu.ingest import inspect
from pasvu.ingest.abilities import able
from pasvu.ingest.facts import Examined, Measures
from pasvu.ingest.measure import measure
from pasvu.ingest.tools import Tools, find_tools

from .live_site import make_lives

Make = Callable[..., Path]


@dataclass(frozen=True)
class Film:
    """Footage of which everything is known, and what was found out about it."""

    path: Path
    truth: Truth
    examined: Examined
    measures: Measures

    @property
    def programme(self) -> Trim:
        return Trim(self.truth.programme.start_s, self.truth.programme.end_s)


@pytest.fixture(scope="session")
def tools() -> Tools:
    return find_tools()


@pytest.fixture(scope="session")
def film(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Film:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    truth = make_footage(tools, path, seconds=26, seed=3, talks=2, size=(320, 180))
    return Film(path, truth, examined(tools, path), measured(tools, path))


@lru_cache
def examined(tools: Tools, path: Path) -> Examined:
    """What a file is, found out once: many masters are made of the same film."""
    return inspect.examine(tools, path)


@lru_cache
def measured(tools: Tools, path: Path) -> Measures:
    """What is heard and seen in a film, measured once."""
    info = examined(tools, path).info
    return measure(tools, path, info, sees=able(tools, info).reads)


@pytest.fixture(scope="session")
def lives(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished live in every form that sites serve."""
    folder = tmp_path_factory.mktemp("lives")
    make_lives(tools.ffmpeg, folder)
    return folder


@pytest.fixture(scope="session")
def make(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Runs ffmpeg with the given words and gives back the file that they made; each name is made once."""
    folder = tmp_path_factory.mktemp("clips")

    def made(name: str, *words: str | Path) -> Path:
        path = folder / name
        if not path.exists():
            command = [tools.ffmpeg, "-nostdin", "-v", "error", "-y", *words, path]
            subprocess.run([str(word) for word in command], check=True, timeout=60)
        return path

    return made
