"""Where things lie in the home: one folder to back up."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """The folders of a home; nothing is made before `make`."""

    home: Path

    @property
    def recordings(self) -> Path:
        """Originals: checksummed, never changed, never deleted by us."""
        return self.home / "recordings"

    @property
    def renditions(self) -> Path:
        """Masters, previews, stills, which can be made again; and the captions that people gave, which cannot."""
        return self.home / "renditions"

    @property
    def quarantine(self) -> Path:
        """Refused files, each beside a `.reason.txt`."""
        return self.home / "quarantine"

    @property
    def secrets(self) -> Path:
        """Keys and tokens, for this user alone."""
        return self.home / "secrets"

    def cookies_of(self, site: str) -> Path:
        """Where somebody may leave the cookies of a site, by its key; used when the settings say so."""
        return self.secrets / f"cookies-{site}.txt"

    @property
    def run(self) -> Path:
        """Locks of the processes at work; may be emptied when none is."""
        return self.home / "run"

    @property
    def sandbox(self) -> Path:
        """The stand-in's own memory; may be thrown away."""
        return self.home / "sandbox"

    def make(self) -> None:
        """Make what is missing; secrets for this user alone."""
        for folder in (self.home, self.recordings, self.renditions, self.quarantine, self.run):
            folder.mkdir(parents=True, exist_ok=True)
        self.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.secrets.chmod(0o700)

    def free_bytes(self) -> int:
        """What the disk under the home still takes."""
        return shutil.disk_usage(self.home).free


@dataclass(frozen=True)
class Watched:
    """A watched folder as it is now."""

    path: Path
    there: bool
    writable: bool
    """Whether files can be taken out of it."""
    free_bytes: int | None
    names: tuple[str, ...]
    """Its own folders: each gives its files to a programme."""


def look(path: Path) -> Watched:
    """What a watched folder is like; one that is missing or cannot be read says so by its fields."""
    try:
        inside = tuple(sorted(each.name for each in path.iterdir() if each.is_dir() and not each.name.startswith(".")))
        return Watched(path, True, os.access(path, os.W_OK | os.X_OK), shutil.disk_usage(path).free, inside)
    except OSError:
        return Watched(path, path.exists(), False, None, ())


def sync_folder(folder: Path) -> None:
    """Make the folder's list of names durable: without it, a renamed file may be lost at a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
