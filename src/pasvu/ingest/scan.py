"""Looking into the watched folders: everything that lies there, and what can never be a recording. Nothing is read."""

from __future__ import annotations

import errno
import fnmatch
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pasvu.channel.typography import fine, marked
from pasvu.ingest.naming import names_a_recording, telling_folder

DEEPEST = 6
# Beyond this it is a mistake or a trap: ten hours of the heaviest camera format take a tenth of it.
LARGEST_BYTES = 2 * 1024**4

# Names that copying tools give to what is not finished.
UNFINISHED = (
    "*.part", "*.partial", "*.filepart", "*.crdownload", "*.opdownload", "*.download", "*.tmp", "*.!*",
    ".syncthing.*", "~syncthing~*", ".fuse_hidden*", ".nfs????????*",
)  # fmt: skip
# rsync writes `.name.Ab12Cd`; any other hidden file is somebody's own business.
RSYNC = ".*.??????"
# What file managers, editors and cameras leave behind.
IGNORED = (
    "~$*", "._*", ".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", "*.reason.txt", ".~lock.*", "*.lnk", "*.url",
    # Of a camera's card: small copies, stills and lists that go with the films.
    "*.lrv", "*.thm", "*.cpi", "*.mpl", "*.bdm", "*.bin", "*.ctg", "*.sav", "*m01.xml", "cueup.xml", "mediapro.xml",
    "discmeta.xml", "status.bin",
)  # fmt: skip
IGNORED_FOLDERS = (
    "@eadir", "#recycle", "$recycle.bin", "system volume information", ".st*", "__macosx", ".trash*", ".spotlight*",
    ".taken", "lost+found", "thmbnl",
)  # fmt: skip

_TOO_LONG = marked("ce nom de dossier est trop long : rapprochez ses fichiers du dépôt, ou changez ses droits")
_CLOSED = marked("ce dossier refuse la lecture : rapprochez ses fichiers du dépôt, ou changez ses droits")
_TOO_DEEP = marked("dossier trop profond : rapprochez ses fichiers du dépôt")
_LINK = marked("c’est un lien, qui ne sera pas suivi : déposez le fichier lui-même")
_NO_FILE = marked("ce n’est pas un fichier (tube, prise ou périphérique) : retirez-le")
_TWO_NAMES = marked("ce fichier a un autre nom ailleurs sur le disque : déposez une copie")
_TOO_LARGE = marked("ce fichier annonce plus de 2 Tio : aucun enregistrement n’est si grand")


@dataclass(frozen=True)
class Seen:
    """What stands in a watched folder at one look. `fingerprint` changes whenever its content may have."""

    path: bytes
    root: Path
    size: int
    fingerprint: str
    unfinished_name: bool
    modified_s: float = 0.0
    """When its content last changed, in seconds since 1970."""
    filled: float = 1.0
    """How much of its size has been written, 0 to 1, as far as the file system tells."""
    never: str | None = None
    """Why it is not a recording and never will be, in French."""
    ignored: bool = False
    """Nobody means it as a recording: nothing is said of it unless asked."""

    @property
    def name(self) -> bytes:
        """Its own name."""
        return os.path.basename(self.path)

    @property
    def folder(self) -> str | None:
        """The sub-folder of the depot it lies in, which names its programme; a recording's own folder names none."""
        around = self._around
        return around[0] if around and not names_a_recording(around[0]) else None

    @property
    def deep(self) -> bool:
        """Whether it lies in a folder that holds one recording: inside a programme's, dated, or a camera's."""
        return len(self._around) > (self.folder is not None)

    @property
    def named_after(self) -> str | None:
        """The folder that tells what it is where its own name may not: the innermost that a person named."""
        return telling_folder(self._around[self.folder is not None :])

    @property
    def _around(self) -> list[str]:
        return (
            os.fsdecode(os.path.relpath(os.path.dirname(self.path), os.fsencode(self.root))).split("/")
            if (os.path.dirname(self.path) != os.fsencode(self.root))
            else []
        )

    @property
    def final_name(self) -> str:
        """The name it will have once its copy is finished."""
        name = os.fsdecode(self.name)
        if not self.unfinished_name:
            return name
        return name.removeprefix(".syncthing.").removeprefix("~syncthing~").lstrip(".").rpartition(".")[0]


def scan(root: Path) -> Iterator[Seen]:
    """Everything under `root`, by name; a folder that cannot be read is said as such.

    Raises:
        FileNotFoundError: `root` is not there: a share that is not mounted, a disk taken out.
    """
    os.stat(root)
    yield from _scan(os.fsencode(root), root, 0)


def _scan(folder: bytes, root: Path, depth: int) -> Iterator[Seen]:
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return  # it went meanwhile
    except OSError as refused:
        yield _never(folder, root, _TOO_LONG if refused.errno == errno.ENAMETOOLONG else _CLOSED)
        return
    for entry in entries:
        try:
            yield from _look(entry, root, depth)
        except FileNotFoundError:
            continue  # it went between the list and the look


def _look(entry: os.DirEntry[bytes], root: Path, depth: int) -> Iterator[Seen]:
    name = os.fsdecode(entry.name).casefold()
    found = entry.stat(follow_symlinks=False)
    if stat.S_ISDIR(found.st_mode):
        if _matches(name, IGNORED_FOLDERS) or name.startswith("."):
            return
        if depth < DEEPEST:
            yield from _scan(entry.path, root, depth + 1)
        else:
            yield _never(entry.path, root, _TOO_DEEP)
        return
    unfinished = _matches(name, UNFINISHED) or fnmatch.fnmatchcase(name, RSYNC)
    yield Seen(
        entry.path,
        root,
        found.st_size,
        fingerprint(found),
        unfinished,
        found.st_mtime,
        filled=min(1.0, found.st_blocks * 512 / found.st_size) if found.st_size else 1.0,
        never=(why := _no_recording(found)) and fine(why),
        ignored=_matches(name, IGNORED) or (name.startswith(".") and not unfinished),
    )


def _no_recording(found: os.stat_result) -> str | None:
    """Why something is no recording, by its kind alone: it is never opened."""
    if stat.S_ISLNK(found.st_mode):
        return _LINK
    if not stat.S_ISREG(found.st_mode):
        return _NO_FILE
    if found.st_nlink > 1:
        # Whoever has the other name could go on changing what we would call the original.
        return _TWO_NAMES
    if found.st_size > LARGEST_BYTES:
        return _TOO_LARGE
    return None


def _never(path: bytes, root: Path, why: str) -> Seen:
    return Seen(path, root, 0, "", unfinished_name=False, never=fine(why))


def fingerprint(found: os.stat_result) -> str:
    """What changes whenever a file's content may have; ctime sees even an mtime set back."""
    return f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
