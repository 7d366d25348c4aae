"""Joins a picture and a sound, each alone in an MP4 file of ours, into one film with its index first.

The media tool holds 64 bytes for each packet that it writes, beside the indexes of what it reads: 390 MB for 12 h. Here
the tables stay as they stand in the files (ISO/IEC 14496-12), about 12 bytes for a frame and 4 for a packet of sound,
and the film says what the tool's own join of the two would say.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from pasvu.ingest import boxes, boxtree
from pasvu.ingest.boxtree import Tree

TURNS_PER_S = 2
"""How often picture and sound take turns in the file: a player holds half a second of one while it waits for the other.
"""
_PIECE = 1 << 20
_TOLD_EVERY = 256
_NARROW_UP_TO = 0xF0000000
"""Bytes of media up to which all offsets fit four bytes, with an index of up to 256 MiB in front."""
_TABLES = (b"stts", b"stsc", b"stsz")
_PLACES = {b"stco": ">u4", b"co64": ">u8"}


class Unjoinable(ValueError):
    """The files are not laid out as our own are; what stands in the new one so far is worth nothing."""


@dataclass(frozen=True)
class _Track:
    """A track alone in its file: its boxes, its ticks per second and its length in ticks.

    `rhythm` has rows (samples, ticks that each of them lasts). The `sizes` are in bytes. `runs` has rows (number of a
    sample, where it stands): those after it, up to the next of these, follow each other from there.
    """

    tree: Tree
    scale: int
    ticks: int
    rhythm: np.ndarray
    sizes: np.ndarray
    runs: np.ndarray


@dataclass(frozen=True)
class _Chunks:
    """Samples that stay together: which turn each chunk has, its samples, its bytes, and where they stand now."""

    turns: np.ndarray
    samples: np.ndarray
    lengths: np.ndarray
    places: np.ndarray


@dataclass(frozen=True)
class _Plan:
    """The chunks of both tracks, the bytes of all of them, and in which order they are written."""

    chunks: Sequence[_Chunks]
    lengths: np.ndarray
    order: np.ndarray


def join(
    picture: Path,
    sound: Path,
    out: Path,
    later_s: float = 0.0,
    on_progress: Callable[[float], None] | None = None,
    taken: Sequence[tuple[int, int]] | None = None,
) -> None:
    """Write the film `out`, in which all pictures but the first come `later_s` later.

    Of the sound all packets are `taken`, or those from each first to before each last. What `on_progress` raises ends
    the work.

    Raises:
        Unjoinable: something is laid out otherwise than it is in files that our media tool writes.
        OSError: a file cannot be read or written.
    """
    with picture.open("rb") as one, sound.open("rb") as other, out.open("wb") as film:
        try:
            kind, moov = _top(one)
            heard = _track(_top(other)[1], b"soun")
            tracks = [_later(_track(moov, b"vide"), later_s), heard if taken is None else _taken(heard, taken)]
            plan = _planned([_chunked(track) for track in tracks])
            start = sum(map(len, _head(kind, moov, tracks, plan, 0)))
            head = _head(kind, moov, tracks, plan, start)
        except (struct.error, LookupError, ValueError) as error:
            raise Unjoinable(str(error)) from error
        film.writelines(head)
        del head, moov, heard, tracks
        places = np.concatenate([each.places for each in plan.chunks])
        for count, number in enumerate(plan.order):
            if count % _TOLD_EVERY == 0 and on_progress is not None:
                on_progress(count / len(plan.order))
            source = one if number < len(plan.chunks[0].turns) else other
            _copy(source, film, int(places[number]), int(plan.lengths[number]))


def _copy(source: BinaryIO, film: BinaryIO, at: int, length: int) -> None:
    while length:
        data = os.pread(source.fileno(), min(length, _PIECE), at)
        if not data:
            raise Unjoinable(f"nothing to read at {at}")
        film.write(data)
        at, length = at + len(data), length - len(data)


def _top(file: BinaryIO) -> tuple[bytes, Tree]:
    """The content of a file's `ftyp`, and its index."""
    found = {box.kind: box for box in boxes.children(file, 0, os.fstat(file.fileno()).st_size)}
    return boxtree.content(file, found[b"ftyp"]), boxtree.read(file, found[b"moov"])


def _track(moov: Tree, handler: bytes) -> _Track:
    """The track of this kind; a time code that came along is left out."""
    traks = [content for kind, content in moov if kind == b"trak" and isinstance(content, list)]
    (tree,) = (trak for trak in traks if boxtree.leaf(boxtree.inside(trak, b"mdia"), b"hdlr")[8:12] == handler)
    stbl = boxtree.inside(tree, b"mdia", b"minf", b"stbl")
    stts, stsc, stsz = (boxtree.leaf(stbl, kind) for kind in _TABLES)
    size, count = struct.unpack_from(">II", stsz, 4)
    sizes = np.broadcast_to(np.uint32(size), count) if size else np.frombuffer(stsz, ">u4", count, 12)
    rhythm, at = boxtree.rows(stts, ">u4", 2), _start(stbl, boxtree.rows(stsc, ">u4", 3), sizes)
    if rhythm[:, 0].sum() != count:
        raise ValueError("samples without an instant")
    scale, ticks = _timed(boxtree.leaf(boxtree.inside(tree, b"mdia"), b"mdhd"))
    # A link to a time code would lead nowhere.
    return _Track([box for box in tree if box[0] != b"tref"], scale, ticks, rhythm, sizes, np.array([(0, at)]))


