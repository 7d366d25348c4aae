"""Taking dropped files into the vault: written down first, then moved, then written down as safe."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pasvu.channel import expected, intake, names, programmes, progress, review
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record, Session
from pasvu.channel.errors import Refused
from pasvu.channel.folders import Folders
from pasvu.channel.models import ChapterMark, Episode
from pasvu.channel.typography import fine
from pasvu.ingest import grouping, moving, sidecars
from pasvu.ingest.beside import Beside, read_beside
from pasvu.ingest.lease import Held, Lease, held_by, leases
from pasvu.ingest.moving import Disturbed, Report
from pasvu.ingest.naming import read_name, safe_name
from pasvu.ingest.scan import fingerprint

log = logging.getLogger(__name__)

ONCE_A_SECOND = 1.0
STALE_S = 24 * 3600.0


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
    fingerprints: Mapping[bytes, str] = field(default_factory=dict)
    """What each file was when it was found whole: another one is not taken."""
    named_after: str | None = None
    """The folder that tells what they are, where their own names do not."""
    as_it_is: bool = False
    """A person asked for it though its end is missing."""


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
        Disturbed: somebody writes one of them; all stay where they are, and nothing is written down.
    """
    recording_id = names.new_id()
    vault = folders.recordings / recording_id
    received = [_describe(path, vault, position) for position, path in enumerate(drop.paths)]
    with _alone_with(folders, recording_id), leases([file.source for file in received]) as held:
        _check_undisturbed(received, held, drop)
        beside = read_beside(drop.paths, vault)
        with record.write() as session:
            episode = _write_down(session, recording_id, received, beside, drop, clock.now(), by)
            expected.recognise(session, episode, _said(drop, beside.words), clock.now())
            if also is not None:
                also(session, episode)
            episode_id = episode.id
        try:
            _move(record, clock, episode_id, received, beside, held, keep_source=drop.keep_source)
        except (Disturbed, OSError):
            with record.write() as session:
                never = session.get_one(Episode, episode_id)
                expected.forget(session, never)
                intake.give_back(session, never, clock.now())
            raise
        _mark_claimed(record, recording_id, clock.now())
    return episode_id


def finish_claims(record: Record, folders: Folders, clock: Clock) -> None:
    """Complete the claims that a crash cut short; a file that is nowhere any more is said, never forgotten."""
    with record.read() as session:
        cut_short = dict.fromkeys(part.recording_id for part in intake.unclaimed(session))
    for recording_id in cut_short:
        with _if_abandoned(folders, recording_id) as abandoned:
            if abandoned:
                try:
                    _finish(record, clock, recording_id)
                except OSError:
                    log.warning("claim %s could not be finished; trying again", recording_id, exc_info=True)
    _sweep_locks(folders)


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
    with _alone_with(folders, recording_id):
        with record.write() as session:
            show = programmes.by_folder(session, programme, now) if programme else None
            title = read_name(file.shown_name).title
            episode = intake.receive(
                session, recording_id, [file], origin="watch", title=title, now=now, programme=show
            )
            intake.quarantine(session, episode, sentence, now)
            episode_id = episode.id
        kept.with_name(f"{kept.name}.reason.txt").write_text(f"{file.shown_name}\n{sentence}\n")
        if moving.bring(file.source, kept, keep_source=False) is not None:
            moving.retire(file.source)
        _mark_claimed(record, recording_id, clock.now())
    return episode_id


