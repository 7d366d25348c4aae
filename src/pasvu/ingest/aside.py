"""Gives a finished file its name: written aside, forced to disk, renamed; no half-written file ever bears it."""

from __future__ import annotations

import os
from pathlib import Path

from pasvu.channel.folders import sync_folder


def keep(part: Path, final: Path) -> Path:
    """Make `part` the file `final`, safe against a power cut (the renaming too: hence the folder's fsync)."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(final)
    sync_folder(final.parent)
    return final
