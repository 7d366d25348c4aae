"""Films made by hand: the smallest files that have a length."""

from __future__ import annotations

import struct


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def film(duration_s: float = 60.0, *, size: int = 2000, seed: int = 0) -> bytes:
    """An MP4 of exactly `size` bytes that says it lasts `duration_s`; another seed makes other bytes."""
    mvhd = struct.pack(">IIIII", 0, 0, 0, 1000, round(duration_s * 1000)) + bytes(80)
    head = box(b"ftyp", b"isom\0\0\2\0isomiso2") + box(b"moov", box(b"mvhd", mvhd))
    filler = size - len(head) - 8
    assert filler >= 4
    return head + box(b"mdat", seed.to_bytes(4, "big") + bytes(filler - 4))
