"""Reads the table of frames of a picture (instants, order, keyframes) and judges its rhythm; nothing is decoded."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pasvu.ingest import commands, process
from pasvu.ingest.facts import Packets, Timing
from pasvu.ingest.tools import Tools

_REGULAR = 0.25
"""A step that differs from the usual one by more than a quarter is not rounding of time stamps."""


def read_packets(tools: Tools, path: Path) -> Packets:
    """The frames of the first picture (1 s of work per hour of footage)."""
    shown, decoded, keys = array("d"), array("d"), array("b")

    def take(pts: bytes, dts: bytes, flags: bytes) -> None:
        shown.append(float(pts))
        decoded.append(float(dts) if dts not in (b"N/A", b"") else float(pts))
        keys.append(b"K" in flags)

    # `V` leaves cover art aside.
    _read(tools, path, "V:0", "pts_time,dts_time,flags", take)
    return Packets(np.array(shown), np.array(decoded), np.array(keys, dtype=bool))


def read_starts(tools: Tools, path: Path, stream: str) -> np.ndarray:
    """When each packet of a stream starts, in seconds of the file."""
    starts = array("d")
    _read(tools, path, stream, "pts_time", lambda pts, *_: starts.append(float(pts)))
    return np.array(starts)


def _read(tools: Tools, path: Path, stream: str, entries: str, take: Callable[[bytes, bytes, bytes], object]) -> None:
    rest = b""

    def cut(chunk: bytes) -> None:
        nonlocal rest
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            pts, dts, flags, *_ = (*line.split(b","), b"", b"")
            if pts not in (b"N/A", b""):
                take(pts, dts, flags)

    wanted = ["-select_streams", stream, "-show_entries", f"packet={entries}", "-of", "csv=p=0"]
    process.run(
        commands.probe(tools, path, *wanted), reads=[path], writes=(), on_out=cut, subject=path.name, deadline_s=1800
    )


def _delay(packets: Packets, step_s: float) -> int:
    """How many frames lie between decoding a keyframe and showing it."""
    ahead = (packets.shown - packets.decoded)[packets.keys]
    return round(float(np.median(ahead)) / step_s) if step_s > 0 and ahead.size else 0


def timing(packets: Packets) -> Timing | None:
    """The rhythm of a picture; `None` when it has no frame."""
    if not len(packets):
        return None
    steps = np.diff(np.sort(packets.shown))
    steps = steps[steps > 1e-6]
    key_times = packets.shown[packets.keys]
    usual = float(np.median(steps)) if steps.size else 0.0
    odd = float(np.mean(np.abs(steps - usual) > _REGULAR * usual)) if steps.size else 0.0
    return Timing(
        frames=len(packets),
        longest_gap_s=float(steps.max()) if steps.size else 0.0,
        # A lost frame or a join of two files does not make a rhythm variable.
        variable=odd > 0.01,
        open_gop=bool((packets.keys & ~packets.clean_keys()).any()),
        delay_frames=_delay(packets, usual),
        keyframe_gap_s=float(np.diff(key_times).max()) if len(key_times) > 1 else 0.0,
    )
