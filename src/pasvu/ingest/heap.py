"""Has the memory of long arrays go back to the system as soon as they are done with."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_MMAP_THRESHOLD = -3
"""From glibc's `malloc.h`."""
_LONG_BYTES = 1 << 20


def give_back() -> None:
    """For this process, from now on; where the C library is another one, nothing happens.

    With each long array that is freed, glibc keeps longer ones for itself: 35 MB after listening to 12 h, held while
    media tools work beside us.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LONG_BYTES)
