"""Decodes a finished film around each of its joins, and compares every frame there with the recording's own.

A film may be whole, have all its packets and still show rubbish behind a join: open groups of pictures, keyframes from
which nothing can be decoded, parameter sets that changed on the way. Only decoding tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from pasvu.channel.values import MediaInfo
from pasvu.ingest import commands, edges, process, seeing
from pasvu.ingest.facts import Stretch
from pasvu.ingest.failures import ToolFailed
from pasvu.ingest.soundtrack import Laying
from pasvu.ingest.tools import Tools

AROUND_S = 1.0
"""How much is looked at on each side of a join: 1 s of work for each join at 1080p25."""
_LATE_S = 0.006
_COPIED_LEVELS, _MADE_LEVELS = 2.0, 16.0
"""Of 255, in the block that differs most: copied frames are the same, new ones very like."""
_BLOCK = 10


class BrokenJoin(ToolFailed):
    """The film is not the recording's around a join; `key_s` is the keyframe behind it that is not to be trusted."""

    def __init__(self, sentence: str, detail: str, key_s: float | None, **about: object) -> None:
        super().__init__(sentence, detail, **about)
        self.key_s = key_s


@dataclass(frozen=True)
class _Side:
    """A stretch's part near a join: instants in the recording, and how much later they are in the film."""

    start_s: float
    end_s: float
    later_s: float
    copied: bool


@dataclass(frozen=True)
class _Seen:
    times: np.ndarray
    frames: list[np.ndarray]
    complaints: tuple[str, ...]

    def between(self, start_s: float, end_s: float, near_s: float) -> Iterator[tuple[float, np.ndarray]]:
        """The frames that begin in a stretch, with their instants."""
        for time_s, frame in zip(self.times, self.frames, strict=True):
            if start_s - near_s <= time_s < end_s - near_s:
                yield float(time_s), frame


def check_joins(
    tools: Tools,
    film: Path,
    source: Path,
    info: MediaInfo,
    stretches: Sequence[Stretch],
    laying: Laying,
    should_stop: process.ShouldStop | None = None,
) -> None:
    """See that the picture around every join of `film` is that of `source`.

    Raises:
        BrokenJoin: a frame is missing, late or another one, or the film does not decode.
    """
    near_s = 0.4 / (info.fps or 25.0)
    for before, after, key_s in _joins(stretches, laying):
        fault = _fault(tools, film, source, before, after, near_s, should_stop)
        if fault:
            raise BrokenJoin(
                "La coupe à {at} s de « {file} » ne se lit pas bien : elle est refaite plus largement.",
                fault,
                key_s,
                at=f"{after.start_s:.2f}".replace(".", ","),
                file=source.name,
            )


def _joins(stretches: Sequence[Stretch], laying: Laying) -> Iterator[tuple[_Side | None, _Side, float | None]]:
    """What is on both sides of each join, and the keyframe that copying starts from behind it."""
    slips = iter(laying.slips_s)
    first = stretches[0]
    later_s = laying.longer_s - first.start_s
    if first.copied and first.start_s > 0.1:
        yield None, _after(first, later_s), first.start_s
    for one, other in pairwise(stretches):
        before = _Side(max(one.start_s, one.end_s - AROUND_S), one.end_s, later_s, one.copied)
        later_s += one.end_s - other.start_s
        if other.start_s > one.end_s + 1e-3:
            later_s += next(slips, 0.0)
        yield before, _after(other, later_s), other.start_s if other.copied else None


def _after(stretch: Stretch, later_s: float) -> _Side:
    return _Side(stretch.start_s, min(stretch.end_s, stretch.start_s + AROUND_S), later_s, stretch.copied)


def _fault(
    tools: Tools,
    film: Path,
    source: Path,
    before: _Side | None,
    after: _Side,
    near_s: float,
    should_stop: process.ShouldStop | None,
) -> str:
    """What is wrong around one join; empty when all is well."""
    sides = [side for side in (before, after) if side is not None]
    wanted: list[tuple[float, np.ndarray, bool]] = []
    excused = False
    seen = None
    for side in sides:
        # Decoded from a while before: the recording itself may need a moment to become clear.
        if seen is None or abs(side.start_s - sides[0].end_s) > near_s:
            end_s = after.end_s if before is None or abs(before.end_s - after.start_s) <= near_s else side.end_s
            seen = _look(tools, source, side.start_s - AROUND_S, end_s, should_stop)
        excused = excused or bool(seen.complaints)
        wanted += [
            (time_s + side.later_s, frame, side.copied)
            for time_s, frame in seen.between(side.start_s, side.end_s, near_s)
        ]
    if not wanted:
        return "the recording shows nothing there"
    start_s, end_s = sides[0].start_s + sides[0].later_s, after.end_s + after.later_s
    # The film's very first frame is at 0, wherever the others are laid.
    start_s = 0.0 if start_s < AROUND_S / 10 else start_s
    try:
        seen = _look(tools, film, start_s - 2 * near_s, end_s, should_stop)
    except ToolFailed as failure:
        return f"the film does not decode: {failure.detail}"
    if seen.complaints and not excused:
        return f"the film does not decode: {seen.complaints[0]}"
    found = list(seen.between(start_s, end_s, near_s))
    if len(found) != len(wanted):
        return f"{len(found)} frames instead of {len(wanted)}"
    for number, ((time_s, frame), (meant_s, meant, copied)) in enumerate(zip(found, wanted, strict=True)):
        if abs(time_s - meant_s) > _LATE_S and not (number == 0 and start_s == 0.0):
            return f"frame at {time_s:.4f} s instead of {meant_s:.4f} s"
        apart = _apart(frame, meant)
        if apart > (_COPIED_LEVELS if copied else _MADE_LEVELS):
            return f"frame at {time_s:.3f} s differs by {apart:.1f} levels"
    return ""


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference of the block of two frames that differs most, in levels."""
    apart = np.abs(one.astype(np.float32) - other.astype(np.float32))
    shape = (seeing.HEIGHT // _BLOCK, _BLOCK, seeing.WIDTH // _BLOCK, _BLOCK)
    return float(apart.reshape(shape).mean(axis=(1, 3)).max())


def _look(tools: Tools, path: Path, start_s: float, end_s: float, should_stop: process.ShouldStop | None) -> _Seen:
    """The frames between two instants, and what the decoder had to complain of."""
    frames, seen, complaints = seeing.Frames(), list[np.ndarray](), list[str]()
    start_s = max(0.0, start_s)
    # noautorotate: the recording's frames and the film's are compared as they are coded.
    words = {"an": None, "sn": None, "dn": None, "noautorotate": None}
    picture = commands.received(path, ss=f"{start_s:.6f}", t=f"{end_s - start_s + 0.2:.6f}", **words)["V:0"]
    output = edges.shrink(picture).output("@frames", f="rawvideo", fps_mode="passthrough")
    command = commands.command(tools, [output], verbose=True)
    # Each line with its level: a decoder's complaint is told from what it says in passing.
    command[command.index("-v") + 1] = "level+info"

    def heard(line: str) -> None:
        # What writes the frames complains of instants that are closer than it can count.
        if not frames.heard(line) and "[error]" in line and not line.startswith("[rawvideo"):
            complaints.append(line)

    process.run(
        command,
        subject=path.name,
        reads=[path],
        writes=(),
        sinks={"@frames": lambda chunk: seen.extend(frames.cut(chunk))},
        on_line=heard,
        should_stop=should_stop,
    )
    count = min(len(frames.times), len(seen))
    return _Seen(np.array(frames.times[:count]) + start_s, seen[:count], tuple(complaints))
