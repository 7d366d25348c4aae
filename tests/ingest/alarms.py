"""Alarms for the tests of the jail: whoever opens a watched file, or calls a watched port, is noted by the kernel."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_IN_OPEN, _IN_NONBLOCK = 0x20, os.O_NONBLOCK
_EVENT = struct.Struct("iIII")


class Opened:
    """Names of the files of some folders that anyone opened; refused openings do not count."""

    def __init__(self, *folders: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.inotify_init1(_IN_NONBLOCK)
        assert self._fd >= 0, os.strerror(ctypes.get_errno())
        for folder in folders:
            assert libc.inotify_add_watch(self._fd, os.fsencode(folder), _IN_OPEN) >= 0

    def since(self) -> set[str]:
        """Those opened since it was last asked."""
        names = set()
        with suppress(BlockingIOError):
            while heard := os.read(self._fd, 1 << 16):
                at = 0
                while at < len(heard):
                    *_, length = _EVENT.unpack_from(heard, at)
                    at += _EVENT.size
                    names.add(os.fsdecode(heard[at : at + length].rstrip(b"\0")))
                    at += length
        return names - {""}

    def close(self) -> None:
        os.close(self._fd)


@contextmanager
def calls() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine, and what each caller said first."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                with line:
                    line.settimeout(5)
                    with suppress(OSError):
                        heard.append(line.recv(200))

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)