def _taken(track: _Track, taken: Sequence[tuple[int, int]]) -> _Track:
    """These samples of a track alone, pairs of the first and one past the last."""
    taken = [(first, min(last, len(track.sizes))) for first, last in taken if first < min(last, len(track.sizes))]
    if not taken:
        raise ValueError("no samples taken")
    number, start = track.runs[0]
    counts, each = track.rhythm.T
    before, rhythm, runs = _before(counts), list[tuple[int, int]](), list[tuple[int, int]]()
    for first, last in taken:
        runs.append((number, start + int(track.sizes[:first].sum(dtype=np.int64))))
        number += last - first
        for count, ticks in zip(np.minimum(before + counts, last) - np.maximum(before, first), each, strict=True):
            if count > 0 and rhythm and rhythm[-1][1] == ticks:
                rhythm[-1] = (rhythm[-1][0] + count, ticks)
            elif count > 0:
                rhythm.append((count, ticks))
    lasting = sum(count * ticks for count, ticks in rhythm)
    sizes = np.concatenate([track.sizes[first:last] for first, last in taken])
    return _Track(_of(track.tree, sizes), track.scale, int(lasting), np.array(rhythm), sizes, np.array(runs))


def _of(tree: Tree, sizes: np.ndarray) -> Tree:
    """The boxes of a track that holds samples of these sizes instead."""
    made = {b"stsz": struct.pack(">III", 0, 0, len(sizes)) + sizes.astype(">u4").tobytes()}
    groups = [content for kind, content in boxtree.inside(tree, b"mdia", b"minf", b"stbl") if kind == b"sbgp"]
    if groups:
        made[b"sbgp"] = _grouped(groups, len(sizes))
    return boxtree.instead(tree, {kind: (kind, content) for kind, content in made.items()})


def _start(stbl: Tree, stsc: np.ndarray, sizes: np.ndarray) -> int:
    """Where the samples start in their file, which must hold them one after the other, all of one description."""
    (kind,) = (kind for kind, _ in stbl if kind in _PLACES)
    places = boxtree.rows(boxtree.leaf(stbl, kind), _PLACES[kind])[:, 0]
    counts = np.repeat(stsc[:, 1], np.diff(stsc[:, 0], append=len(places) + 1))
    if counts.sum() != len(sizes) or not counts.all() or (stsc[:, 2] != 1).any():
        raise ValueError("samples of several descriptions, or chunks without samples")
    lengths = np.add.reduceat(sizes, _before(counts), dtype=np.int64)
    if (places - places[0] != _before(lengths)).any():
        raise ValueError("samples that do not follow each other")
    return int(places[0])


def _before(lengths: np.ndarray) -> np.ndarray:
    """For each of these, all that come before it together."""
    before: np.ndarray = np.cumsum(lengths) - lengths
    return before


def _timed(header: bytes) -> tuple[int, int]:
    """Ticks per second and length in ticks, of `mvhd` or `mdhd`."""
    scale, ticks = struct.unpack_from(">IQ", header, 20) if header[0] else struct.unpack_from(">II", header, 12)
    return scale, ticks


def _lasting(header: bytes, ticks: int, further: int = 0) -> bytes:
    """`mvhd` or `mdhd` with another length; in `tkhd` it stands 4 bytes `further`."""
    changed = bytearray(header)
    struct.pack_into(">Q" if header[0] else ">I", changed, (24 if header[0] else 16) + further, ticks)
    return bytes(changed)


def _later(track: _Track, later_s: float) -> _Track:
    """The first sample lasts longer, by this much rounded to the tick."""
    later = int(later_s * track.scale + 0.5)
    if not later or len(track.sizes) < 2:
        return track
    (count, each), *others = track.rhythm.tolist()
    rows = [(1, each + later), *([(count - 1, each)] if count > 1 else []), *others]
    return replace(track, ticks=track.ticks + later, rhythm=np.array(rows))


