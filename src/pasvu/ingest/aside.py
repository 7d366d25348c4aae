"""Gives a finished file its name: written aside, forced to disk, renamed; no half-written file ever bears it."""

from __future__ import annotations

import os
from pathlib import Path


def keep(part: Path, final: Path) -> Path:
    """Make `part` the file `final`, safe against a power cut (the renaming too: hence the folder's fsync)."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(final)
    folder = os.open(final.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return final
