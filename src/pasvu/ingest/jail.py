"""Says what a media tool may touch: the files it was given, its own libraries, so much memory; no network.

A decoder reads what strangers made, and decoders have faults: it is taken for lost. What is decided here is written as
arguments of `launch.py`, which closes the jail around itself before it becomes the tool. Linux only: Landlock for the
files (https://docs.kernel.org/userspace-api/landlock.html), seccomp for the system calls.
"""

from __future__ import annotations

import ctypes
import logging
import os
import platform
import struct
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pasvu.ingest import calls

log = logging.getLogger(__name__)

GIB = 1 << 30
MEMORY = 4 * GIB
"""Of addresses, not of RAM: 4K made anew needs 2.4 GB; a crafted file of 14 kB took 1.6 GB in a minute and went on."""
_MANY_CORES, _PER_CORE = 16, GIB // 8
"""Each thread of an encoder holds frames of its own: on 32 cores 4K needs 5.5 GB (measured)."""
OPEN_FILES = 256
_BYTES_PER_S = 8_000_000
"""64 Mbit/s: more than any film that we make."""
_CREATE_RULESET = 444  # the same number on every machine
_ASK_VERSION = 1
_PR_GET_SECCOMP = 21

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_FILE, MAKE_FILE, TRUNCATE = 1 << 5, 1 << 8, 1 << 14
_FOR_FOLDERS = READ_DIR | REMOVE_FILE | MAKE_FILE
_ALL_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_LATEST_RIGHTS = (1 << 16) - 1

_ALWAYS = ("/dev/urandom", "/proc/cpuinfo", "/sys/devices/system/cpu")
"""Random numbers, and how many threads are worth starting."""
_LIBRARIES: tuple[str, ...] = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/nix/store")
_LIBRARIES += ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/proc/self")

_NONE = b""
_INTERPRETER = 3  # PT_INTERP of an ELF file


@dataclass(frozen=True)
class Kernel:
    """What this machine can forbid. `landlock` is the version of its rules on files, 0 for none."""

    landlock: int
    seccomp: bool
    machine: str

    @property
    def closed(self) -> bool:
        """Whether a tool can be kept from everything that it was not given."""
        return self.landlock > 0 and self.seccomp

    @property
    def closes_ports(self) -> bool:
        """Whether a tool can be given one port and no other: from Landlock 4 (Linux 6.7) on."""
        return self.landlock >= 4 and self.seccomp


@dataclass(frozen=True)
class Online:
    """The network of a tool that has any: one TCP port, and the most bytes that a file of its may hold.

    With `handover`, an inherited socket, the tool gets a network of its own with nothing in it but that port, and the
    one who listens there is sent through that socket: for kernels that do not close ports. `secret` is an open file
    that it inherits too.
    """

    port: int
    largest: int
    handover: int | None = None
    secret: int | None = None


@lru_cache
def kernel() -> Kernel:
    """What this machine can forbid, asked once; what is missing is said in the log."""
    machine = platform.machine()
    if sys.platform != "linux":
        found = Kernel(0, False, machine)
    else:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall.restype = ctypes.c_long
        version = int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION))
        known = machine in calls.ARCHITECTURES and sys.maxsize > 1 << 32
        found = Kernel(max(0, version), known and libc.prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) >= 0, machine)
    if not found.closed:
        log.warning(
            "media tools run without a whole jail (Landlock %s, seccomp %s): take trusted files only",
            found.landlock or "absent",
            "present" if found.seccomp else "absent",
        )
    return found


def memory() -> int:
    """Bytes of memory that a tool may have on this machine."""
    return MEMORY + _PER_CORE * max(0, (os.cpu_count() or 1) - _MANY_CORES)


