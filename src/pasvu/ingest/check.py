"""Checks a master before it gets its name: exit code 0 proves nothing (a stopped ffmpeg leaves a short valid film)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pasvu.channel.values import MediaInfo
from pasvu.ingest import commands, inspect, loudness, process, structure
from pasvu.ingest.layout import read_layout
from pasvu.ingest.loudness import Levels
from pasvu.ingest.tools import Tools

LEAST_S, SHARE = 1.0, 0.001


def check_file(tools: Tools, path: Path, duration_s: float, *, video: bool, audio: bool) -> MediaInfo:
    """What the finished file is.

    Raises:
        ToolFailed: it is cut short, lacks a stream, carries an edit list or has its index at the end.
    """
    faults = []
    if structure.whole(path) is not None:
        faults.append("not whole")
    layout = read_layout(path)
    if layout is None or not layout.index_first:
        faults.append("index not first")
    if layout is not None and layout.edits:
        faults.append("edit list")
    info = inspect.inspect(tools, path)
    if abs(info.duration_s - duration_s) > max(LEAST_S, SHARE * duration_s):
        faults.append(f"lasts {info.duration_s:.3f} s instead of {duration_s:.3f}")
    if info.has_video != video or info.has_audio != audio:
        faults.append(f"video {info.has_video}, audio {info.has_audio}")
    if faults:
        raise process.ToolFailed(
            "La vidéo finale de « {file} » n’est pas bonne et a été jetée ; l’enregistrement est intact. "
            "Relancez l’opération ; si cela se répète, exportez l’enregistrement à nouveau.",
            "; ".join(faults),
            file=path.name,
        )
    return info


def highest_peak(
    tools: Tools,
    path: Path,
    starts: Sequence[float],
    length_s: float,
    should_stop: process.ShouldStop | None = None,
) -> float:
    """The highest true peak, in dBTP, of some stretches of a finished sound."""
    found = []
    for start_s in starts:
        # One after the other: as many inputs at once would hold as many indexes in memory.
        source = commands.received(path, ss=f"{start_s:.3f}", t=f"{length_s:.3f}", vn=None)["a:0"]
        output = source.filter("ebur128", peak="true", framelog="verbose").output("-", f="null")
        command = commands.command(tools, [output], verbose=True, sound_only=True)
        done = process.run(command, subject=path.name, reads=[path], writes=(), should_stop=should_stop)
        heard = loudness.read_summary(done.errors)
        found += [heard.true_peak_dbtp] if heard is not None else []
    return max(found, default=0.0)


def hear(
    tools: Tools,
    path: Path,
    duration_s: float,
    on_progress: process.OnProgress | None = None,
    should_stop: process.ShouldStop | None = None,
) -> Levels:
    """Loudness and true peak of a finished sound, measured after the encoder (13 s of work per hour)."""
    sound = commands.received(path, vn=None, sn=None, dn=None)["a:0"].filter("aformat", channel_layouts="stereo")
    # info: the levels of each 100 ms are in the log, so that any cut's loudness is known without another pass.
    output = sound.filter("ebur128", peak="true", framelog="info").output("-", f="null")
    reader = loudness.LevelReader()
    done = process.run(
        commands.command(tools, [output], verbose=True, sound_only=True),
        subject=path.name,
        reads=[path],
        writes=(),
        on_line=reader.heard,
        on_progress=on_progress,
        duration_s=duration_s,
        should_stop=should_stop,
    )
    found = reader.levels()
    if not found.momentary:
        raise process.ToolFailed(
            "Le niveau du son de « {file} » n’a pas pu être mesuré. Relancez l’opération.",
            "\n".join(done.errors),
            file=path.name,
        )
    return found
