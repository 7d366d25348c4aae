"""Films small enough for tests: real boxes around bytes that nobody decodes."""

from __future__ import annotations

import random
import struct


def film(size: int, *, duration_s: int = 60, seed: int = 1) -> bytes:
    """An MP4 of `size` bytes whose header announces `duration_s`; another seed makes other bytes."""
    head = _box(b"ftyp", b"isom\0\0\2\0isommp41")
    head += _box(b"moov", _box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 1000, duration_s * 1000) + bytes(80)))
    return head + _box(b"mdat", random.Random(seed).randbytes(size - len(head) - 8))


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content
