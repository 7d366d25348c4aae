"""The sound of a recording as its masters need it: made once at the right level, kept, and copied into every cut.

A cut after review then costs no encoding: packets of the kept sound are taken as they are, and the picture is laid
against them to the sample.
"""

from __future__ import annotations

import json
import logging
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pasvu.channel.timeline import Timeline
from pasvu.channel.values import Loudness, MediaInfo
from pasvu.ingest import aside, check, commands, ffconcat, kept, loudness, packets, process, sound
from pasvu.ingest.ffconcat import Piece
from pasvu.ingest.loudness import Levels, Mend
from pasvu.ingest.plan import LONG_S, keeps_sound
from pasvu.ingest.sound import Treatment
from pasvu.ingest.tools import Tools

log = logging.getLogger(__name__)

FRAME_S = 1024 / 48000
"""How long a packet of AAC lasts."""
_EXACT_S = 0.0001
_REUSED_LU = 0.35
_LISTENED, _LISTENED_S = 8, 8.0
_SAFE_DB = 0.4
"""With the loudest stretches this far under the ceiling, no other passes it."""
_LONG_S = LONG_S
"""Beyond this a sound is written in pieces while it is made: of 12 h the writer would hold 130 MB of packets beside
what reading and the limiter take, 270 MB in all."""
_FORM: dict[str, Any] = {"f": "mp4", "map_metadata": -1, "map_chapters": -1, "use_editlist": 0}
_PIECES: dict[str, Any] = {"movflags": "+empty_moov+default_base_moof", "frag_duration": 60_000_000}
_WRITTEN = 0.9
"""Of the progress shown; the rest is for listening to the result."""


@dataclass(frozen=True)
class Soundtrack:
    """A file whose first sound is taken packet by packet.

    `offset_s` is the recording's time at the file's 0; `levels` are those of the file, in the recording's time. `read`
    is when its packets start where that was read from it: those of a sound made here follow from its length.
    """

    path: Path
    offset_s: float
    levels: Levels | None
    read: np.ndarray | None = None

    @property
    def starts(self) -> np.ndarray:
        """When each packet starts, in seconds of the recording; 16 MB for 12 h, of use for a moment only."""
        if self.read is not None:
            return self.read
        count = math.ceil(loudness.duration_s(self.levels) / FRAME_S) + 1 if self.levels is not None else 0
        return self.offset_s + np.arange(count) * FRAME_S

    def loudness_of(self, shows: Timeline) -> Loudness | None:
        """Loudness of what a film with these stretches will have, measured after the encoder."""
        if self.levels is None:
            return None
        return loudness.of_levels(self.levels, [(span.start_s, span.end_s) for span in shows.kept])


@dataclass(frozen=True)
class Laying:
    """How packets are taken for a film: pairs of first packet and one past the last, one for each stretch.

    Packets last 21 ms, so that the sound of a stretch begins up to that much before its picture: the film's first
    picture stays `longer_s` longer, and after each join the picture comes `slips_s` later (or earlier), never more than
    half a packet. Sound and picture are then together to the sample.
    """

    taken: tuple[tuple[int, int], ...]
    longer_s: float
    slips_s: tuple[float, ...]


NOTHING = Laying((), 0.0, ())
"""That of a film without sound."""


def laid(shows: Timeline, starts: np.ndarray) -> Laying:
    """The packets of these stretches. Pure."""
    taken, slips = [], []
    longer_s, picture_s, sound_s = 0.0, 0.0, 0.0
    first, late_s = _packet_at(starts, shows.start_s)
    longer_s = picture_s = late_s
    for span, after in zip(shows.kept, [*shows.kept[1:], None], strict=True):
        picture_s += span.duration_s
        if after is None:
            last = int(np.searchsorted(starts, span.end_s - _EXACT_S))
            taken.append((first, max(first, last)))
            break
        following, late_s = _packet_at(starts, after.start_s)
        count = max(0, round((picture_s - late_s - sound_s) / FRAME_S))
        taken.append((first, first + count))
        sound_s += count * FRAME_S
        slips.append(round(sound_s + late_s - picture_s, 6))
        picture_s = sound_s + late_s
        first = following
    return Laying(tuple(taken), round(longer_s, 6), tuple(slips))


