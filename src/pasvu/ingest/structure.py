"""Says whether a recording is whole, by its container's own lengths: a few reads, nothing decoded.

A probe announces the full length of a file that was cut; these walks do not (MP4 boxes must tile the file and hold an
index, a Matroska Segment must end where the file ends, transport stream packets are 188 bytes).
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from pasvu.channel.typography import fine
from pasvu.ingest import boxes

FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_EBML, _SEGMENT = 0x1A45DFA3, 0x18538067
_TAIL = 4096


def whole(path: Path) -> str | None:
    """Why the file is not whole, as a French sentence; `None` when nothing speaks against it.

    A container that is none of MP4/MOV, Matroska/WebM, MPEG-TS and RIFF cannot be judged here and gives `None`.
    """
    why = _why_not_whole(path)
    return fine(why) if why else None


def _why_not_whole(path: Path) -> str | None:
    size = path.stat().st_size
    if size == 0:
        return "Le fichier est vide."
    with path.open("rb") as file:
        head = file.read(12)
        file.seek(max(0, size - _TAIL))
        if not any(file.read(_TAIL)):
            return "La fin du fichier ne contient que des zéros : la copie n’est pas terminée."
        if head[4:8] in FIRST_BOXES:
            return _mp4(file, size)
        if head[:4] == _EBML.to_bytes(4, "big"):
            return _matroska(file, size)
        if head[:4] == b"RIFF":
            return _short(8 + int.from_bytes(head[4:8], "little") - size)
        if head[:1] == b"\x47" and _is_transport(file, size):
            return None if size % 188 == 0 else "La copie s’est arrêtée au milieu d’un paquet."
    return None


def _short(missing: int) -> str | None:
    # One byte of padding is often left out at the end of a RIFF file.
    if missing <= 1:
        return None
    return f"Il manque {_amount(missing)} à la fin du fichier : la copie n’est pas terminée."


def _amount(size: int) -> str:
    for unit, factor in (("Go", 10**9), ("Mo", 10**6), ("ko", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}".replace(".", ",")
    return f"{size} octets"


def _mp4(file: BinaryIO, size: int) -> str | None:
    kinds = set()
    try:
        for box in boxes.children(file, 0, size):
            kinds.add(box.kind)
    except boxes.CutShort as cut:
        return _short(cut.missing) or "La fin du fichier est illisible : la copie n’est pas terminée."
    if b"moov" not in kinds:
        return "L’index du fichier manque : l’enregistrement n’a pas été terminé."
    return None


def _number(data: bytes, at: int, *, keep_marker: bool) -> tuple[int | None, int]:
    """One EBML variable-length number and its length in bytes; `None` for « unknown » or for data cut short."""
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


def _matroska(file: BinaryIO, size: int) -> str | None:
    file.seek(0)
    data = file.read(4096)
    _, id_length = _number(data, 0, keep_marker=True)
    header, length = _number(data, id_length, keep_marker=False)
    at = id_length + length + (header or 0)
    kind, id_length = _number(data, at, keep_marker=True)
    if kind != _SEGMENT:
        return "Le début du fichier est illisible : la copie n’est pas terminée."
    content, length = _number(data, at + id_length, keep_marker=False)
    if length == 0:
        return "La copie s’est arrêtée au début du fichier."
    if content is None:
        return "L’enregistreur n’a pas terminé ce fichier : il s’est arrêté avant d’en écrire la longueur."
    return _short(at + id_length + length + content - size)


def _is_transport(file: BinaryIO, size: int) -> bool:
    """Whether the sync byte stands at the start of the first packets."""
    file.seek(0)
    data = file.read(188 * 5)
    return len(data) >= 188 and all(data[at] == 0x47 for at in range(0, min(len(data), size), 188))
