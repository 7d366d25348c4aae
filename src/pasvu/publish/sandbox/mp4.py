"""Reads the length of a film from its own boxes (ISO/IEC 14496-12), as a platform does on reception."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_FIRST = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}


def duration_s(path: Path) -> float | None:
    """Length in seconds by `moov/mvhd` (or `mvex/mehd` in a fragmented file); `None` when this is not a whole film.

    Only MP4 and MOV are understood. A file cut short, without pictures (`mdat`) or without an index is not a film.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        boxes = _boxes(file, 0, size)
        if not boxes or next(iter(boxes)) not in _FIRST or b"moov" not in boxes or b"mdat" not in boxes:
            return None
        inside = _boxes(file, *boxes[b"moov"])
        if inside is None or b"mvhd" not in inside:
            return None
        ticks, per_second = _header(file, *inside[b"mvhd"])
        if ticks == 0 and b"mvex" in inside:
            extends = _boxes(file, *inside[b"mvex"]) or {}
            ticks = _fragments(file, *extends[b"mehd"]) if b"mehd" in extends else 0
    return ticks / per_second if per_second and ticks else None


def _boxes(file: BinaryIO, start: int, end: int) -> dict[bytes, tuple[int, int]] | None:
    """First box of each kind between two offsets, as (start, end) of its content; `None` when they do not add up."""
    found: dict[bytes, tuple[int, int]] = {}
    while start < end:
        file.seek(start)
        head = file.read(8)
        if len(head) < 8:
            return None
        size, kind = struct.unpack(">I4s", head)
        header = 8
        if size == 1:
            large = file.read(8)
            if len(large) < 8:
                return None
            (size,) = struct.unpack(">Q", large)
            header = 16
        elif size == 0:
            size = end - start
        if size < header or start + size > end:
            return None
        found.setdefault(kind, (start + header, start + size))
        start += size
    return found


def _header(file: BinaryIO, start: int, end: int) -> tuple[int, int]:
    """Duration in ticks, and ticks per second."""
    file.seek(start)
    content = file.read(min(end - start, 32))
    wide = content[:1] == b"\x01"
    if len(content) < (32 if wide else 20):
        return 0, 0
    per_second, ticks = struct.unpack(">IQ", content[20:32]) if wide else struct.unpack(">II", content[12:20])
    unknown = ticks == (2**64 - 1 if wide else 2**32 - 1)
    return (0 if unknown else ticks), per_second


def _fragments(file: BinaryIO, start: int, end: int) -> int:
    """Duration in ticks of all fragments."""
    file.seek(start)
    content = file.read(min(end - start, 12))
    wide = content[:1] == b"\x01"
    if len(content) < (12 if wide else 8):
        return 0
    ticks: int = struct.unpack(">Q", content[4:12])[0] if wide else struct.unpack(">I", content[4:8])[0]
    return ticks
