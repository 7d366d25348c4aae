"""Reads how an MP4 file is laid out: index first or last, edit lists, fragments, samples all there or not."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pasvu.ingest import boxes
from pasvu.ingest.boxes import Box

EDIT_TOLERANCE_S = 0.09
"""Two frames at 25/s, or the 2112 samples of priming that some AAC encoders use: nothing a viewer can notice."""


@dataclass(frozen=True)
class Layout:
    """What the boxes say. `edits` counts edit-list entries, `edit_s` is the longest stretch they skip or delay."""

    index_first: bool
    fragmented: bool
    edits: int
    edit_s: float
    samples_there: bool

    @property
    def plain(self) -> bool:
        """Whether cutting and playing can trust this file as it is."""
        return self.index_first and not self.fragmented and self.samples_there and self.edit_s <= EDIT_TOLERANCE_S


def read_layout(path: Path) -> Layout | None:
    """The layout of an MP4 or MOV file; `None` for anything else, or when its boxes do not add up."""
    size = path.stat().st_size
    with path.open("rb") as file:
        try:
            return _read(file, size)
        except (boxes.CutShort, struct.error):
            return None


def _read(file: BinaryIO, size: int) -> Layout | None:
    top = list(boxes.children(file, 0, size))
    kinds = [box.kind for box in top]
    if b"moov" not in kinds:
        return None
    moov = top[kinds.index(b"moov")]
    index_first = b"mdat" in kinds and kinds.index(b"moov") < kinds.index(b"mdat")
    scale = next((_timescale(file, box) for box in boxes.find(file, moov, b"mvhd")), 1)
    edits, edit_s = 0, 0.0
    for track in boxes.find(file, moov, b"trak"):
        count, longest_s = _edits(file, track, scale)
        edits, edit_s = edits + count, max(edit_s, longest_s)
    fragmented = b"moof" in kinds or any(True for _ in boxes.find(file, moov, b"mvex"))
    last = max((_last_chunk(file, box) for box in boxes.find(file, moov, b"stco", b"co64")), default=0)
    return Layout(index_first, fragmented, edits, edit_s, last < size)


def _timescale(file: BinaryIO, header: Box) -> int:
    """Ticks per second, from `mvhd` or `mdhd`."""
    file.seek(header.start)
    content = file.read(24)
    (scale,) = struct.unpack_from(">I", content, 20 if content[:1] == b"\x01" else 12)
    return int(scale) or 1


def _edits(file: BinaryIO, track: Box, movie_scale: int) -> tuple[int, float]:
    """How many edits a track has, and the longest skip or delay in seconds."""
    media_scale = next((_timescale(file, box) for box in boxes.find(file, track, b"mdhd")), 1)
    count, longest_s = 0, 0.0
    for box in boxes.find(file, track, b"elst"):
        file.seek(box.start)
        content = file.read(min(box.end - box.start, 1 << 16))
        wide = content[:1] == b"\x01"
        (entries,) = struct.unpack_from(">I", content, 4)
        for entry in range(min(entries, 256)):
            at = 8 + entry * (20 if wide else 12)
            length, skip = struct.unpack_from(">Qq" if wide else ">Ii", content, at)
            delay_s = length / movie_scale if skip == -1 else skip / media_scale
            longest_s = max(longest_s, delay_s)
            # A second edit jumps inside the track: never a small matter.
            if entry and skip != -1:
                longest_s = max(longest_s, length / movie_scale)
        count += entries
    return count, longest_s


def _last_chunk(file: BinaryIO, table: Box) -> int:
    """Offset of the last chunk of a track: beyond the file's end when the file was cut."""
    wide = table.kind == b"co64"
    file.seek(table.start + 4)
    (entries,) = struct.unpack(">I", file.read(4))
    if not entries:
        return 0
    width = 8 if wide else 4
    file.seek(table.start + 8 + (entries - 1) * width)
    return int.from_bytes(file.read(width), "big")
