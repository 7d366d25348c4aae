"""The steps from recording to reviewable episode; each may run again and passes over what the record has."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from pasvu.channel import audio, captions, episodes, intake
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode
from pasvu.channel.values import Chapter, MediaInfo, Plan, Trim
from pasvu.ingest import filming, kept, propose, render, report, still, thumbnails, voicing
from pasvu.ingest.abilities import able
from pasvu.ingest.bench import Bench
from pasvu.ingest.examined import examine, frames
from pasvu.ingest.facts import Examined, Measures
from pasvu.ingest.failures import ToolFailed
from pasvu.ingest.hashing import sha256
from pasvu.ingest.inspect import chapters_in, playable
from pasvu.ingest.measure import measure
from pasvu.ingest.rereading import BrokenJoin

log = logging.getLogger(__name__)


def listen(bench: Bench) -> None:
    """Measure sound and picture in one pass."""
    if kept.read(bench.measures) is not None:
        return
    path, examined = source(bench)
    info = examined.info
    sees = able(bench.tools, info).reads
    found = measure(bench.tools, path, info, bench.reporter("measure"), bench.listener(), sees=sees)
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
        episode.recording.duration_s = info.duration_s


def suggest(bench: Bench) -> None:
    """Propose where it starts and ends, chapters and stills."""
    with bench.record.read() as session:
        episode = session.get_one(Episode, bench.episode_id)
        if episode.proposed_start_s is not None:
            return
        made = episode.cut
    path, examined = source(bench)
    measures = measured(bench)
    bench.reporter("propose")
    trim = propose.trim(measures, examined.info)
    marks, why = suggest_chapters(bench, measures, trim)
    chosen = thumbnails.choose(measures.samples, trim)
    # Proposed again after a part joined: a still that was chosen before stays the picture that it was.
    folder = bench.folder / (f"stills-{made}" if made else "stills")
    folder.mkdir(exist_ok=True)
    stills = thumbnails.take_stills(bench.tools, path, examined.info, chosen, folder, bench.listener())
    with bench.record.write() as session:
        episode = session.get_one(Episode, bench.episode_id)
        intake.propose(episode, trim, marks, stills, chapters_why=why)
        infos = [MediaInfo(**part.info) for part in episode.recording.parts if part.info] or [examined.info]
        can = able(bench.tools, examined.info)
        intake.keep_findings(
            episode, report.findings(infos[0], examined, measures, trim, infos, able=can, tone_map=bench.tone_map)
        )


def suggest_chapters(bench: Bench, measures: Measures, trim: Trim) -> tuple[list[Chapter], str | None]:
    """Chapters and why, in French: those that came with the recording, those it holds, else what is said and heard."""
    with bench.record.read() as session:
        episode = session.get_one(Episode, bench.episode_id)
        given = [Chapter(mark.start_s, mark.title) for mark in episode.chapters]
        parts = [Path(part.path) for part in episode.recording.parts]
        spoken = {caption.language: Path(caption.path) for caption in episode.captions}
        path = spoken.get(episode.language) or next(iter(spoken.values()), None)
    if given:
        return given, propose.GIVEN
    # Of several parts joined, none knows of the others.
    held = chapters_in(bench.tools, parts[0]) if len(parts) == 1 else []
    if held:
        return held, propose.HELD
    return propose.chapters_and_why(measures, trim, captions.load(path) if path is not None else [])


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
    card = None
    if not examined.info.has_video:
        card = still.draw_card(bench.folder / "card.jpg", show or "", title)

    def planned(decided: Plan) -> Callable[[float], None]:
        with bench.record.write() as session:
            intake.keep_plan(session.get_one(Episode, bench.episode_id), decided)
        return bench.reporter("encode" if filming.is_slow(decided) else "render")

    def redone(fault: BrokenJoin) -> None:
        with bench.record.write() as session:
            episode = session.get_one(Episode, bench.episode_id)
            intake.redo(session, episode, str(fault), fault.detail, bench.clock.now())

    _, finished = filming.film(
        bench.tools,
        path,
        out,
        examined,
        measured(bench),
        wanted,
        frames=lambda: frames(bench.tools, path, bench.folder),
        sound=bench.sound,
        still=card,
        tone_map=bench.tone_map,
        on_plan=planned,
        on_fault=redone,
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
        listened = audio.follows_each_cut(session.get_one(Episode, bench.episode_id), bench.podcast)
    if examined.info.has_audio and listened:
        try:
            voicing.voice(
                bench.record, bench.folders, bench.tools, bench.episode_id, bench.clock.now(), bench.listener()
            )
        except ToolFailed:
            # The film is made, and that is what is sent; the sound alone can be asked for again.
            log.exception("no audio rendition of %s", bench.episode_id)


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
        intake.keep_rendition(
            episode, "preview", episode.wanted_cut, out, size, digest, duration_s, None, bench.clock.now()
        )


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
    return path, examine(bench.tools, path, bench.folder)


def measured(bench: Bench) -> Measures:
    """What was measured.

    Raises:
        Refused: the file of measures is gone.
    """
    found = kept.read(bench.measures)
    if found is None:
        raise Refused("Les mesures de cet épisode ont disparu du disque : relancez sa préparation.")
    return found