def _write_down(
    session: Session,
    recording_id: str,
    received: Sequence[intake.Received],
    beside: Beside,
    drop: Drop,
    now: datetime,
    by: str,
) -> Episode:
    words = beside.words
    # Narrower speaks louder: folder, then file, then command line.
    named = drop.programme if drop.origin != "watch" else None
    known = {show.slug for show in programmes.all_of(session)}
    for each in filter(None, (drop.programme, words.programme)):
        known.add(names.slug(each))
    read = read_name(received[0].shown_name, known)
    if drop.named_after is not None:
        read = read.over(read_name(drop.named_after, known))
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
    episode.recording.as_it_is = drop.as_it_is
    intake.tell(episode, _fields(words), beside.picture)
    episode.chapters = [ChapterMark(start_s=each.start_s, title=each.title) for each in words.chapters or ()]
    for sentence in [*beside.remarks, *filter(None, [drop.remark, _wish(words)])]:
        review.comment(session, episode, sentence, now, intake.BY)
    return episode


def _move(
    record: Record,
    clock: Clock,
    episode_id: str,
    received: Sequence[intake.Received],
    beside: Beside,
    held: Sequence[Lease],
    *,
    keep_source: bool,
) -> None:
    """Bring everything, what lies beside first; all or nothing.

    Raises:
        Disturbed, OSError: all lies where it lay.
    """
    moves = [*beside.moves, *((file.source, file.path) for file in received)]
    films = {file.source for file in received}
    copied: dict[bytes, str] = {}
    moved: list[tuple[bytes, Path]] = []
    try:
        with _progress(record, clock, episode_id) as report:
            for source, target in moves:
                try:
                    digest = moving.bring(source, target, keep_source=keep_source, report=report)
                except PermissionError:
                    if source in films:
                        raise
                    # What it says is already in the record; the film matters more than the file that describes it.
                    log.warning("%r could not be taken with its film", source, exc_info=True)
                    continue
                moved.append((source, target))
                if digest is not None:
                    copied[source] = digest
        if not keep_source and any(each.broken for each in held):
            raise Disturbed("« {name} » vient d’être rouvert.", name=received[0].shown_name)
    except (Disturbed, OSError):
        for source, target in reversed(moved):
            if source in copied:
                target.unlink()  # our copy: the source has not moved
            else:
                moving.give_back(target, source)
        raise
    left = {} if keep_source else {source: mark for source in copied if (mark := _retired(source))}
    with record.write() as session:
        for part in session.get_one(Episode, episode_id).recording.parts:
            part.sha256, part.left_at_source = copied.get(part.source), left.get(part.source)


def _retired(source: bytes) -> str | None:
    """Set the source aside; where its folder does not allow it, what it is, so that it is not taken again."""
    try:
        moving.retire(source)
    except OSError:
        log.warning("%r was copied, but its folder does not let it be set aside", source, exc_info=True)
        return fingerprint(os.lstat(source))
    return None


def _finish(record: Record, clock: Clock, recording_id: str) -> None:
    with record.read() as session:
        parts = [
            (part.source, Path(part.path), part.recording.origin, part.recording.episode_id)
            for part in intake.unclaimed(session)
            if part.recording_id == recording_id
        ]
    for source, target, _, episode_id in parts:
        if not target.exists() and not os.path.exists(source):
            _say_lost(record, episode_id, os.fsdecode(source), clock.now())
        if any(held_by(path) is Held.BY_A_WRITER for path in (source, os.fsencode(target)) if os.path.exists(path)):
            return  # it went on being written after we died: later
    there = [(source, target) for source, target, *_ in parts if target.exists() or os.path.exists(source)]
    keep_source = any(origin == "command" for _, _, origin, _ in parts)
    # What lies beside the films goes first, as in a claim that nothing cut short.
    beside = read_beside([source for source, _ in there], there[0][1].parent).moves if there else ()
    left = {source: _complete(source, target, keep_source=keep_source) for source, target in (*beside, *there)}
    with record.write() as session:
        for part in intake.unclaimed(session):
            if part.recording_id == recording_id:
                part.left_at_source = left.get(part.source)
    _mark_claimed(record, recording_id, clock.now())


