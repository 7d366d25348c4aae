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

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""As the kernel names them to a filter (AUDIT_ARCH_…); another one is another table of numbers."""
_FORBIDDEN = {
    # The network, even towards this machine.
    "socket": (41, 198), "socketpair": (53, 199),
    # Other processes' memory.
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    # What most holes of the kernel itself are reached by.
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "personality": (135, 92), "syslog": (103, 116), "iopl": (172,), "ioperm": (173,),
    "modify_ldt": (154,),
    # Ways around the rules on files.
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "fanotify_init": (300, 262),
    # What Landlock lets pass: the length (before version 3), rights, dates and labels of files that it guards.
    "truncate": (76, 45), "chmod": (90,), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92,), "lchown": (94,), "fchown": (93, 55), "fchownat": (260, 54), "utime": (132,), "utimes": (235,),
    "futimesat": (261,), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "setxattrat": (463, 463), "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    # The machine itself, for a product that is run as root.
    "acct": (163, 89), "quotactl": (179, 60), "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171),
}  # fmt: skip
"""Numbers on x86-64 and on AArch64, which never had those with one number only."""
_ABSENT = {"clone3": (435, 435), "openat2": (437, 437)}
"""Their arguments lie in memory, where a filter cannot look; C libraries then use the older calls."""
_CLONE, _OPEN, _OPENAT = (56, 220), (2,), (257, 56)
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS … CLONE_NEWNET
_O_ACCMODE, _O_TRUNC = 0o3, 0o1000
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_AT = 0, 4, 16


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
        known = machine in _ARCHITECTURES and sys.maxsize > 1 << 32
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
) -> list[str]:
    """What `launch.py` must do before it becomes `program`: one word per limit, right and filter.

    `reads` and `writes` are files or folders; a file that is not there needs no right. With neither (`None`) the files
    are left open: only for programs of ours that read nothing received.
    """
    given, made = list(reads or ()), list(writes or ())
    said = _limits(given, deadline_s, duration_s)
    if on.landlock and (reads is not None or writes is not None):
        said.append("rules=" + ",".join(map(str, _handled(on.landlock))))
        said += _rights(on.landlock, program, given, made)
    if on.seccomp:
        said.append("filter=" + filter_program(on.machine).hex())
    return said


def _limits(reads: Sequence[Path], deadline_s: float, duration_s: float | None) -> list[str]:
    size = sum(path.stat().st_size for path in reads if path.is_file())
    limits = {
        "AS": memory(),
        # Above any real result; only a film that never ends is stopped by this.
        "FSIZE": 4 * size + round(_BYTES_PER_S * (duration_s or 0.0)) + GIB,
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


def filter_program(machine: str) -> bytes:
    """The filter of system calls for this machine, as the kernel's BPF reads it (`struct sock_filter[]`)."""
    which = list(_ARCHITECTURES).index(machine)
    # A call by the numbers of another architecture would be judged by the wrong table.
    program = [(_LOAD, 0, 0, _ARCHITECTURE_AT), (_EQUAL, 1, 0, _ARCHITECTURES[machine]), (_RETURN, 0, 0, _KILL)]
    program += [(_LOAD, 0, 0, _NUMBER_AT)]
    if machine == "x86_64":  # x32, the same numbers from here on
        program += [(_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _KILL)]
    for table, code in ((_FORBIDDEN, _EPERM), (_ABSENT, _ENOSYS)):
        for numbers in table.values():
            for number in numbers[which : which + 1]:
                program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE | code)]
    namespaces = [(_ANY_BIT, 0, 1, _NEW_NAMESPACES), (_RETURN, 0, 0, _REFUSE | _EPERM)]
    program += _on(_CLONE[which], 0, namespaces)
    # Emptied though only opened to be read: Landlock sees that from version 3 (Linux 6.2) on.
    emptied = [
        (_AND, 0, 0, _O_ACCMODE | _O_TRUNC),
        (_EQUAL, 0, 1, _O_TRUNC),
        (_RETURN, 0, 0, _REFUSE | _EPERM),
    ]
    for numbers, place in ((_OPEN, 1), (_OPENAT, 2)):
        for number in numbers[which : which + 1]:
            program += _on(number, place, emptied)
    program.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


_Instruction = tuple[int, int, int, int]


def _on(number: int, argument: int, then: list[_Instruction]) -> list[_Instruction]:
    """For one system call, look at the low half of an argument; whatever `then` lets through is allowed."""
    inside = [(_LOAD, 0, 0, _FIRST_AT + 8 * argument), *then, (_RETURN, 0, 0, _ALLOW)]
    return [(_EQUAL, 0, len(inside), number), *inside]
