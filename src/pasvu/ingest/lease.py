"""Asks the kernel whether some program has a file open for writing, and keeps it from starting to (Linux leases)."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from enum import StrEnum

# fcntl.h; Python names the others.
_F_SETSIG = 10
_NO_WAIT = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


class Held(StrEnum):
    """Who holds a file."""

    FREE = "free"
    BY_A_WRITER = "by_a_writer"
    UNKNOWN = "unknown"
    """The system does not tell: another owner's file, or a file system without leases."""


class Lease:
    """A file that nobody can begin to write while it lasts: who tries waits until it ends (45 s at most).

    A read lease is granted only when nobody has the file open for writing (fcntl(2), F_SETLEASE).
    """

    def __init__(self, handle: int, held: Held) -> None:
        self._handle, self.held = handle, held

    def stat(self) -> os.stat_result:
        """What the file is, whatever its name has become."""
        return os.fstat(self._handle)

    @property
    def broken(self) -> bool:
        """Whether somebody wants to write meanwhile, and waits."""
        if self.held is not Held.FREE:
            return False
        return fcntl.fcntl(self._handle, fcntl.F_GETLEASE) != fcntl.F_RDLCK


@contextmanager
def lease(path: bytes) -> Iterator[Lease]:
    """The file under a read lease, where the system grants one; without waiting, even for a pipe.

    Raises:
        OSError: it cannot be opened.
    """
    handle = os.open(path, _NO_WAIT)
    try:
        yield Lease(handle, _ask(handle))
    finally:
        os.close(handle)  # ends the lease


@contextmanager
def leases(paths: Sequence[bytes]) -> Iterator[list[Lease]]:
    """Several files at once, as `lease`."""
    with ExitStack() as stack:
        yield [stack.enter_context(lease(path)) for path in paths]


def held_by(path: bytes) -> Held:
    """Who holds the file now; a file that cannot be opened is taken for one that is being written."""
    try:
        with lease(path) as asked:
            return asked.held
    except OSError:
        return Held.BY_A_WRITER


def _ask(handle: int) -> Held:
    try:
        # Whoever breaks a lease has its holder told by SIGIO, which ends a process that does not expect it.
        # SIGURG is passed over by default.
        fcntl.fcntl(handle, _F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except (OSError, AttributeError) as refused:
        return Held.BY_A_WRITER if getattr(refused, "errno", None) == errno.EAGAIN else Held.UNKNOWN
    return Held.FREE
