"""Chooses what is done to a sound, and writes it as filters: raised or lowered, held under the ceiling."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pasvu.channel.timeline import Timeline
from pasvu.channel.values import Loudness, Span
from pasvu.ingest import commands, ffconcat, loudness, process
from pasvu.ingest.ffconcat import Piece
from pasvu.ingest.loudness import Mend
from pasvu.ingest.tools import Tools

PRIMING_S = 1024 / 48000
"""What the AAC encoder adds in front: the sound is taken that much later, so that no edit list must hide it."""
_TRIALS_DB = (0.0, 1.5, 3.0, 5.0)
_WHOLE_UP_TO_S = 300.0
_EXCERPT_S, _EXCERPTS_MOST = 8.0, 40
"""From some length on, a few seconds every few minutes say enough about the limiter's appetite."""


@dataclass(frozen=True)
class Treatment:
    """Channels mended, a gain in dB, then a limiter at `limit_db` unless it is `None`."""

    gain_db: float = 0.0
    limit_db: float | None = None
    mend: Mend = Mend.NOTHING


def choose(
    tools: Tools,
    path: Path,
    shows: Timeline,
    level: Loudness | None,
    mend: Mend = Mend.NOTHING,
    should_stop: process.ShouldStop | None = None,
) -> Treatment:
    """What to do with the sound of these stretches. `level` is theirs once mended, `None` if not known.

    A limiter eats loudness by an amount that only a trial tells: four gains are tried at once on excerpts.
    """
    if level is None:
        return Treatment(limit_db=loudness.LIMIT_DB, mend=mend)
    gain_db = loudness.wanted_gain(level)
    if not loudness.needs_limiter(level, gain_db):
        return Treatment(gain_db=gain_db, mend=mend)
    if level.integrated_lufs <= loudness.SILENT_LUFS:
        return Treatment(limit_db=loudness.LIMIT_DB, mend=mend)
    tried = _try_gains(tools, path, shows, level, gain_db, mend, should_stop)
    return Treatment(gain_db=loudness.interpolated_gain(tried), limit_db=loudness.LIMIT_DB, mend=mend)


def corrected(treatment: Treatment, result: Loudness) -> Treatment | None:
    """What to do instead after measuring the result; `None` when it is right, or when nothing would help."""
    off_lu = loudness.TARGET_LUFS - result.integrated_lufs
    too_high = result.true_peak_dbtp - loudness.CEILING_DBTP
    if result.integrated_lufs <= loudness.SILENT_LUFS:
        return None
    if abs(off_lu) <= loudness.TOLERANCE_LU and too_high <= 0:
        return None
    limit_db = loudness.LIMIT_DB if treatment.limit_db is None else treatment.limit_db
    if too_high > 0:
        limit_db -= too_high + 0.2
    gain_db = treatment.gain_db + (off_lu if abs(off_lu) > loudness.TOLERANCE_LU / 2 else 0.0)
    return replace(treatment, gain_db=min(loudness.MOST_GAIN_DB, gain_db), limit_db=limit_db)


def treated(sound: Any, treatment: Treatment) -> Any:
    """The filters of a treatment on an ffmpeg-python stream; stereo at 48 kHz comes out."""
    # Oversampled, because a limiter at 48 kHz lets peaks between samples through (+0.1 dBTP measured).
    rate = 48000 if treatment.limit_db is None else 96000
    sound = _mended(commands.gapless(sound, rate), treatment.mend)
    if treatment.gain_db:
        sound = sound.filter("volume", f"{treatment.gain_db:.2f}dB")
    if treatment.limit_db is not None:
        sound = _limited(sound, treatment.limit_db).filter("aresample", 48000, internal_sample_fmt="fltp")
    return sound


def _mended(sound: Any, mend: Mend) -> Any:
    if mend is Mend.TURN_RIGHT:
        return sound.filter("aeval", exprs="val(0)|-val(1)", channel_layout="stereo")
    if mend in (Mend.LEFT_ON_BOTH, Mend.RIGHT_ON_BOTH):
        side = "c0" if mend is Mend.LEFT_ON_BOTH else "c1"
        # Not `channelmap`: both sides would be one buffer, and a gain that follows would be given twice.
        return sound.filter("pan", args=f"stereo|c0={side}|c1={side}")
    return sound


def _limited(sound: Any, limit_db: float) -> Any:
    # level=0: no gain of its own. latency=1: its 5 ms of looking ahead are taken back.
    return sound.filter("alimiter", limit=f"{limit_db:.2f}dB", level=0, latency=1)


def excerpts(shows: Timeline) -> list[Span]:
    """Where to listen to know the whole: all of it when it is short, else a few seconds every few minutes. Pure."""
    if shows.duration_s <= _WHOLE_UP_TO_S:
        return list(shows.kept)
    found: list[Span] = []
    for span in shows.kept:
        count = max(1, round(_EXCERPTS_MOST * span.duration_s / max(shows.duration_s, _EXCERPTS_MOST * 60.0)))
        apart_s = span.duration_s / count
        for number in range(count):
            middle_s = span.start_s + (number + 0.5) * apart_s
            half_s = min(_EXCERPT_S, apart_s) / 2
            found.append(Span(middle_s - half_s, middle_s + half_s))
    return found


def _try_gains(
    tools: Tools,
    path: Path,
    shows: Timeline,
    level: Loudness,
    gain_db: float,
    mend: Mend,
    should_stop: process.ShouldStop | None,
) -> list[tuple[float, float]]:
    """(gain, loudness that it gives for the whole) of four trials."""
    heard = excerpts(shows)
    gains = [gain_db + more for more in _TRIALS_DB]
    with tempfile.NamedTemporaryFile("w", suffix=".ffconcat", encoding="utf-8") as listing:
        # One file after the other: as many inputs at once would hold as many indexes in memory.
        listing.write(ffconcat.text([Piece(path, span.start_s, span.end_s, span.duration_s) for span in heard]))
        listing.flush()
        sound = ffconcat.listed(Path(listing.name))["a:0"].filter("aformat", channel_layouts="stereo")
        sound = _mended(sound, mend)
        split = sound.filter_multi_output("asplit", len(gains) + 1)
        # verbose: the levels of each 100 ms stay out of the log, the summaries come; each under its own name.
        branches = [split[0].filter("ebur128@plain", framelog="verbose")]
        for number, gain in enumerate(gains, 1):
            limited = _limited(split[number].filter("volume", f"{gain:.2f}dB"), loudness.LIMIT_DB)
            branches.append(limited.filter(f"ebur128@gain{number}", framelog="verbose"))
        done = process.run(
            commands.command(
                tools, [branch.output("-", f="null") for branch in branches], verbose=True, sound_only=True
            ),
            subject=path.name,
            reads=[path, Path(listing.name)],
            writes=(),
            duration_s=sum(span.duration_s for span in heard),
            should_stop=should_stop,
        )
    found = loudness.read_integrated(done.errors)
    plain = found["ebur128@plain"]
    # What the limiter took from the sample is what it will take from the whole.
    return [
        (gain, level.integrated_lufs + found[f"ebur128@gain{number}"] - plain) for number, gain in enumerate(gains, 1)
    ]
