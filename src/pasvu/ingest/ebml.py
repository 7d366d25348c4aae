"""Reads how long a Matroska or WebM file says that it is (RFC 8794, RFC 9559), without reading its content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

HEADER = b"\x1a\x45\xdf\xa3"
_SEGMENT = 0x18538067
# The header element holds a few short fields: beyond this it is no header.
_HEAD_BYTES = 4096


@dataclass(frozen=True)
class Segment:
    """The one element that holds the film. `end` is its announced end in bytes of the file, `None` when left open."""

    end: int | None


def segment(file: BinaryIO) -> Segment | None:
    """The film's element; `None` when the file does not get that far."""
    file.seek(0)
    data = file.read(_HEAD_BYTES)
    _, id_length = _number(data, 0, keep_marker=True)
    header, length = _number(data, id_length, keep_marker=False)
    at = id_length + length + (header or 0)
    kind, id_length = _number(data, at, keep_marker=True)
    size, length = _number(data, at + id_length, keep_marker=False)
    if kind != _SEGMENT or length == 0:
        return None
    return Segment(None if size is None else at + id_length + length + size)


def _number(data: bytes, at: int, *, keep_marker: bool) -> tuple[int | None, int]:
    """One variable-length number and its length in bytes; `None` for « unknown » or for data cut short."""
    if at >= len(data) or data[at] == 0:
        return None, 0
    length = 9 - data[at].bit_length()
    if at + length > len(data):
        return None, 0
    value = data[at] if keep_marker else data[at] & ((1 << (8 - length)) - 1)
    for byte in data[at + 1 : at + length]:
        value = value << 8 | byte
    unknown = not keep_marker and value == (1 << (7 * length)) - 1
    return (None if unknown else value), length
