"""Says whether a recording is whole, by its container's own lengths: a few reads, nothing decoded.

A probe announces the full length of a file that was cut; these walks do not. MP4 boxes must tile the file and hold an
index, a Matroska Segment and a RIFF chunk must end where the file ends, a transport stream is made of whole packets.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from pasvu.channel.typography import amount, fine, marked
from pasvu.ingest import boxes, ebml

FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp", b"moof", b"sidx"}
_EMPTY_BOXES = {b"free", b"skip", b"wide"}
# Sound kept as plain numbers: its silence is made of zeros, and any length of it may be meant.
_PLAIN_SOUND = (b"sowt", b"twos", b"lpcm", b"ipcm", b"in24", b"in32", b"raw ")
_RIFF = {b"RIFF", b"RF64", b"BW64"}
# Lengths that a recorder writes before it knows better (EBU Tech 3306 gives the second its meaning).
_NOT_YET_KNOWN = {0, 0xFFFFFFFF}
_PACKETS = ((188, 0), (192, 4))
"""Bytes of a transport stream's packet, and where its sync byte stands: broadcast, then AVCHD cameras."""
# How many zeros at the end are room not filled yet: films end in an index or in coded picture, silent MP3 in zeros.
_TAIL, _TAIL_OF_SOUND = 64, 4096
_INDEX_BYTES = 1024 * 1024


class Wholeness(StrEnum):
    """How much a file's own lengths prove."""

    WHOLE = "whole"
    """It ends where it announces that it does."""
    OPEN_ENDED = "open_ended"
    """Nothing in it announces an end, or nothing that we can read: only its quiet speaks."""
    CUT_SHORT = "cut_short"
    """Something that it announces is not there."""


@dataclass(frozen=True)
class Verdict:
    """What a file's lengths say; `missing` are the bytes wanted beyond its end, 0 when that is not known."""

    wholeness: Wholeness
    why: str | None = None
    missing: int = 0
    share: float | None = None
    """How much of what is announced is there, 0 to 1."""

    @property
    def cut_short(self) -> bool:
        """Whether its end is certainly missing."""
        return self.wholeness is Wholeness.CUT_SHORT


WHOLE = Verdict(Wholeness.WHOLE)
OPEN_ENDED = Verdict(Wholeness.OPEN_ENDED)


def judge(path: Path) -> Verdict:
    """What the file's own lengths say of its end; the sentence is in French."""
    size = path.stat().st_size
    if size == 0:
        return _cut(marked("Le fichier est vide."))
    with path.open("rb") as file:
        found = _by_container(file, size)
        if found.cut_short or not _ends_in_zeros(file, size):
            return found
        return _unfilled(file, size, found)


def whole(path: Path) -> str | None:
    """Why the file is not whole, as a French sentence; `None` when nothing speaks against it."""
    return judge(path).why


def _by_container(file: BinaryIO, size: int) -> Verdict:
    head = _at(file, 0, 12)
    if head[4:8] in FIRST_BOXES:
        return _mp4(file, size)
    if head[:4] == ebml.HEADER:
        return _matroska(file, size)
    if head[:4] in _RIFF:
        return _riff(file, size)
    for length, sync in _PACKETS:
        if _is_transport(file, length, sync):
            ends_well = size % length == 0 and _at(file, size - length + sync, 1) == b"\x47"
            return OPEN_ENDED if ends_well else _cut(marked("La copie s’est arrêtée au milieu d’un paquet."))
    return OPEN_ENDED


def _mp4(file: BinaryIO, size: int) -> Verdict:
    kinds: list[bytes] = []
    try:
        for box in boxes.children(file, 0, size):
            kinds.append(box.kind)
    except boxes.CutShort as cut:
        if cut.missing:
            return _short(cut.missing, size)
        return _cut(marked("La fin du fichier est illisible : la copie n’est pas terminée."))
    if b"moov" not in kinds:
        return _cut(marked("L’index du fichier manque : l’enregistrement n’a pas été terminé."))
    # Fragments follow each other without announcing how many there will be; the random access index ends them.
    return OPEN_ENDED if b"moof" in kinds and kinds[-1] != b"mfra" else WHOLE


