"""Programs that write films into a watched folder, each in its own way; every `yield` is a wait in seconds."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

Writing = Iterator[float]
Writer = Callable[[Path, bytes, random.Random, float], Writing]
"""Where the film will lie, the film, what to be random with, and the watcher's quiet time in seconds."""

LONG = 12
"""Many quiet times: longer than any patience."""


def grow(path: Path, film: bytes, chance: random.Random, settle_s: float) -> Writing:
    """A recorder: the file stays open, with pauses as long as people make them."""
    with path.open("wb", buffering=0) as file:
        for piece in _pieces(film, chance):
            file.write(piece)
            yield chance.choice([0.1, 0.5, 3.0]) * settle_s
        yield chance.choice([0.0, LONG]) * settle_s


def append_again_and_again(path: Path, film: bytes, chance: random.Random, settle_s: float) -> Writing:
    """A script that opens the file anew for each piece."""
    for piece in _pieces(film, chance):
        with path.open("ab") as file:
            file.write(piece)
        yield chance.uniform(0.1, 0.8) * settle_s


def reserve_by_length(path: Path, film: bytes, chance: random.Random, settle_s: float) -> Writing:
    """What Windows does over the network: the full size first, then the content; opened anew after each pause."""
    path.touch()
    os.truncate(path, len(film))
    at = 0
    for piece in _pieces(film, chance):
        yield chance.choice([0.2, 0.9, 3.0]) * settle_s
        with path.open("r+b") as file:
            file.seek(at)
            file.write(piece)
        at += len(piece)


def reserve_on_disk(path: Path, film: bytes, chance: random.Random, settle_s: float) -> Writing:
    """A copy that reserves its room on the disk, and stays open."""
    with path.open("wb", buffering=0) as file:
        os.posix_fallocate(file.fileno(), 0, len(film))
        for piece in _pieces(film, chance):
            yield chance.choice([0.1, 3.0]) * settle_s
            file.write(piece)
    yield 0.0


def fill_with_zeros(path: Path, film: bytes, chance: random.Random, settle_s: float) -> Writing:
    """A copy that writes zeros first, closes, then writes over them."""
    path.write_bytes(bytes(len(film)))
    yield 2 * settle_s
    half = chance.randrange(len(film) // 4, len(film) // 2)
    for start, end in ((0, half), (half, len(film))):
        with path.open("r+b") as file:
            file.seek(start)
            file.write(film[start:end])
        yield (3 if end < len(film) else 0) * settle_s


def pause_closed(path: Path, film: bytes, chance: random.Random, settle_s: float) -> Writing:
    """A network that falls for a while, and a copy that goes on where it stopped."""
    half = chance.randrange(len(film) // 4, len(film) * 3 // 4) | 1
    path.write_bytes(film[:half])
    yield 8 * settle_s
    with path.open("ab") as file:
        file.write(film[half:])
    yield 0.0


def write_aside(path: Path, film: bytes, chance: random.Random, settle_s: float) -> Writing:
    """rsync, browsers, Syncthing: another name until the end."""
    name = chance.choice([".{0}.Xy12Zt", "{0}.part", "{0}.crdownload", ".syncthing.{0}.tmp", "{0}.filepart"])
    aside = path.with_name(name.format(path.name))
    for piece in _pieces(film, chance):
        with aside.open("ab") as file:
            file.write(piece)
        yield 0.2 * settle_s
    yield LONG * settle_s
    aside.rename(path)
    yield 0.0


def write_in_place(path: Path, film: bytes, chance: random.Random, settle_s: float) -> Writing:
    """`rsync --inplace`, or a server of SFTP: one handle, then the date of the original."""
    with path.open("wb", buffering=0) as file:
        for piece in _pieces(film, chance):
            file.write(piece)
            yield chance.choice([0.2, 3.0]) * settle_s
    os.utime(path, (1_700_000_000, 1_700_000_000))
    yield 0.0


def index_moved_to_the_front(path: Path, film: bytes, chance: random.Random, settle_s: float) -> Writing:
    """An export that writes a film once, then again from its start; the film is whole in between but for its end."""
    with path.open("wb", buffering=0) as file:
        file.write(film[: len(film) // 2])
        yield 3 * settle_s
        file.seek(0)
        for piece in _pieces(film, chance):
            file.write(piece)
            yield 0.5 * settle_s
    yield 0.0


def abort(path: Path, film: bytes, chance: random.Random, _settle_s: float) -> Writing:
    """A copy that nobody goes on with."""
    path.write_bytes(film[: chance.randrange(len(film) // 5, len(film) * 95 // 100) | 1])
    yield 0.0


def abort_reserved(path: Path, film: bytes, chance: random.Random, _settle_s: float) -> Writing:
    """The same, with the full size reserved."""
    path.write_bytes(film[: chance.randrange(len(film) // 5, len(film) * 80 // 100)])
    os.truncate(path, len(film))
    yield 0.0


FINISHING: tuple[Writer, ...] = (
    grow,
    append_again_and_again,
    reserve_by_length,
    reserve_on_disk,
    fill_with_zeros,
    pause_closed,
    write_aside,
    write_in_place,
    index_moved_to_the_front,
)
ABORTING: tuple[Writer, ...] = (abort, abort_reserved)


def _pieces(film: bytes, chance: random.Random) -> Iterator[bytes]:
    edges = sorted({0, len(film), *(chance.randrange(1, len(film)) for _ in range(4))})
    for start, end in itertools.pairwise(edges):
        yield film[start:end]
