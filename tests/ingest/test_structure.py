from __future__ import annotations

import struct
from pathlib import Path

import pytest

from pasvu.ingest.layout import read_layout
from pasvu.ingest.structure import whole


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


FTYP, MOOV, MDAT = box(b"ftyp", b"isom" * 2), box(b"moov", box(b"free", b"\1" * 8)), box(b"mdat", b"\1" * 5000)
EBML = b"\x1a\x45\xdf\xa3\x81\x01"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "vide"),
        (FTYP + MOOV + MDAT, None),
        (FTYP + MDAT + MOOV, None),
        (FTYP + MDAT, "index"),
        ((FTYP + MOOV + MDAT)[:-1000], "Il manque 1,0 ko"),
        (FTYP + MOOV + MDAT[:-4100] + b"\0" * 4100, "zéros"),
        (EBML + b"\x18\x53\x80\x67\x84abcd", None),
        (EBML + b"\x18\x53\x80\x67\x88abcd", "Il manque 4 octets"),
        (EBML + b"\x18\x53\x80\x67\xff" + b"abcd", "L’enregistreur"),
        (b"\x47" + b"\1" * 187 + b"\x47" + b"\1" * 187, None),
        (b"\x47" + b"\1" * 187 + b"\x47" + b"\1" * 100, "milieu"),
        (b"RIFF" + struct.pack("<I", 100) + b"WAVE" + b"\1" * 96, None),
        (b"RIFF" + struct.pack("<I", 9000) + b"WAVE" + b"\1" * 96, "Il manque"),
        (b"ID3 something else", None),
    ],
)
def test_whole(tmp_path: Path, content: bytes, word: str | None) -> None:
    path = tmp_path / "film"
    path.write_bytes(content)
    why = whole(path)
    assert why is None if word is None else why is not None and word in why


@pytest.mark.parametrize("content", [b"hello", FTYP + MDAT, (FTYP + MOOV + MDAT)[:-10], EBML])
def test_no_layout_without_an_index(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film"
    path.write_bytes(content)
    assert read_layout(path) is None


def test_an_edit_that_skips_two_seconds_is_not_plain(tmp_path: Path) -> None:
    def header(kind: bytes, scale: int) -> bytes:
        return box(kind, struct.pack(">IIIII", 0, 0, 0, scale, 5000))

    def film(skip: int) -> Path:
        edits = box(b"elst", struct.pack(">IIIiI", 0, 1, 5000, skip, 1 << 16))
        track = box(b"trak", box(b"edts", edits) + box(b"mdia", header(b"mdhd", 25)))
        path = tmp_path / f"{skip}.mp4"
        path.write_bytes(FTYP + box(b"moov", header(b"mvhd", 1000) + track) + MDAT)
        return path

    small, large = read_layout(film(2)), read_layout(film(50))
    assert small is not None
    assert small.plain
    assert (small.edits, small.edit_s) == (1, 0.08)
    assert large is not None
    assert not large.plain
