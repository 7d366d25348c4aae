"""Moves a received file's bytes: by one rename on the same disk, else by a copy that is read back before it counts."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from pasvu.channel.errors import Passing
from pasvu.channel.folders import sync_folder
from pasvu.ingest.scan import fingerprint

BLOCK = 4 * 1024 * 1024
TAKEN = b".taken"

Report = Callable[[float], None]


class Disturbed(Passing):
    """The file changed or was opened for writing while it was taken: it is left to its writer."""


def bring(source: bytes, target: Path, *, keep_source: bool, report: Report | None = None) -> str | None:
    """Bring one file to its place in the vault; its SHA-256 when it was copied, for the source is then still there.

    Raises:
        Disturbed: it changed while it was copied; nothing is left at `target`.
        OSError: the disk refused; nothing is left at `target`, and the source is untouched.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if not keep_source:
        try:
            os.rename(source, target)
        except FileNotFoundError:
            if not target.exists():  # else another process completed this very claim
                raise
            return None
        except OSError as refused:
            if refused.errno != errno.EXDEV:
                raise
        else:
            sync_folder(target.parent)
            sync_folder(_folder(source))
            return None
    return _copy_verified(source, target, report)


def give_back(target: Path, source: bytes) -> bool:
    """Undo a rename, unless something else has taken the name meanwhile; whether it was undone."""
    try:
        os.link(target, source)  # unlike a rename, never over another file
    except FileExistsError:
        return False
    except OSError:
        if os.path.lexists(source):
            return False
        os.rename(target, source)
    else:
        os.unlink(target)  # the other name of the very same file
    sync_folder(_folder(source))
    return True


def retire(source: bytes) -> None:
    """Set aside what was copied, out of the next scan's sight: nothing that people dropped is deleted by us."""
    folder = os.path.join(os.path.dirname(source), TAKEN)
    os.makedirs(folder, exist_ok=True)
    name = os.path.basename(source)
    place, number = os.path.join(folder, name), 1
    while os.path.lexists(place):
        number += 1
        place = os.path.join(folder, b"%d-%s" % (number, name[: 255 - 12]))
    os.rename(source, place)
    sync_folder(_folder(place))
    sync_folder(_folder(source))


def same_bytes(one: bytes, other: Path) -> bool:
    """Whether two files hold the same bytes."""
    if os.path.getsize(one) != other.stat().st_size:
        return False
    with open(one, "rb") as first, other.open("rb") as second:
        return hashlib.file_digest(first, "sha256").digest() == hashlib.file_digest(second, "sha256").digest()


def _copy_verified(source: bytes, target: Path, report: Report | None) -> str:
    aside = target.with_name(f"{target.name}.part")
    digest, done = hashlib.sha256(), 0
    try:
        # Not through a link, and without waiting for whoever would write to a pipe.
        with open(os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as reader:
            before = os.fstat(reader.fileno())
            with aside.open("wb") as writer:
                while block := reader.read(BLOCK):
                    digest.update(block)
                    writer.write(block)
                    done += len(block)
                    if report is not None:
                        report(done / max(1, before.st_size))
                writer.flush()
                os.fsync(writer.fileno())
                # Else the reading back would be served from memory, and prove nothing of the disk.
                os.posix_fadvise(writer.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            if fingerprint(os.fstat(reader.fileno())) != fingerprint(before):
                raise Disturbed("« {name} » a changé pendant sa copie.", name=os.fsdecode(os.path.basename(source)))
        with aside.open("rb") as copy:
            if hashlib.file_digest(copy, "sha256").digest() != digest.digest():
                raise OSError(errno.EIO, f"the copy of {os.fsdecode(source)} differs from it")
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    aside.rename(target)
    sync_folder(target.parent)
    return digest.hexdigest()


def _folder(path: bytes) -> Path:
    return Path(os.fsdecode(os.path.dirname(path)))