def _complete(source: bytes, target: Path, *, keep_source: bool) -> str | None:
    """Whatever was done of one file's move, do the rest; what the source is where it cannot be set aside."""
    if not target.exists():
        moving.bring(source, target, keep_source=keep_source)
    if keep_source or not os.path.exists(source):
        return None
    if os.path.samefile(source, target):
        os.unlink(source)  # a giving back cut short: two names of one file
        return None
    return _retired(source) if moving.same_bytes(source, target) else None


@contextmanager
def _alone_with(folders: Folders, recording_id: str) -> Iterator[None]:
    """Inside, no other process finishes this claim; a death lets it."""
    path = folders.run / f"claim-{recording_id}.lock"
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    path.unlink(missing_ok=True)


@contextmanager
def _if_abandoned(folders: Folders, recording_id: str) -> Iterator[bool]:
    """Whether nobody is at this claim any more; inside, nobody else is."""
    path = folders.run / f"claim-{recording_id}.lock"
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    path.unlink(missing_ok=True)


def _sweep_locks(folders: Folders) -> None:
    """Remove what a death between the last word of a claim and its end left; nothing younger may be touched."""
    for path in folders.run.glob("claim-*.lock"):
        if time.time() - path.stat().st_mtime > STALE_S:
            with _if_abandoned(folders, path.stem.removeprefix("claim-")):
                pass


@contextmanager
def _progress(record: Record, clock: Clock, episode_id: str) -> Iterator[Report]:
    """Shows how far a copy is; a rename is over before there is anything to show."""
    job_id, last = f"claim:{episode_id}", 0.0

    def report(share: float) -> None:
        nonlocal last
        if time.monotonic() - last >= ONCE_A_SECOND:
            last = time.monotonic()
            progress.report(record, job_id, episode_id, "copy", share, clock.now())

    try:
        yield report
    finally:
        if last:
            progress.finished(record, job_id)


def _check_undisturbed(received: Sequence[intake.Received], held: Sequence[Lease], drop: Drop) -> None:
    for file, each in zip(received, held, strict=True):
        changed = drop.fingerprints.get(file.source, now := fingerprint(each.stat())) != now
        if changed or each.held is Held.BY_A_WRITER:
            raise Disturbed(
                "« {name} » est encore en cours d’écriture : attendez la fin de la copie, puis recommencez.",
                name=file.shown_name,
            )


def _wish(words: sidecars.Words) -> str | None:
    if words.wish is None:
        return None
    return fine(
        f"Le fichier joint souhaite une mise en ligne le {words.wish}. Ce n’est qu’un souhait : rien n’est programmé ; "
        "la production choisit l’heure."
    )


def _said(drop: Drop, words: sidecars.Words) -> set[str]:
    """The fields that somebody gave with the files."""
    given = {"title": drop.title or words.title, "summary": words.summary, "guests": words.guests}
    return {name for name, value in given.items() if value}


def _fields(words: sidecars.Words) -> dict[str, object]:
    said = {"summary": words.summary, "tags": words.tags, "language": words.language, "guests": words.guests}
    return {name: value for name, value in said.items() if value is not None}


def _describe(path: bytes, vault: Path, position: int) -> intake.Received:
    if not os.path.isfile(path) or os.path.islink(path):
        raise Refused("« {path} » n’est pas un fichier : donnez une vidéo ou un son.", path=os.fsdecode(path))
    shown, stored = safe_name(os.path.basename(path))
    series, number = grouping.place(Path(os.path.abspath(os.fsdecode(path))).parent, shown) or (None, None)
    return intake.Received(
        name=os.path.basename(path),
        shown_name=shown,
        source=os.path.abspath(path),
        path=vault / f"{position + 1:02}-{stored}",
        bytes=os.path.getsize(path),
        series=series,
        number=number,
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
            sentence = fine(
                f"Le fichier {part.shown_name} a disparu pendant sa prise en charge : déposez-le à nouveau."
            )
            intake.stop(session, part.recording.episode, "failed", sentence, now)
            log.error("claim cut short and file gone: %s", source)
