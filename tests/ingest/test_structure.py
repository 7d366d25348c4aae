from __future__ import annotations

import struct
from pathlib import Path

import pytest

from pasvu.ingest.layout import read_layout
from pasvu.ingest.structure import judge, whole


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


FTYP, MOOV, MDAT = box(b"ftyp", b"isom" * 2), box(b"moov", box(b"free", b"\1" * 8)), box(b"mdat", b"\1" * 5000)
EBML = b"\x1a\x45\xdf\xa3\x81\x01"
MOOF = box(b"moof", b"\1" * 40)
PACKET, CARD_PACKET = b"\x47" + b"\1" * 187, b"\1" * 4 + b"\x47" + b"\1" * 187
SILENCE = b"\0" * 5000


def riff(length: int, kind: bytes = b"RIFF") -> bytes:
    return kind + struct.pack("<I", length) + b"WAVE"


@pytest.mark.parametrize(
    ("content", "wholeness", "word"),
    [
        (b"", "cut_short", "vide"),
        (FTYP + MOOV + MDAT, "whole", None),
        (FTYP + MDAT + MOOV, "whole", None),
        (FTYP + MDAT, "cut_short", "index"),
        ((FTYP + MOOV + MDAT)[:-1000], "cut_short", "Il manque 1,0 ko"),
        (FTYP + MOOV + MDAT[:-4100] + b"\0" * 4100, "cut_short", "zéros"),
        (FTYP + MOOV + MDAT + box(b"free", SILENCE), "whole", None),
        (FTYP + box(b"moov", box(b"sowt", b"\1" * 8)) + MDAT[:-4100] + b"\0" * 4100, "open_ended", None),
        (FTYP + MOOV + MOOF + MDAT, "open_ended", None),
        (FTYP + MOOV + MOOF + MDAT + box(b"mfra", b"\1" * 8), "whole", None),
        ((FTYP + MOOV + MOOF + MDAT + MOOF + MDAT)[:-100], "cut_short", "Il manque 100 octets"),
        (FTYP + MOOV + b"\0" * 900, "cut_short", "illisible"),
        (EBML + b"\x18\x53\x80\x67\x84abcd", "whole", None),
        (EBML + b"\x18\x53\x80\x67\x88abcd", "cut_short", "Il manque 4 octets"),
        (EBML + b"\x18\x53\x80\x67\xff" + b"abcd", "open_ended", "L’enregistreur"),
        (EBML, "cut_short", "début"),
        (PACKET * 2, "open_ended", None),
        (PACKET + PACKET[:101], "cut_short", "milieu"),
        (CARD_PACKET * 3, "open_ended", None),
        (CARD_PACKET * 3 + CARD_PACKET[:50], "cut_short", "milieu"),
        (riff(100) + b"\1" * 96, "whole", None),
        (riff(9000) + b"\1" * 96, "cut_short", "Il manque"),
        (riff(5004) + SILENCE, "open_ended", None),
        (riff(0) + b"\1" * 96, "open_ended", None),
        (riff(0xFFFFFFFF) + b"\1" * 96, "open_ended", None),
        (riff(0xFFFFFFFF, b"RF64") + b"ds64\x1c\0\0\0" + struct.pack("<Q", 100) + b"\1" * 80, "whole", None),
        (riff(100) + b"\1" * 96 + riff(50) + b"\1" * 46, "whole", None),
        (riff(100) + b"\1" * 96 + riff(50) + b"\1" * 16, "cut_short", "Il manque 30 octets"),
        (b"ID3 something else", "open_ended", None),
    ],
)
def test_what_the_lengths_of_a_container_prove(
    tmp_path: Path, content: bytes, wholeness: str, word: str | None
) -> None:
    path = tmp_path / "film"
    path.write_bytes(content)
    verdict = judge(path)
    assert verdict.wholeness == wholeness, verdict
    assert whole(path) == verdict.why
    assert verdict.why is None if word is None else verdict.why is not None and word in verdict.why


def test_how_much_is_missing_is_said(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    film = FTYP + MOOV + MDAT
    path.write_bytes(film[: len(film) // 2])
    verdict = judge(path)
    assert verdict.missing == len(film) - len(film) // 2
    assert verdict.share == pytest.approx(0.5, abs=0.01)
    assert "50" in (verdict.why or "")


def test_silence_is_not_taken_for_room_that_a_copy_has_reserved(tmp_path: Path) -> None:
    silent, reserved = tmp_path / "silence.wav", tmp_path / "reserve.wav"
    sound = riff(4 + 1_000_000)
    silent.write_bytes(sound + bytes(1_000_000))
    with reserved.open("wb") as file:
        file.write(sound + b"\1" * 1000)
        file.truncate(len(sound) + 1_000_000)
    assert judge(silent).wholeness == "open_ended"
    assert judge(reserved).wholeness == "cut_short"


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