def words(
    on: Kernel,
    program: Path,
    reads: Iterable[Path] | None,
    writes: Iterable[Path] | None,
    *,
    deadline_s: float,
    duration_s: float | None = None,
    online: Online | None = None,
) -> list[str]:
    """What `launch.py` must do before it becomes `program`: one word per limit, right and filter.

    `reads` and `writes` are files or folders; a file that is not there needs no right. With neither (`None`) the files
    are left open: only for programs of ours that read nothing received. `online` opens one port.
    """
    given, made = list(reads or ()), list(writes or ())
    said = _limits(given, deadline_s, duration_s, online)
    if on.landlock and (reads is not None or writes is not None):
        said.append("rules=" + ",".join(map(str, _handled(on.landlock))))
        said += _rights(on.landlock, program, given, made)
        if online is not None and online.handover is None:
            said.append(f"port={online.port}")
    if online is not None and online.handover is not None:
        said.append(f"apart={online.port}={online.handover}")
    if on.seccomp:
        said.append("filter=" + calls.filter_program(on.machine, tcp=online is not None).hex())
    return said


def _limits(reads: Sequence[Path], deadline_s: float, duration_s: float | None, online: Online | None) -> list[str]:
    size = sum(path.stat().st_size for path in reads if path.is_file())
    limits = {
        "AS": memory(),
        # Above any real result; only a film that never ends is stopped by this.
        "FSIZE": online.largest if online else 4 * size + round(_BYTES_PER_S * (duration_s or 0.0)) + GIB,
        "NOFILE": OPEN_FILES,
        # The watch stops what is late by the clock; this stops what the watch cannot, should we die.
        "CPU": round(deadline_s * (os.cpu_count() or 1)) + 1,
        # A crash of a decoder must not leave a picture of someone's recording on the disk.
        "CORE": 0,
    }
    return [f"limit=RLIMIT_{name}={value}" for name, value in limits.items()]


def _handled(version: int) -> tuple[int, int, int]:
    """All that Landlock of this version can forbid: on files, on TCP ports, towards other processes."""
    # Ports from version 4 (bind, connect); abstract sockets and signals from version 6.
    return _ALL_RIGHTS.get(version, _LATEST_RIGHTS), 3 if version >= 4 else 0, 3 if version >= 6 else 0


def _rights(version: int, program: Path, reads: Sequence[Path], writes: Sequence[Path]) -> list[str]:
    known = _handled(version)[0]
    rights = [(Path("/dev/null"), READ_FILE | WRITE_FILE | TRUNCATE), (program, READ_FILE | EXECUTE)]
    rights += [(Path(name), READ_FILE | READ_DIR) for name in _ALWAYS]
    loader = _loader(program)
    if loader != _NONE:
        # The folder beside it: a build unpacked in /opt brings its own libraries.
        beside = program.resolve().parent.parent / "lib"
        # A script starts programs that only it knows.
        right = READ_FILE | READ_DIR | (0 if loader else EXECUTE)
        rights += [(path, right) for path in (*map(Path, _LIBRARIES), beside)]
    if loader:
        rights.append((Path(os.fsdecode(loader)), READ_FILE | EXECUTE))
    rights += [(path, READ_FILE | READ_DIR) for path in reads]
    # To read again what it wrote: an MP4's index is brought to the front at the end.
    rights += [(path, READ_FILE | READ_DIR | WRITE_FILE | MAKE_FILE | REMOVE_FILE | TRUNCATE) for path in writes]
    said = []
    for path, right in rights:
        if path.exists():
            right &= known if path.is_dir() else known & ~_FOR_FOLDERS
            said.append(f"allow={right}={path.absolute()}")
    return said


def _loader(program: Path) -> bytes | None:
    """What loads the program's libraries: `_NONE` for one whole file as the wheel's is, `None` for a script."""
    try:
        with program.open("rb") as file:
            head = file.read(64)
            if len(head) < 64 or head[:5] != b"\x7fELF\x02":
                return None
            (table,) = struct.unpack_from("<Q", head, 32)
            entry_size, entries = struct.unpack_from("<HH", head, 54)
            for number in range(entries):
                file.seek(table + number * entry_size)
                kind, _, at, _, _, size = struct.unpack("<IIQQQQ", file.read(40))
                if kind == _INTERPRETER:
                    file.seek(at)
                    return file.read(size).rstrip(b"\0")
    except (OSError, struct.error):
        return None
    return _NONE
