"""Measures a recording in one cheap pass: the sound decoded once, of the picture the keyframes only.

About 30 s of work per hour of 1080p, and a memory that does not grow with the length beyond a few MB per hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from pasvu.channel.values import MediaInfo, Span
from pasvu.ingest import commands, edges, process, truepeaks
from pasvu.ingest.facts import Measures, Sample
from pasvu.ingest.hearing import Hearing
from pasvu.ingest.listening import HALF, Listening
from pasvu.ingest.loudness import LevelReader, Levels
from pasvu.ingest.seeing import Seeing
from pasvu.ingest.silence import addresses, runs
from pasvu.ingest.tools import Tools

_SAMPLE_EVERY_S = 20.0
_STILL_LEAST_S = 4.0
_KEY_LEAST_S = 0.5
_WORD_S = 1.0
"""A last word may be as short; what is shorter is a voice only heard in music."""


def measure(
    tools: Tools,
    path: Path,
    info: MediaInfo,
    on_progress: process.OnProgress | None = None,
    should_stop: process.ShouldStop | None = None,
    *,
    sees: bool = True,
) -> Measures:
    """All that can be known of a recording without decoding every frame; `sees`: whether its picture can be decoded.

    Raises:
        Cancelled, ToolFailed: as `process.run`.
    """
    hearing, levels, seeing = Hearing(info.duration_s), LevelReader(), Seeing()
    listening = Listening(hearing)
    outputs, sinks = [], {}
    streams = _received(path, info.has_audio, info.has_video and sees)
    if info.has_audio:
        outputs.append(_sound(streams))
        sinks["@samples"] = listening.take
    if info.has_video and sees:
        outputs.append(_picture(streams))
        sinks["@frames"] = seeing.take

    def heard(line: str) -> None:
        if not levels.heard(line):
            seeing.heard(line)

    if outputs:
        process.run(
            commands.command(tools, outputs, verbose=True, sound_only=True),
            subject=path.name,
            reads=[path],
            writes=(),
            sinks=sinks,
            on_line=heard,
            on_progress=on_progress,
            duration_s=info.duration_s,
            should_stop=should_stop,
        )
    listening.finish()
    known = listening.completed(levels.levels()) if info.has_audio else None
    return judged(hearing, known, seeing, edges.looker(tools, path, should_stop), info)


def judged(hearing: Hearing, levels: Levels | None, seeing: Seeing, look: edges.Look, info: MediaInfo) -> Measures:
    """What was heard and seen, put together; `look` is used for a few moments between keyframes."""
    dead, speech = edges.dead_ends(seeing, info.duration_s, look), hearing.speech()
    times = seeing.times[: len(seeing.dark)]
    return Measures(
        duration_s=info.duration_s,
        levels=levels,
        sides=hearing.sides(),
        silences=tuple(hearing.silences()),
        speech=tuple(speech),
        dead=tuple(dead),
        waiting=tuple(_waiting(seeing, dead, speech, info.duration_s, look)),
        black=tuple(_spans(times, seeing.dark, info.duration_s, least_s=0.0)),
        still=tuple(_spans(times, _also_first(seeing.same), info.duration_s, least_s=_STILL_LEAST_S)),
        cuts=tuple(time for time, here in zip(times, seeing.cut_here, strict=False) if here),
        keys_apart_s=float(np.median(np.diff(times))) if len(times) > 1 else 0.0,
        samples=tuple(_best(times, seeing, dead)),
        peaks=hearing.waveform(),
    )


def _waiting(
    seeing: Seeing, dead: Sequence[Span], speech: Sequence[Span], duration_s: float, look: edges.Look
) -> list[Span]:
    """What moves at either end while nobody speaks, where no dead picture lasts until about then."""
    said = addresses(speech)
    if not said:
        return []
    found = []
    # Where a dead picture ends, the programme begins: what comes back after it is the programme's own.
    lit_s = next((span.end_s for span in dead if span.start_s == 0.0), None)
    first_s = said[0].start_s
    if lit_s is None or lit_s < first_s - edges.BEFORE_VOICE_S:
        found += edges.waiting(seeing, first_s, look, closely=lit_s is None)
    gone_s = next((span.start_s for span in dead if span.end_s == duration_s), None)
    last_s = next((span.end_s for span in reversed(speech) if span.duration_s >= _WORD_S), said[-1].end_s)
    if gone_s is None or gone_s > last_s + edges.AFTER_VOICE_S:
        found += edges.staying(seeing, last_s, duration_s, look, closely=gone_s is None)
    # A concert with a word of welcome is not to be cut down to the welcome.
    return [span for span in found if span.duration_s <= speech[-1].end_s - said[0].start_s]


def _received(path: Path, hears: bool, sees: bool) -> Any:
    """The file, opened once for all that is listened to and looked at: the index of 12 h alone takes 75 MB."""
    words: dict[str, Any] = {"sn": None, "dn": None}
    if sees:
        # One frame in 50 is decoded: the great saving of the whole pass. (`-discard nokey` would save a tenth more, but
        # since ffmpeg 8 the MP4 reader then gives wrong instants, by two frames.)
        words["skip_frame:v"] = "nokey"
        # Of frames so far apart, threads would only hold one each and wait: half as dear again.
        words["threads:v"] = 1
    return commands.received(path, **words, **({} if hears else {"an": None}), **({} if sees else {"vn": None}))


def _sound(streams: Any) -> Any:
    """Loudness into the log, samples into a pipe; heard as the stereo that the master will have."""
    sound = commands.gapless(streams["a:0"], truepeaks.RATE)
    # info: the levels of each 100 ms are in the log, so that any trim's loudness is known without another pass. What
    # was listened to goes on to the samples: a second branch would cost a third more. True peaks are found there: here
    # they would double the cost of the sound.
    loud = sound.filter("ebur128", framelog="info")
    half = loud.filter("volume", HALF, precision="double").filter(
        "aformat", sample_fmts="s16", channel_layouts="stereo"
    )
    # Half a second at a time: each frame wakes two threads more.
    return half.filter("asetnsamples", truepeaks.RATE // 2, p=0).output("@samples", f="s16le")


def _picture(streams: Any) -> Any:
    """Small grey keyframes into a pipe, their instants into the log."""
    # Where every frame is a keyframe (ProRes, DNxHD), two per second are enough.
    apart = streams["V:0"].filter("select", f"isnan(prev_selected_t)+gte(t-prev_selected_t,{_KEY_LEAST_S})")
    return edges.shrink(apart).output("@frames", f="rawvideo", fps_mode="passthrough")


def _spans(times: list[float], flags: list[bool], duration_s: float, least_s: float) -> list[Span]:
    """Stretches of keyframes for which something holds, each up to the next keyframe."""
    ends = [*times[1:], duration_s]
    found = [Span(times[first], ends[last - 1]) for first, last in runs(np.array(flags[: len(times)], dtype=bool))]
    return [span for span in found if span.duration_s > least_s]


def _also_first(same: list[bool]) -> list[bool]:
    """A keyframe like its successor belongs to the still picture too."""
    return [here or after for here, after in pairwise([*same, False])]


def _best(times: list[float], seen: Seeing, dead: list[Span]) -> list[Sample]:
    """The best-looking keyframe of each 20 s, away from dead stretches and from still pictures."""
    best: dict[int, Sample] = {}
    for index, (time, score) in enumerate(zip(times, seen.scores, strict=False)):
        if any(span.start_s - 0.5 <= time < span.end_s + 0.5 for span in dead) or seen.dark[index]:
            continue
        bucket = int(time // _SAMPLE_EVERY_S)
        # A slide that stands still is readable as a still, but a moving face is worth more.
        worth = score * (0.6 if seen.same[index] else 1.0)
        if worth > 0 and (bucket not in best or worth > best[bucket].score):
            best[bucket] = Sample(time, round(worth, 3))
    return [best[bucket] for bucket in sorted(best)]
