"""Footage made once, and homes to run the product in."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from pasvu.demo.footage import make_footage
from pasvu.ingest.tools import Tools, find_tools

from .product import Home

Clip = Callable[[int], bytes]


@pytest.fixture(scope="session")
def tools() -> Tools:
    return find_tools()


@pytest.fixture(scope="session")
def clip(tools: Tools, make: Callable[..., bytes], tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """One small recording, as many times as wanted: the same pictures, each time a little less loud."""
    path = tmp_path_factory.mktemp("footage") / "footage.mp4"
    make_footage(tools, path, seconds=14, size=(320, 180), talks=1)

    @cache
    def numbered(number: int) -> bytes:
        # Their masters must differ too: a platform takes no video twice.
        quieter = ("-c:v", "copy", "-af", f"volume={-number / 10}dB", "-c:a", "aac", "-movflags", "+faststart")
        return make(f"clip-{number}.mp4", "-i", str(path), *quieter)

    return numbered


@pytest.fixture(scope="session")
def make(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    """Runs ffmpeg with the given words; the file it made."""
    folder = tmp_path_factory.mktemp("made")

    def made(name: str, *words: str) -> bytes:
        path = folder / name
        subprocess.run([tools.ffmpeg, "-nostdin", "-v", "error", "-y", *words, path], check=True, timeout=60)
        return path.read_bytes()

    return made


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system, where a rename is not possible."""
    disk = Path("/dev/shm")
    if not disk.is_dir() or disk.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second file system to drop files on")
    with tempfile.TemporaryDirectory(prefix="pasvu-", dir=disk) as folder:
        yield Path(folder)
