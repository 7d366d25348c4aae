"""A limit to what uploads take of the line: bytes leave in small pieces, each in its turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator

# Small enough for a line to stay usable between two of them, big enough not to be felt.
PIECE_BYTES = 64 * 1024


class Pace:
    """So many bytes a second for all threads that share it, whatever the number of uploads.

    Args:
        bytes_s: the limit.
        monotonic: seconds that only go up; `sleep` waits. Both are of the real world: so is the line.
    """

    def __init__(
        self,
        bytes_s: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._bytes_s, self._monotonic, self._sleep = bytes_s, monotonic, sleep
        self._turn = threading.Lock()
        self._free_at = monotonic()

    def paced(self, pieces: Iterable[memoryview]) -> Iterator[memoryview]:
        """The pieces, cut smaller, each handed over when the line is free for it; nothing is copied."""
        for piece in pieces:
            for start in range(0, len(piece), PIECE_BYTES):
                part = piece[start : start + PIECE_BYTES]
                self._wait(len(part))
                yield part

    def _wait(self, size: int) -> None:
        with self._turn:
            now = self._monotonic()
            # A line that was idle has saved nothing up: no burst after a pause.
            starts = max(now, self._free_at)
            self._free_at = starts + size / self._bytes_s
        if starts > now:
            self._sleep(starts - now)
