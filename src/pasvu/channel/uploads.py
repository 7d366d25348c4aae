"""Files sent through the browser in pieces: begun, continued after a cut, then left in the watched folder like others.

While it grows, a file lies in a hidden folder of the first watched folder, on the same disk: it gets its name by one
rename, and the watcher takes it as if it had been copied there.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from pasvu.channel import episodes, journal, names, queries
from pasvu.channel.database import Record
from pasvu.channel.errors import NoRoom, NotFound, Passing, Refused, Stale
from pasvu.channel.folders import sync_folder
from pasvu.channel.models import Account, Upload

KEPT = timedelta(days=7)
"""An upload that nobody touched for so long is given up, and its bytes with it."""
BLOCK = 256 * 1024
LONGEST_NAME_BYTES = 200
# What the watcher passes over, or waits for: a file of such a name would never be taken.
NEVER_TAKEN = re.compile(
    r"\..*|~\$.*|.*\.(part|partial|filepart|crdownload|opdownload|download|tmp|reason\.txt)|thumbs\.db|desktop\.ini",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Place:
    """Where uploads grow, and where they are left."""

    depot: Path
    keep_free_bytes: int

    @property
    def growing(self) -> Path:
        """The hidden folder of what is not whole."""
        return self.depot / ".uploads"

    def part(self, upload_id: str) -> Path:
        """The file of one upload while it grows."""
        return self.growing / f"{upload_id}.part"

    def free_bytes(self) -> int:
        """What the disk under the depot still takes, beyond what must stay free."""
        return shutil.disk_usage(self.depot).free - self.keep_free_bytes


def begin(
    session: Session, place: Place, name: str, size: int, programme: str | None, account: Account, now: datetime
) -> Upload:
    """Write an upload down and make its empty file; the disk must have room for all of it and of those under way.

    Raises:
        Refused: a name the watcher would never take, or an empty file.
        NoRoom: not now; there may be when others are through.
    """
    clean = _clean(name)
    if size <= 0:
        raise Refused("« {name} » est vide : vérifiez la copie sur votre machine.", name=clean)
    show = episodes.programme(session, programme) if programme else None
    expected = sum(each.bytes - each.received_bytes for each in queries.uploads_under_way(session))
    place.growing.mkdir(parents=True, exist_ok=True)
    if size + expected > place.free_bytes():
        raise NoRoom(
            "Il n’y a pas la place pour « {name} » ({gib:.1f} Gio) : libérez de l’espace sur le disque du dossier de "
            "dépôt, ou attendez la fin des envois en cours.",
            name=clean,
            gib=size / 1024**3,
        )
    made = Upload(
        id=names.new_id(),
        name=clean,
        bytes=size,
        received_bytes=0,
        programme=show,
        account=account,
        created_at=now,
        touched_at=now,
    )
    session.add(made)
    session.flush()
    place.part(made.id).touch(exist_ok=False)
    sync_folder(place.growing)
    journal.write(session, now, account.shown_name, "upload.begin", after={"name": clean, "bytes": size})
    return made


def find(session: Session, upload_id: str, account: Account) -> Upload:
    """This account's upload of this id.

    Raises:
        NotFound: none, or someone else's.
    """
    found = session.get(Upload, upload_id)
    if found is None or found.account_id != account.id:
        raise NotFound("Cet envoi n’existe plus : recommencez-le.")
    return found


def offset(upload: Upload, place: Place) -> int:
    """How many bytes are safe: what the disk says while it grows, all of them once it is whole.

    Raises:
        NotFound: its file is gone.
    """
    if upload.finished_at is not None:
        return upload.bytes
    try:
        return place.part(upload.id).stat().st_size
    except FileNotFoundError as gone:
        raise NotFound("Cet envoi n’existe plus : recommencez-le.") from gone


def append(
    record: Record, place: Place, upload_id: str, account: Account, at: int, piece: BinaryIO, now: datetime
) -> int:
    """Add a piece that begins at byte `at`; the new offset. The last piece leaves the file in the depot.

    Raises:
        NotFound: no such upload.
        Stale: it is not that far, or already further; nothing is written.
        Passing: another request is writing it.
        NoRoom: the disk is full.
        Refused: more bytes than were announced.
    """
    with record.read() as session:
        upload = find(session, upload_id, account)
        whole = upload.bytes
        if upload.finished_at is not None:
            return whole
    with _alone(place.part(upload_id)) as file:
        there = os.fstat(file.fileno()).st_size
        if at != there:
            raise Stale("« {name} » en est à {there} octets, pas à {at}.", name=upload.name, there=there, at=at)
        try:
            while block := piece.read(BLOCK):
                there += len(block)
                if there > whole:
                    file.truncate(at)
                    raise Refused("« {name} » dépasse la taille annoncée : recommencez l’envoi.", name=upload.name)
                file.write(block)
            # Acknowledged is safe: the sender forgets what we say we have.
            file.flush()
            os.fsync(file.fileno())
        except OSError as full:
            if full.errno != errno.ENOSPC:
                raise
            raise NoRoom(
                "Le disque du dossier de dépôt est plein : libérez de la place, l’envoi continuera où il en est."
            ) from full
    with record.write() as session:
        upload = find(session, upload_id, account)
        upload.received_bytes, upload.touched_at = there, now
        if there == whole:
            upload.finished_at = now
            journal.write(
                session, now, account.shown_name, "upload.end", after={"name": upload.name, "bytes": upload.bytes}
            )
    if there == whole:
        land_finished(record, place)
    return there


def land_finished(record: Record, place: Place) -> None:
    """Leave every whole upload in the depot; those a crash kept from it too."""
    with record.read() as session:
        whole = session.scalars(
            select(Upload).options(selectinload(Upload.programme)).where(Upload.finished_at.is_not(None))
        ).all()
    for upload in whole:
        part = place.part(upload.id)
        if part.exists():
            _land(part, place.depot / upload.programme.slug if upload.programme else place.depot, upload.name)


def give_up(session: Session, place: Place, upload: Upload, now: datetime, by: str) -> None:
    """Stop an upload; what came so far is thrown away."""
    if upload.finished_at is None:
        place.part(upload.id).unlink(missing_ok=True)
        journal.write(session, now, by, "upload.stop", before={"name": upload.name, "bytes": upload.received_bytes})
    session.delete(upload)


def sweep(session: Session, place: Place, now: datetime) -> None:
    """Give up what nobody touched for a week, and forget what is in the depot since as long."""
    for upload in session.scalars(select(Upload).where(Upload.touched_at < now - KEPT)).all():
        give_up(session, place, upload, now, "pasvu")


def expires_at(upload: Upload) -> datetime:
    """Until when it may be continued."""
    return upload.touched_at + KEPT


@contextmanager
def _alone(part: Path) -> Iterator[BinaryIO]:
    try:
        file = part.open("ab")
    except FileNotFoundError as gone:
        raise NotFound("Cet envoi n’existe plus : recommencez-le.") from gone
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise Passing("Cet envoi est déjà en train d’écrire : attendez un instant.") from held
        yield file


def _land(part: Path, folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    stem, ending = Path(name).stem, Path(name).suffix
    number = 1
    while True:
        target = folder / (name if number == 1 else f"{stem} ({number}){ending}")
        try:
            # A link never overwrites what someone else just copied there under the same name.
            target.hardlink_to(part)
        except FileExistsError:
            number += 1
            continue
        except OSError:
            # Shares and memory cards without hard links.
            if target.exists():
                number += 1
                continue
            part.rename(target)
        else:
            part.unlink()
        break
    sync_folder(folder)


def _clean(name: str) -> str:
    """The name without folders and without what no file system should be given.

    Raises:
        Refused: nothing is left, or the watcher would never take it.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    stem, ending = Path(kept).stem, Path(kept).suffix
    while len((stem + ending).encode()) > LONGEST_NAME_BYTES and stem:
        stem = stem[:-1]
    kept = stem + ending
    if not kept or NEVER_TAKEN.fullmatch(kept):
        raise Refused(
            "« {name} » n’est pas un nom de fichier que le dossier de dépôt prend : renommez-le et recommencez.",
            name=kept or "?",
        )
    return kept
