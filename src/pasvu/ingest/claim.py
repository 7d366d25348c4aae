"""Taking a dropped file into the vault: written down first, then moved, then written down as safe."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from pasvu.channel import intake, names, programmes, review
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.errors import Refused
from pasvu.channel.folders import Folders, sync_folder
from pasvu.channel.models import Episode
from pasvu.channel.typography import fine
from pasvu.ingest import sidecars
from pasvu.ingest.beside import Beside, read_beside
from pasvu.ingest.naming import read_name, safe_name

log = logging.getLogger(__name__)

BLOCK = 4 * 1024 * 1024


@dataclass(frozen=True)
class Drop:
    """Files to take as one recording, and what is known of them beforehand."""

    paths: Sequence[bytes]
    origin: str
    """`watch`, `command` or `replay`."""
    programme: str | None = None
    """A folder's or a show's name; made if it is new."""
    title: str | None = None
    keep_source: bool = False
    """Copy instead of moving: what a person named on the command line stays where it is."""
    remark: str | None = None
    """What whoever reviews must know of these files, in French."""


def claim(
    record: Record,
    folders: Folders,
    clock: Clock,
    drop: Drop,
    by: str = intake.BY,
    also: Callable[[Session, Episode], None] | None = None,
) -> str:
    """Take the files; the episode's id. A crash at any point is mended by `finish_claims`.

    `also` writes down what goes with the new episode, in the same transaction: both are there or neither.

    Raises:
        Refused: a path that is not a regular file.
    """
    recording_id = names.new_id()
    vault = folders.recordings / recording_id
    received = [_describe(path, vault, position) for position, path in enumerate(drop.paths)]
    beside = read_beside(drop.paths, vault)
    words = beside.words
    # Narrower speaks louder: folder, then file, then command line.
    named = drop.programme if drop.origin != "watch" else None
    now = clock.now()
    with record.write() as session:
        known = {show.slug for show in programmes.all_of(session)}
        for each in filter(None, (drop.programme, words.programme)):
            known.add(names.slug(each))
        read = read_name(received[0].shown_name, known)
        folder = named or words.programme or drop.programme or read.programme_slug
        episode = intake.receive(
            session,
            recording_id,
            received,
            origin=drop.origin,
            title=drop.title or words.title or read.title,
            now=now,
            programme=programmes.by_folder(session, folder, now) if folder else None,
            recorded_on=day.isoformat() if (day := words.recorded_on or read.date) else None,
            guests=[read.guest] if read.guest and not words.guests else [],
            by=by,
        )
        episode_id = episode.id
        intake.tell(episode, _fields(words), beside.picture)
        for sentence in [*beside.remarks, *filter(None, [drop.remark])]:
            review.comment(session, episode, sentence, now, intake.BY)
        if also is not None:
            also(session, episode)
    _bring(beside, keep_source=drop.keep_source)
    for file in received:
        move_in(file.source, file.path, keep_source=drop.keep_source)
    _mark_claimed(record, recording_id, clock.now())
    return episode_id


def finish_claims(record: Record, clock: Clock) -> None:
    """Complete the claims that a crash cut short; a file that is nowhere any more is said, never forgotten."""
    with record.read() as session:
        cut_short = [
            (part.recording_id, part.source, Path(part.path), part.recording.origin, part.recording.episode_id)
            for part in intake.unclaimed(session)
        ]
    for recording_id, source, target, origin, episode_id in cut_short:
        if not target.exists():
            if not os.path.exists(source):
                _say_lost(record, episode_id, os.fsdecode(source), clock.now())
                continue
            films = [each for recording, each, *_ in cut_short if recording == recording_id]
            _bring(read_beside(films, target.parent), keep_source=origin == "command")
            move_in(source, target, keep_source=origin == "command")
        _mark_claimed(record, recording_id, clock.now())


def set_alone_aside(record: Record, folders: Folders, clock: Clock, path: bytes, programme: str | None) -> str:
    """Put a file that goes with a film, and whose film never came, in quarantine; the id of the card that says so."""
    recording_id = names.new_id()
    described = _describe(path, folders.quarantine, 0)
    kept = folders.quarantine / f"{recording_id}-{described.path.name}"
    file = replace(described, path=kept)
    sentence = fine(
        f"« {file.shown_name} » accompagne une vidéo, mais aucune vidéo de ce nom n’est arrivée : déposez-le à "
        "nouveau, en même temps que sa vidéo et sous le même nom qu’elle."
    )
    now = clock.now()
    with record.write() as session:
        show = programmes.by_folder(session, programme, now) if programme else None
        title = read_name(file.shown_name).title
        episode = intake.receive(session, recording_id, [file], origin="watch", title=title, now=now, programme=show)
        intake.quarantine(session, episode, sentence, now)
        episode_id = episode.id
    kept.with_name(f"{kept.name}.reason.txt").write_text(f"{file.shown_name}\n{sentence}\n")
    move_in(file.source, kept, keep_source=False)
    _mark_claimed(record, recording_id, clock.now())
    return episode_id


def move_in(source: bytes, target: Path, *, keep_source: bool) -> None:
    """Bring one file to its place in the vault: by one atomic rename, or by a verified copy across file systems."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not keep_source:
        try:
            os.rename(source, target)
        except FileNotFoundError:
            if not target.exists():  # else another process completed this very claim
                raise
            return
        except OSError as refused:
            if refused.errno != errno.EXDEV:
                raise
        else:
            sync_folder(target.parent)
            sync_folder(Path(os.fsdecode(os.path.dirname(source))))
            return
    _copy_verified(source, target)
    if not keep_source:
        _retire(source)


