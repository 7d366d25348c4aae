"""Who is in a home: every process that opens it is present, and a restore must be alone in it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pasvu.channel.errors import Refused


@contextmanager
def present(run_dir: Path) -> Iterator[None]:
    """Inside, nobody replaces the record under our feet; waits for a restore under way."""
    with _door(run_dir).open("a") as door:
        fcntl.flock(door, fcntl.LOCK_SH)
        yield


@contextmanager
def alone(run_dir: Path) -> Iterator[None]:
    """Inside, no other process opens this home.

    Raises:
        Refused: somebody is in it: the product, a part of it, or a command at work.
    """
    with _door(run_dir).open("a") as door:
        try:
            fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as occupied:
            raise Refused("Arrêtez d’abord pasvu : on ne rétablit pas une base sous ses pieds.") from occupied
        yield


def _door(run_dir: Path) -> Path:
    return run_dir / "home.lock"
