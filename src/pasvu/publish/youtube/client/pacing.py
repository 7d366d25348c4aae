"""A limit to what uploads take of the line: bytes leave in small pieces, each in its turn."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

# Small enough for a line to stay usable between two of them, big enough not to be felt.
PIECE_BYTES = 64 * 1024
BOOT = Path("/proc/sys/kernel/random/boot_id")


class Turns(Protocol):
    """Who may use the line when."""

    def take(self, now: float, for_s: float) -> float:
        """Reserve the line for so many seconds from when it is free, `now` at the earliest; that moment."""
        ...


class OwnTurns:
    """The turns of the threads of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at = 0.0

    def take(self, now: float, for_s: float) -> float:
        """As `Turns`."""
        with self._lock:
            # A line that was idle has saved nothing up: no burst after a pause.
            starts = max(now, self._free_at)
            self._free_at = starts + for_s
        return starts


class SharedTurns:
    """The turns of all processes of one machine that name the same file; the system frees what a killed one held."""

    def __init__(self, file: Path) -> None:
        self._file = file
        # Seconds that only go up are of one start of the machine, and the same for all its processes.
        self._boot = BOOT.read_text().strip() if BOOT.exists() else ""

    def take(self, now: float, for_s: float) -> float:
        """As `Turns`."""
        # Opened each time: a lock belongs to an opening, and threads must wait for each other too.
        held = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            boot, _, free_at = os.read(held, 200).decode().partition(" ")
            starts = max(now, float(free_at)) if boot == self._boot and free_at else now
            os.ftruncate(held, 0)
            os.pwrite(held, f"{self._boot} {starts + for_s!r}".encode(), 0)
        finally:
            os.close(held)
        return starts


class Pace:
    """So many bytes a second for all that share its turns, whatever the number of uploads.

    Args:
        bytes_s: the limit.
        turns: those of this process alone, when none are given.
        monotonic: seconds that only go up; `sleep` waits. Both are of the real world: so is the line.
    """

    def __init__(
        self,
        bytes_s: float,
        turns: Turns | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._bytes_s, self._monotonic, self._sleep = bytes_s, monotonic, sleep
        self._turns = turns or OwnTurns()

    def paced(self, pieces: Iterable[memoryview]) -> Iterator[memoryview]:
        """The pieces, cut smaller, each handed over when the line is free for it; nothing is copied."""
        for piece in pieces:
            for start in range(0, len(piece), PIECE_BYTES):
                part = piece[start : start + PIECE_BYTES]
                now = self._monotonic()
                starts = self._turns.take(now, len(part) / self._bytes_s)
                if starts > now:
                    self._sleep(starts - now)
                yield part
