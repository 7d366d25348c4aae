"""Walks the boxes of an MP4 or MOV file (ISO/IEC 14496-12) without reading its content."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

CONTAINERS = frozenset({b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl", b"mvex"})


class CutShort(ValueError):
    """The boxes do not add up; `missing` bytes are wanted beyond the end, 0 when that is not known."""

    def __init__(self, what: str, missing: int = 0) -> None:
        super().__init__(what)
        self.missing = missing


@dataclass(frozen=True)
class Box:
    """One box: its four-letter kind, and where its content starts and ends in the file."""

    kind: bytes
    start: int
    end: int


def children(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets, in order.

    Raises:
        CutShort: a box does not fit, or what stands there is not a box.
    """
    while start < end:
        file.seek(start)
        head = file.read(16)
        if len(head) < 8 or end - start < 8:
            raise CutShort("inside a box header")
        size, kind = struct.unpack(">I4s", head[:8])
        header = 8
        if size == 1:
            size, header = (struct.unpack(">Q", head[8:16])[0], 16) if len(head) == 16 else (0, 16)
        elif size == 0:
            size = end - start
        if size < header or not all(32 <= letter < 127 or letter == 0xA9 for letter in kind):
            raise CutShort(f"no box at {start}")
        if start + size > end:
            raise CutShort(f"{kind.decode('latin-1')} is longer than the file", start + size - end)
        yield Box(kind, start + header, start + size)
        start += size


def find(file: BinaryIO, box: Box, *kinds: bytes) -> Iterator[Box]:
    """Every box of these kinds inside `box`, however deep."""
    for child in children(file, box.start, box.end):
        if child.kind in kinds:
            yield child
        if child.kind in CONTAINERS:
            yield from find(file, child, *kinds)