def _packet_at(starts: np.ndarray, time_s: float) -> tuple[int, float]:
    """The packet that holds an instant, and how much after its start the instant is."""
    place = max(0, int(np.searchsorted(starts, time_s + _EXACT_S)) - 1)
    if not starts.size or starts[place] > time_s:
        return place, 0.0
    late_s = time_s - float(starts[place])
    return place, 0.0 if late_s < _EXACT_S else late_s


def taken(track: Soundtrack, laying: Laying, list_path: Path) -> Any:
    """The packets of a laying as an input of ffmpeg; the list is written at `list_path`."""
    pieces, starts = [], track.starts
    for first, last in laying.taken:
        if last > first:
            in_s = float(starts[first]) - track.offset_s
            end_s = float(starts[last]) - track.offset_s if last < len(starts) else None
            # Rounded up, or the packet before would be taken too; left a quarter of a packet before the next.
            piece = Piece(
                track.path,
                in_s=math.ceil(in_s * 1e6) / 1e6,
                out_dts_s=end_s - FRAME_S / 4 if end_s is not None else None,
                duration_s=(last - first) * FRAME_S,
            )
            pieces.append(piece)
    list_path.write_text(ffconcat.text(pieces), encoding="utf-8")
    return ffconcat.listed(list_path)["a:0"]


def ready(
    tools: Tools,
    source: Path,
    info: MediaInfo,
    shows: Timeline,
    level: Loudness | None,
    levels: Levels | None,
    out: Path,
    *,
    mend: Mend = Mend.NOTHING,
    on_progress: process.OnProgress | None = None,
    should_stop: process.ShouldStop | None = None,
) -> Soundtrack | None:
    """The sound to take the packets of: the source's own, the one kept at `out`, or a new one there.

    `None` without sound. `level` is that of what is shown once mended, `levels` those of the whole, as stereo.

    Raises:
        NoRoom, Cancelled, ToolFailed: nothing new is at `out`.
    """
    if not info.has_audio:
        return None
    if keeps_sound(info, level, mend):
        starts = packets.read_starts(tools, source, "a:0") - info.start_s
        return Soundtrack(source, -info.start_s, levels, starts)
    track = _read(out, source)
    if track is not None and _serves(track.loudness_of(shows)):
        return track
    return _make(tools, source, info, shows, level, levels, mend, out, on_progress, should_stop)


def _serves(measured: Loudness | None) -> bool:
    """Whether a kept sound is right for a cut; a little is left for the blocks across the joins, which nobody heard."""
    if measured is None or measured.integrated_lufs <= loudness.SILENT_LUFS:
        return measured is not None
    off_lu = abs(measured.integrated_lufs - loudness.TARGET_LUFS)
    return off_lu <= _REUSED_LU and measured.true_peak_dbtp <= loudness.CEILING_DBTP


def _make(
    tools: Tools,
    source: Path,
    info: MediaInfo,
    shows: Timeline,
    level: Loudness | None,
    received: Levels | None,
    mend: Mend,
    out: Path,
    on_progress: process.OnProgress | None,
    should_stop: process.ShouldStop | None,
) -> Soundtrack:
    """Treat and encode the whole sound, so that any later cut finds its packets there."""
    # A packet begins exactly where the film does.
    offset_s = shows.start_s - math.floor(shows.start_s / FRAME_S) * FRAME_S
    treatment = sound.choose(tools, source, shows, level, mend, should_stop)
    part = out.with_name(f".{out.name}.part")
    try:
        for attempt in range(2):
            told = on_progress if attempt == 0 else None
            levels = _encode(tools, source, info, treatment, received, offset_s, part, told, should_stop)
            levels = _checked(tools, part, info, levels, received, should_stop)
            measured = Soundtrack(part, offset_s, levels).loudness_of(shows)
            better = sound.corrected(treatment, measured) if measured is not None else None
            if better is None or attempt:
                break
            log.info("%s: %s is not right, once more with %s", source.name, measured, better)
            treatment = better
        aside.keep(part, out)
    finally:
        part.unlink(missing_ok=True)
    _write(out, source, offset_s, levels)
    return Soundtrack(out, offset_s, levels)