def _chunked(track: _Track) -> _Chunks:
    """Samples by the turn in which they are decoded."""
    counts, each = track.rhythm.T
    lasting = counts * each
    turns = np.arange(int(lasting.sum()) * TURNS_PER_S // track.scale + 1)
    ticks = -(-turns * track.scale // TURNS_PER_S)
    # The first sample at or after the beginning of each turn: so many into the run of equal samples that is under way.
    run = np.minimum(np.searchsorted(np.cumsum(lasting), ticks, side="right"), len(counts) - 1)
    into = -(-(ticks - _before(lasting)[run]) // np.maximum(each[run], 1))
    first = np.minimum(_before(counts)[run] + into, len(track.sizes))
    # Samples that last no time at all may stand before those of the first turn.
    first[0] = 0
    first, turn = np.unique(first[first < len(track.sizes)], return_index=True)
    # What stands elsewhere begins a chunk of its own, within the same turn.
    apart = np.setdiff1d(track.runs[:, 0], first)
    turn = np.concatenate([turn, turn[np.searchsorted(first, apart) - 1]])
    first = np.concatenate([first, apart])
    order = np.argsort(first)
    first, turn = first[order], turn[order]
    lengths = np.add.reduceat(track.sizes, first, dtype=np.int64)
    samples = np.diff(first, append=len(track.sizes))
    behind = _before(lengths)
    run = np.searchsorted(track.runs[:, 0], first, side="right") - 1
    places = track.runs[run, 1] + behind - behind[np.searchsorted(first, track.runs[run, 0])]
    return _Chunks(turn, samples, lengths, places)


def _planned(chunks: Sequence[_Chunks]) -> _Plan:
    # Of what has the same turn, the picture comes first.
    order = np.argsort(np.concatenate([each.turns for each in chunks]), kind="stable")
    return _Plan(chunks, np.concatenate([each.lengths for each in chunks]), order)


def _head(kind: bytes, moov: Tree, tracks: Sequence[_Track], plan: _Plan, start: int) -> list[bytes]:
    """All that stands before the media, which starts at `start`."""
    total = int(plan.lengths.sum())
    wide = total > _NARROW_UP_TO
    opening = struct.pack(">I4sQ", 1, b"mdat", total + 16) if wide else struct.pack(">I4s", total + 8, b"mdat")
    places = np.empty_like(plan.lengths)
    places[plan.order] = start + _before(plan.lengths[plan.order])
    form = b"co64" if wide else b"stco"
    offsets = [boxtree.table(at, _PLACES[form]) for at in np.split(places, [len(plan.chunks[0].turns)])]
    return [
        *boxtree.written(b"ftyp", kind),
        *boxtree.written(b"moov", _film(moov, tracks, plan.chunks, form, offsets)),
        opening,
    ]


def _film(
    moov: Tree, tracks: Sequence[_Track], chunks: Sequence[_Chunks], form: bytes, offsets: Sequence[bytes]
) -> Tree:
    """The index of the film, from that of the picture."""
    header = boxtree.leaf(moov, b"mvhd")
    scale, _ = _timed(header)
    lasting = [-(-track.ticks * scale // track.scale) for track in tracks]
    mvhd = _lasting(header, max(lasting))[:-4] + struct.pack(">I", len(tracks) + 1)
    traks: Tree = [
        (b"trak", _trak(track, number, length, each.samples, (form, at)))
        for number, (track, length, each, at) in enumerate(zip(tracks, lasting, chunks, offsets, strict=True), 1)
    ]
    return [(b"mvhd", mvhd), *traks, *(box for box in moov if box[0] not in (b"mvhd", b"trak"))]


def _trak(track: _Track, number: int, lasting: int, samples: np.ndarray, offsets: tuple[bytes, bytes]) -> Tree:
    """A track among others, `lasting` so many of the film's ticks; `offsets` are its chunks' table, with its kind."""
    mdia = boxtree.inside(track.tree, b"mdia")
    tkhd = bytearray(_lasting(boxtree.leaf(track.tree, b"tkhd"), lasting, further=4))
    struct.pack_into(">I", tkhd, 20 if tkhd[0] else 12, number)
    made = {
        b"tkhd": bytes(tkhd),
        b"mdhd": _lasting(boxtree.leaf(mdia, b"mdhd"), track.ticks),
        b"stsd": _numbered(boxtree.leaf(boxtree.inside(mdia, b"minf", b"stbl"), b"stsd"), number),
        b"stts": boxtree.table(track.rhythm, ">u4"),
        b"stsc": _by_samples(samples),
    }
    return boxtree.instead(
        track.tree, {kind: (kind, content) for kind, content in made.items()} | dict.fromkeys(_PLACES, offsets)
    )


def _grouped(groups: Sequence[bytes | Tree], count: int) -> bytes:
    """The one group of samples of a track (all need the packet before them to be heard rightly), of this many."""
    (group,) = groups
    if not isinstance(group, bytes) or group[:4] != bytes(4) or struct.unpack_from(">I", group, 8) != (1,):
        raise ValueError("samples of several groups")
    return group[:12] + struct.pack(">I", count) + group[16:]


def _numbered(stsd: bytes, number: int) -> bytes:
    """A description in MPEG-4's own words (`esds`) names the track that it is of."""
    place = stsd.find(b"esds")
    if place < 0:
        return stsd
    # Four bytes of version, the descriptor's tag, its length, of which each byte but the last has its highest bit set.
    at = place + 9
    while stsd[at] & 0x80:
        at += 1
    return stsd[: at + 1] + struct.pack(">H", number) + stsd[at + 3 :]


def _by_samples(samples: np.ndarray) -> bytes:
    """The table of how many samples are in each chunk: an entry wherever that changes."""
    first = np.flatnonzero(np.diff(samples, prepend=0))
    return boxtree.table(np.stack([first + 1, samples[first], np.ones_like(first)], axis=1), ">u4")