def _matroska(file: BinaryIO, size: int) -> Verdict:
    found = ebml.segment(file)
    if found is None:
        return _cut(marked("La copie s’est arrêtée au début du fichier."))
    if found.end is None:
        # Recorders that crash leave this; so do browsers, which never do otherwise.
        return Verdict(
            Wholeness.OPEN_ENDED,
            fine("L’enregistreur n’a pas écrit la longueur de ce fichier : sa fin manque peut-être."),
        )
    return _short(found.end - size, size)


def _riff(file: BinaryIO, size: int) -> Verdict:
    at = 0
    # A long AVI is several of these, one after the other.
    while (head := _at(file, at, 8))[:4] in _RIFF and len(head) == 8:
        length = int.from_bytes(head[4:], "little")
        if head[:4] != b"RIFF" and length == 0xFFFFFFFF:
            length = int.from_bytes(_at(file, at + 20, 8), "little")
        if length in _NOT_YET_KNOWN:
            return OPEN_ENDED
        at += 8 + length + length % 2
    # One byte of padding is often left out at the end.
    return _short(at - size, size) if at - size > 1 else WHOLE


def _is_transport(file: BinaryIO, length: int, sync: int) -> bool:
    """Whether the sync byte stands at the same place of the first packets."""
    data = _at(file, 0, length * 5)
    return len(data) >= length and all(data[at] == 0x47 for at in range(sync, len(data), length))


def _ends_in_zeros(file: BinaryIO, size: int) -> bool:
    head = _at(file, 0, 8)
    film = head[4:8] in FIRST_BOXES or head[:4] == ebml.HEADER
    length = _TAIL if film else _TAIL_OF_SOUND
    return not any(_at(file, max(0, size - length), length))


def _unfilled(file: BinaryIO, size: int, found: Verdict) -> Verdict:
    """The end of a file is zeros: room that a copy has not filled yet, or silence, or padding."""
    zeros = fine("La fin du fichier ne contient que des zéros : la copie n’est pas terminée.")
    head = _at(file, 0, 8)
    if head[4:8] in FIRST_BOXES:
        last = list(boxes.children(file, 0, size))[-1]
        if last.kind in _EMPTY_BOXES:
            return found
    if _sounds_plain(file, head) and not _is_hole(file, size):
        return Verdict(Wholeness.OPEN_ENDED, missing=found.missing)
    return Verdict(Wholeness.CUT_SHORT, zeros)


def _sounds_plain(file: BinaryIO, head: bytes) -> bool:
    if head[:4] in _RIFF:
        return True
    if head[4:8] not in FIRST_BOXES:
        return False
    index = next((box for box in boxes.children(file, 0, os.fstat(file.fileno()).st_size) if box.kind == b"moov"), None)
    words = _at(file, index.start, min(index.end - index.start, _INDEX_BYTES)) if index else b""
    return any(word in words for word in _PLAIN_SOUND)


def _is_hole(file: BinaryIO, size: int) -> bool:
    """Whether nothing was ever written at the end: a copy's reserved room, on the file systems that tell."""
    try:
        return os.lseek(file.fileno(), max(0, size - _TAIL_OF_SOUND), os.SEEK_DATA) >= size
    except OSError:
        return True  # ENXIO: no data from there to the end


def _short(missing: int, size: int) -> Verdict:
    if missing <= 0:
        return WHOLE
    share = size / (size + missing)
    there = f"{share * 100:.0f} %"
    why = fine(f"Il manque {amount(missing)} à la fin du fichier ({there} sont là) : la copie n’est pas terminée.")
    return Verdict(Wholeness.CUT_SHORT, why, missing, share)


def _cut(sentence: str) -> Verdict:
    return Verdict(Wholeness.CUT_SHORT, fine(sentence))


def _at(file: BinaryIO, at: int, length: int) -> bytes:
    file.seek(at)
    return file.read(length)
