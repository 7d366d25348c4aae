"""The first steps of a recording: is it known already, is it whole, is it media; each may run again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pasvu.channel import intake, journal, review
from pasvu.channel.database import Session
from pasvu.channel.errors import CutShort, NoRoom, Twin
from pasvu.channel.models import Episode, Part
from pasvu.channel.typography import fine
from pasvu.ingest import captioned, seams, working
from pasvu.ingest.bench import Bench
from pasvu.ingest.examined import examine
from pasvu.ingest.facts import Examined
from pasvu.ingest.forecast import foresee, lacking
from pasvu.ingest.hashing import sha256
from pasvu.ingest.structure import judge

# Two files that begin alike for so long are copies of one film.
SAME_START = 1024 * 1024


def identify(bench: Bench) -> None:
    """Hash every part, and tell a recording that we already have.

    Raises:
        Twin: the same bytes were received before; the sentence names the episode.
    """
    stop, report = bench.listener(), bench.reporter("identify")
    bring_home(bench)
    with bench.record.write() as session:
        episode = session.get_one(Episode, bench.episode_id)
        intake.begin(session, episode, bench.clock.now())
        own = [part for part in episode.recording.parts if part.sha256 is None]
        # Two equal files taken at once: the younger hashes the elder too, so that just one of them is the twin.
        elders = [elder for part in episode.recording.parts for elder in intake.unhashed_elders(session, part)]
        unhashed = [(part.id, Path(part.path)) for part in [*elders, *own] if Path(part.path).exists()]
    for part_id, path in unhashed:
        digest = sha256(path, stop, report)
        with bench.record.write() as session:
            session.get_one(Part, part_id).sha256 = digest
    with bench.record.read() as session:
        episode = session.get_one(Episode, bench.episode_id)
        for part in episode.recording.parts if not episode.recording.as_it_is else []:
            twin = intake.twin(session, part)
            if twin is not None:
                known = twin.recording.episode
                raise Twin(
                    "« {name} » a déjà été reçu : c’est l’épisode « {title} » ({slug}). "
                    "Retirez cette carte, ou traitez-la telle quelle si vous en voulez un deuxième.",
                    name=part.shown_name,
                    title=known.title,
                    slug=known.slug,
                )


def bring_home(bench: Bench) -> None:
    """Take what is tried again out of quarantine; a file may have been mended there."""
    folders = bench.folders
    with bench.record.write() as session:
        episode = session.get_one(Episode, bench.episode_id)
        recording = episode.recording
        for part in recording.parts:
            prefix = f"{recording.id}-"
            kept = Path(part.path)
            if kept.parent != folders.quarantine:
                # Set aside, and the process ended before it was written down.
                kept = folders.quarantine / f"{prefix}{kept.name}"
                if Path(part.path).exists() or not kept.exists():
                    continue
            home = folders.recordings / recording.id / kept.name.removeprefix(prefix)
            home.parent.mkdir(parents=True, exist_ok=True)
            if kept.exists():
                kept.rename(home)
            kept.with_name(f"{kept.name}.reason.txt").unlink(missing_ok=True)
            part.path = str(home)
            size = home.stat().st_size if home.exists() else part.bytes
            if size != part.bytes:
                journal.write(
                    session,
                    bench.clock.now(),
                    intake.BY,
                    "part.mended",
                    episode_id=episode.id,
                    before={"file": part.shown_name, "bytes": part.bytes, "sha256": part.sha256},
                    after={"bytes": size},
                )
            part.bytes, part.sha256 = size, None


def gather(bench: Bench) -> None:
    """Look into every part, and make one plain file of them where they are not one already.

    Raises:
        Unusable: a part is not media.
        CutShort: the end of a part is missing, and nobody has said to use it so.
    """
    stop, report = bench.listener(), bench.reporter("inspect")
    with bench.record.read() as session:
        episode = session.get_one(Episode, bench.episode_id)
        as_it_is, grown = episode.recording.as_it_is, episode.recording.grown
        named = [(Path(part.path), part.shown_name) for part in episode.recording.parts]
    if grown:
        bench.begin_anew()
    parts = [(path, examine(bench.tools, path, bench.folder, name)) for path, name in named]
    verdicts = [(name, judge(path)) for path, name in named]
    with bench.record.write() as session:
        episode = session.get_one(Episode, bench.episode_id)
        intake.keep_info(episode, [examined.info for _, examined in parts])
        remarks = []
        for name, verdict in verdicts:
            if verdict.cut_short and not as_it_is:
                raise CutShort(
                    "« {name} » n’est pas entier. {why} Relancez la copie : la bonne remplacera celle-ci toute seule ; "
                    "ou traitez-la telle quelle.",
                    name=name,
                    why=verdict.why,
                )
            # It can be used, so it is not refused; but whoever reviews must know that its end may be missing.
            if verdict.why:
                remarks.append(fine(f"« {name} » n’est peut-être pas entier. {verdict.why}"))
        remarks += seams.sentences(
            [seams.Filmed(name, each.info) for (_, name), (_, each) in zip(named, parts, strict=True)]
        )
        if episode.cut == 0:
            durations_s = [examined.info.duration_s for _, examined in parts]
            remarks += captioned.attach(session, bench.folders, episode, durations_s, bench.clock.now())
        said = {remark.text for remark in episode.remarks}
        for sentence in remarks:
            if sentence not in said:
                review.comment(session, episode, sentence, bench.clock.now(), intake.BY)
        _supersede(session, episode, bench)
        episode.recording.grown = False
    _reserve(bench, [examined for _, examined in parts])
    if not bench.working.exists():
        working.prepare(bench.tools, parts, bench.working, on_progress=report, should_stop=stop)


def _reserve(bench: Bench, examined: Sequence[Examined]) -> None:
    """Keep room for what will be written, and say how long it takes; a cut made before has its room already.

    Raises:
        NoRoom: the disk does not hold it beside what others are promised.
    """
    with bench.record.write() as session:
        episode = session.get_one(Episode, bench.episode_id)
        if episode.cut and episode.recording.foreseen is not None:
            return
        sizes = [part.bytes for part in episode.recording.parts]
        cores = len(os.sched_getaffinity(0))
        forecast = foresee(
            list(zip(sizes, examined, strict=True)), cores, intake.pace(session), tone_map=bench.tone_map
        )
        intake.foresee(episode, forecast.bytes, forecast.seconds, bench.clock.now())
        others = intake.reserved(session, besides=episode.id)
        promised = sum(max(0, size - _written(bench.folders.renditions / other)) for other, size in others.items())
        free = bench.folders.free_bytes() - bench.floor - promised + _written(bench.folder)
    if sentence := lacking(forecast, free):
        raise NoRoom(sentence)


def _written(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _supersede(session: Session, episode: Episode, bench: Bench) -> None:
    """Let go of the card of an earlier copy that stopped, now that this whole one has come."""
    for part in episode.recording.parts:
        for shorter in intake.cut_short_namesakes(session, part):
            if _start(Path(shorter.path)) == _start(Path(part.path)):
                intake.supersede(session, shorter.recording.episode, episode, bench.clock.now())


def _start(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(SAME_START)
    except OSError:
        return None
