"""Looking into the watched folders: what lies there, and whether it is whole. A full scan is the truth."""

from __future__ import annotations

import errno
import fcntl
import fnmatch
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

DEEPEST = 6

# Names that copying tools give to what is not finished, and what file managers leave behind.
UNFINISHED = (
    "*.part", "*.partial", "*.filepart", "*.crdownload", "*.opdownload", "*.download", "*.tmp", "*.!*",
    ".syncthing.*", "~syncthing~*",
)  # fmt: skip
IGNORED = ("~$*", "._*", ".ds_store", "thumbs.db", "desktop.ini", "*.reason.txt")
IGNORED_FOLDERS = ("@eadir", ".st*", "__macosx", ".trash*", ".spotlight*", ".taken")
# rsync writes `.name.Ab12Cd`; any other hidden file is somebody's own business.
RSYNC = ".*.??????"

# Without a lease (network shares, other owners) a writer that pauses cannot be told from one that ended.
PATIENCE_WITHOUT_LEASE = 2
# A file that is quiet but not whole may be a copy that stopped: it is given more time, then taken with its reason.
PATIENCE_UNFINISHED = 3
# Words, a picture or captions may come long before their film does.
PATIENCE_WITHOUT_FILM = 10


@dataclass(frozen=True)
class Seen:
    """A file in a watched folder at one look. `fingerprint` changes whenever its content may have."""

    path: bytes
    root: Path
    size: int
    fingerprint: str
    unfinished_name: bool
    modified_s: float = 0.0
    """When its content last changed, in seconds since 1970."""

    @property
    def name(self) -> bytes:
        """Its own name."""
        return os.path.basename(self.path)

    @property
    def folder(self) -> str | None:
        """The sub-folder of the depot it lies in, which names its programme."""
        inside = os.path.relpath(self.path, os.fsencode(self.root)).split(b"/")
        return os.fsdecode(inside[0]) if len(inside) > 1 else None

    @property
    def deep(self) -> bool:
        """Whether it lies in a folder inside a programme's folder."""
        return os.path.relpath(self.path, os.fsencode(self.root)).count(b"/") > 1

    @property
    def final_name(self) -> str:
        """The name it will have once its copy is finished."""
        name = os.fsdecode(self.name)
        return name.lstrip(".").rpartition(".")[0] if self.unfinished_name else name


@dataclass(frozen=True)
class Quiet:
    """Since when a file has not changed."""

    fingerprint: str
    since: datetime


def scan(root: Path) -> Iterator[Seen]:
    """Every regular file under `root`; links, pipes, sockets and hidden files are passed over."""
    yield from _scan(os.fsencode(root), root, 0)


def _scan(folder: bytes, root: Path, depth: int) -> Iterator[Seen]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        name = os.fsdecode(entry.name).casefold()
        try:
            if entry.is_dir(follow_symlinks=False):
                if depth < DEEPEST and not _matches(name, IGNORED_FOLDERS) and not name.startswith("."):
                    yield from _scan(entry.path, root, depth + 1)
                continue
            found = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue  # it went between the list and the look
        unfinished = _matches(name, UNFINISHED) or fnmatch.fnmatchcase(name, RSYNC)
        hidden = name.startswith(".") and not unfinished
        if not stat.S_ISREG(found.st_mode) or hidden or _matches(name, IGNORED):
            continue
        yield Seen(entry.path, root, found.st_size, fingerprint(found), unfinished, found.st_mtime)


def fingerprint(found: os.stat_result) -> str:
    """What changes whenever a file's content may have; ctime sees even an mtime set back."""
    return f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"


def waiting_for(
    seen: Seen, quiet: Quiet, settle: timedelta, now: datetime, why_not_whole: Callable[[Path], str | None]
) -> str | None:
    """Why this file is not taken yet, in words, or `None` when it may be."""
    if seen.unfinished_name:
        return "copie en cours"
    still = now - quiet.since
    if quiet.fingerprint != seen.fingerprint or still < settle:
        return "copie en cours" if still < settle / 2 else "attend le calme"
    held = held_by_writer(seen.path)
    if held:
        return "encore ouvert par un autre programme"
    if held is None and still < settle * PATIENCE_WITHOUT_LEASE:
        return "attend le calme"
    if still < settle * PATIENCE_UNFINISHED and (why := why_not_whole(Path(os.fsdecode(seen.path)))):
        return f"pas encore entier : {why}"
    return None


def held_by_writer(path: bytes) -> bool | None:
    """Whether some process has the file open for writing; `None` where the system cannot tell.

    A read lease is granted by Linux only when nobody writes (fcntl(2), F_SETLEASE); it is given back at once.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return True
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as refused:
        return True if refused.errno == errno.EAGAIN else None
    finally:
        os.close(handle)
    return False


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