def _copy_verified(source: bytes, target: Path) -> None:
    aside = target.with_name(f"{target.name}.part")
    digest = hashlib.sha256()
    with open(source, "rb") as reader, aside.open("wb") as writer:
        while block := reader.read(BLOCK):
            digest.update(block)
            writer.write(block)
        writer.flush()
        os.fsync(writer.fileno())
    with aside.open("rb") as copy:
        if hashlib.file_digest(copy, "sha256").digest() != digest.digest():
            aside.unlink()
            raise OSError(errno.EIO, f"the copy of {os.fsdecode(source)} differs from it")
    aside.rename(target)
    sync_folder(target.parent)


def _retire(source: bytes) -> None:
    # Never deleted by us: what was copied is set aside, out of the next scan's sight.
    aside = os.path.join(os.path.dirname(source), b".taken")
    os.makedirs(aside, exist_ok=True)
    shutil.move(os.fsdecode(source), os.fsdecode(os.path.join(aside, os.path.basename(source))))


def _bring(beside: Beside, *, keep_source: bool) -> None:
    """Bring what lies beside the films; before them, so that a crash leaves a claim that is known to be unfinished."""
    for source, target in beside.moves:
        try:
            move_in(source, target, keep_source=keep_source)
        except OSError:
            # What it says is already in the record; the film matters more than the file that describes it.
            log.warning("%r could not be taken with its film", source, exc_info=True)


def _fields(words: sidecars.Words) -> dict[str, object]:
    said = {"summary": words.summary, "tags": words.tags, "language": words.language, "guests": words.guests}
    return {name: value for name, value in said.items() if value is not None}


def _describe(path: bytes, vault: Path, position: int) -> intake.Received:
    if not os.path.isfile(path) or os.path.islink(path):
        raise Refused("« {path} » n’est pas un fichier : donnez une vidéo ou un son.", path=os.fsdecode(path))
    shown, stored = safe_name(os.path.basename(path))
    return intake.Received(
        name=os.path.basename(path),
        shown_name=shown,
        source=os.path.abspath(path),
        path=vault / f"{position + 1:02}-{stored}",
        bytes=os.path.getsize(path),
    )


def _mark_claimed(record: Record, recording_id: str, now: datetime) -> None:
    with record.write() as session:
        for part in intake.unclaimed(session):
            if part.recording_id == recording_id and Path(part.path).exists():
                part.bytes = Path(part.path).stat().st_size
                part.claimed_at = now


def _say_lost(record: Record, episode_id: str, source: str, now: datetime) -> None:
    with record.write() as session:
        part = next((part for part in intake.unclaimed(session) if part.recording.episode_id == episode_id), None)
        if part is not None and part.recording.episode.job_state != "failed":
            sentence = f"Le fichier {part.shown_name} a disparu pendant sa prise en charge : déposez-le à nouveau."
            intake.stop(session, part.recording.episode, "failed", sentence, now)
            log.error("claim cut short and file gone: %s", source)