def _checked(
    tools: Tools,
    part: Path,
    info: MediaInfo,
    levels: Levels,
    received: Levels | None,
    should_stop: process.ShouldStop | None,
) -> Levels:
    """The levels with the true peaks after the encoder: those of its loudest stretches, of all when they are high.

    An encoder moves loudness by less than it can be read, but adds to peaks.
    """
    starts = loudness.loudest(received, _LISTENED_S, _LISTENED) if received is not None else []
    peak_dbtp = check.highest_peak(tools, part, starts, _LISTENED_S, should_stop) if starts else 0.0
    if peak_dbtp <= loudness.CEILING_DBTP - _SAFE_DB:
        return loudness.with_peak(levels, peak_dbtp)
    return check.hear(tools, part, info.duration_s, None, should_stop)


def _encode(
    tools: Tools,
    source: Path,
    info: MediaInfo,
    treatment: Treatment,
    received: Levels | None,
    offset_s: float,
    part: Path,
    on_progress: process.OnProgress | None,
    should_stop: process.ShouldStop | None,
) -> Levels:
    """Write the treated sound, and give back the levels that went into the encoder, without peaks."""
    # Without a limiter they follow from those received: no need to listen once more.
    known = loudness.raised(received, treatment.gain_db, treatment.mend) if treatment.limit_db is None else None
    # The encoder puts a packet in front: entered that much later, the file's time is the recording's, from `offset_s`.
    entered_s = offset_s + sound.PRIMING_S
    stream = commands.received(source, ss=f"{entered_s:.6f}", vn=None, sn=None, dn=None)["a:0"]
    pieces = part.with_suffix(".pieces.part") if info.duration_s > _LONG_S else None
    written, options = (pieces, {**commands.AAC, **_FORM, **_PIECES}) if pieces else (part, {**commands.AAC, **_FORM})
    written.touch()  # so that the right to write goes to this file alone
    treated = sound.treated(stream, treatment)
    if known is None:
        treated = treated.filter("ebur128", framelog="info")
    reader = loudness.LevelReader()
    try:
        process.run(
            commands.command(
                tools, [treated.output(commands.address(written), **options)], verbose=known is None, sound_only=True
            ),
            subject=source.name,
            reads=[source],
            writes=[written],
            on_progress=(lambda share: on_progress(share * _WRITTEN)) if on_progress is not None else None,
            on_line=reader.heard,
            duration_s=info.duration_s,
            should_stop=should_stop,
        )
        if pieces is not None:
            _gather(tools, source, info, pieces, part, should_stop)
    finally:
        if pieces is not None:
            pieces.unlink(missing_ok=True)
    return known if known is not None else reader.levels()


def _gather(
    tools: Tools, source: Path, info: MediaInfo, pieces: Path, part: Path, should_stop: process.ShouldStop | None
) -> None:
    """Write a sound in pieces once more, under one index: the same file as one that was written in one go."""
    part.touch()
    output = commands.received(pieces)["a:0"].output(commands.address(part), acodec="copy", **_FORM)
    process.run(
        commands.command(tools, [output]),
        subject=source.name,
        reads=[pieces],
        writes=[part],
        duration_s=info.duration_s,
        should_stop=should_stop,
    )


def _write(out: Path, source: Path, offset_s: float, levels: Levels) -> None:
    document = {
        "of": source.stat().st_size,
        "bytes": out.stat().st_size,
        "offset_s": offset_s,
        "levels": kept.levels_document(levels),
    }
    kept.write_document(document, out.with_suffix(".json"))


def _read(out: Path, source: Path) -> Soundtrack | None:
    """The sound kept there; `None` when there is none, or of something else."""
    try:
        document = json.loads(out.with_suffix(".json").read_text())
        if (document["of"], document["bytes"]) != (source.stat().st_size, out.stat().st_size):
            return None
        levels = kept.levels_of(document["levels"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Soundtrack(out, document["offset_s"], levels)
