"""The steps from recording to reviewable episode; each may run again and passes over what the record has."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pasvu.channel import episodes, intake, review
from pasvu.channel.errors import Cancelled, Refused, Unusable
from pasvu.channel.models import Episode, Part
from pasvu.channel.typography import fine
from pasvu.channel.values import PlanAction
from pasvu.ingest import kept, plan, propose, render, still, thumbnails, working
from pasvu.ingest.bench import Bench
from pasvu.ingest.cutting import find_cuts
from pasvu.ingest.facts import Examined, Measures
from pasvu.ingest.inspect import examine, playable
from pasvu.ingest.measure import measure
from pasvu.ingest.process import ShouldStop
from pasvu.ingest.structure import whole

BLOCK = 4 * 1024 * 1024


def identify(bench: Bench) -> None:
    """Hash every part, and tell a recording that we already have.

    Raises:
        Unusable: the same bytes were received before; the sentence names the episode.
    """
    stop, report = bench.listener(), bench.reporter("identify")
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
        for part in episode.recording.parts:
            twin = intake.twin(session, part)
            if twin is not None:
                known = twin.recording.episode
                raise Unusable(
                    "Ce fichier a déjà été reçu : c’est l’épisode « {title} » ({slug}).",
                    title=known.title,
                    slug=known.slug,
                )


def gather(bench: Bench) -> None:
    """Look into every part, and make one plain file of them where they are not one already.

    Raises:
        Unusable: a part is not media.
    """
    stop, report = bench.listener(), bench.reporter("inspect")
    with bench.record.read() as session:
        episode = session.get_one(Episode, bench.episode_id)
        named = [(Path(part.path), part.shown_name) for part in episode.recording.parts]
    parts = [(path, examine(bench.tools, path, name)) for path, name in named]
    with bench.record.write() as session:
        episode = session.get_one(Episode, bench.episode_id)
        intake.keep_info(episode, [examined.info for _, examined in parts])
        said = {remark.text for remark in episode.remarks}
        for path, name in named:
            # It can be used, so it is not refused; but whoever reviews must know that its end may be missing.
            cut_short = whole(path)
            warning = fine(f"« {name} » n’est pas entier. {cut_short}") if cut_short else None
            if warning and warning not in said:
                review.comment(session, episode, warning, bench.clock.now(), intake.BY)
    if not bench.working.exists():
        working.prepare(bench.tools, parts, bench.working, on_progress=report, should_stop=stop)


def listen(bench: Bench) -> None:
    """Measure sound and picture in one pass."""
    if kept.read(bench.measures) is not None:
        return
    path, examined = source(bench)
    found = measure(bench.tools, path, examined.info, bench.reporter("measure"), bench.listener())
    bench.peaks.write_bytes(found.peaks)
    kept.write(found, bench.measures)
    with bench.record.write() as session:
        episode = session.get_one(Episode, bench.episode_id)
        summary = {
            name: [[span.start_s, span.end_s] for span in getattr(found, name)]
            for name in ("silences", "speech", "dead", "black")
        }
        peaks = bench.peaks if found.peaks else None
        intake.keep_measures(episode, found.loudness, summary, peaks, bench.clock.now())
        # The one file may last a frame more or less than its parts announced.
        episode.recording.duration_s = examined.info.duration_s


def suggest(bench: Bench) -> None:
    """Propose where it starts and ends, chapters and stills."""
    with bench.record.read() as session:
        if session.get_one(Episode, bench.episode_id).proposed_start_s is not None:
            return
    path, examined = source(bench)
    measures = measured(bench)
    bench.reporter("propose")
    trim = propose.trim(measures, examined.info)
    chosen = thumbnails.choose(measures.samples, trim)
    folder = bench.folder / "stills"
    folder.mkdir(exist_ok=True)
    stills = thumbnails.take_stills(bench.tools, path, examined.info, chosen, folder, bench.listener())
    with bench.record.write() as session:
        episode = session.get_one(Episode, bench.episode_id)
        intake.propose(episode, trim, propose.chapters(measures, trim), stills)


def cut(bench: Bench, number: int) -> None:
    """Make the master of this cut, with as little made anew as can be."""
    out = bench.folder / f"master-{number}.mp4"
    with bench.record.read() as session:
        episode = session.get_one(Episode, bench.episode_id)
        made = episode.rendition("master")
        if made is not None and made.cut == number and Path(made.path).exists():
            return
        wanted = episodes.meant_timeline(episode)
        title, show = episode.title, episode.programme.name if episode.programme else None
    path, examined = source(bench)
    measures = measured(bench)
    level = measures.loudness_of(*wanted.kept)
    cuts = find_cuts(bench.tools, path, examined.info, wanted.kept)
    decided = plan.plan(examined.info, level, wanted, timing=examined.timing, cuts=cuts)
    with bench.record.write() as session:
        intake.keep_plan(session.get_one(Episode, bench.episode_id), decided)
    card = None
    if not examined.info.has_video:
        card = still.draw_card(bench.folder / "card.jpg", show or "", title)
    finished = render.master(
        bench.tools,
        path,
        out,
        examined,
        decided,
        wanted,
        level,
        cuts=cuts,
        still=card,
        on_progress=bench.reporter("encode" if decided.action is PlanAction.ENCODE else "render"),
        should_stop=bench.listener(),
    )
    digest = sha256(out, bench.listener())
    with bench.record.write() as session:
        intake.keep_rendition(
            session.get_one(Episode, bench.episode_id),
            "master",
            number,
            out,
            finished.bytes,
            digest,
            finished.duration_s,
            finished.loudness,
            bench.clock.now(),
            kept=finished.shows,
        )


def make_watchable(bench: Bench) -> None:
    """See to it that a browser can play the whole recording: as it is, as the working file, or as a preview."""
    with bench.record.read() as session:
        if session.get_one(Episode, bench.episode_id).rendition("preview") is not None:
            return
    path, examined = source(bench)
    if playable(examined.info, examined.layout):
        if path != bench.working:
            return
        out = path
    else:
        out = render.preview(
            bench.tools,
            path,
            bench.folder / "preview.mp4",
            examined.info,
            on_progress=bench.reporter("preview"),
            should_stop=bench.listener(),
        )
    digest = sha256(out, bench.listener())
    with bench.record.write() as session:
        episode = session.get_one(Episode, bench.episode_id)
        size, duration_s = out.stat().st_size, examined.info.duration_s
        intake.keep_rendition(episode, "preview", 1, out, size, digest, duration_s, None, bench.clock.now())


def offer(bench: Bench, number: int) -> None:
    """Hand the episode to the people who review."""
    with bench.record.write() as session:
        episode = session.get_one(Episode, bench.episode_id)
        intake.offer_for_review(session, episode, number, bench.clock.now())


def source(bench: Bench) -> tuple[Path, Examined]:
    """The one file that holds the whole recording, and what it is."""
    if bench.working.exists():
        path = bench.working
    else:
        with bench.record.read() as session:
            path = Path(session.get_one(Episode, bench.episode_id).recording.parts[0].path)
    return path, examine(bench.tools, path)


def measured(bench: Bench) -> Measures:
    """What was measured.

    Raises:
        Refused: the file of measures is gone.
    """
    found = kept.read(bench.measures)
    if found is None:
        raise Refused("Les mesures de cet épisode ont disparu du disque : relancez sa préparation.")
    return found


def sha256(path: Path, stop: ShouldStop, report: object = None) -> str:
    """Hash of a file, read in blocks; stops when told to."""
    digest, done, size = hashlib.sha256(), 0, max(1, path.stat().st_size)
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if stop():
                raise Cancelled("Préparation arrêtée.")
            digest.update(block)
            done += len(block)
            if callable(report):
                report(done / size)
    return digest.hexdigest()
