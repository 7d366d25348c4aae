"""An MP4 index in memory as boxes inside boxes, read whole, changed in places, and written again (ISO/IEC 14496-12)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import BinaryIO

import numpy as np

from pasvu.ingest import boxes

Tree = list[tuple[bytes, "bytes | Tree"]]
"""Boxes in order: the kind of each, and its content, or the boxes in it."""


def read(file: BinaryIO, box: boxes.Box) -> Tree:
    """The boxes in a box.

    Raises:
        CutShort: they do not add up.
    """
    return [
        (child.kind, read(file, child) if child.kind in boxes.CONTAINERS else content(file, child))
        for child in boxes.children(file, box.start, box.end)
    ]


def content(file: BinaryIO, box: boxes.Box) -> bytes:
    """What is in a box, as it stands there."""
    file.seek(box.start)
    return file.read(box.end - box.start)


def inside(tree: Tree, *kinds: bytes) -> Tree:
    """The boxes in the first box of these kinds, one inside the other.

    Raises:
        LookupError: there is none.
    """
    for kind in kinds:
        found = next((found for name, found in tree if name == kind and isinstance(found, list)), None)
        if found is None:
            raise LookupError(f"no {kind!r}")
        tree = found
    return tree


def leaf(tree: Tree, kind: bytes) -> bytes:
    """The content of the only box of a kind.

    Raises:
        ValueError: there is none, or there are several.
    """
    (found,) = (found for name, found in tree if name == kind and isinstance(found, bytes))
    return found


def instead(tree: Tree, made: Mapping[bytes, tuple[bytes, bytes]]) -> Tree:
    """The same boxes, wherever they are deep inside, but for those of some kinds: another kind and content."""
    return [
        made.get(kind) or (kind, instead(found, made) if isinstance(found, list) else found) for kind, found in tree
    ]


def written(kind: bytes, found: bytes | Tree) -> list[bytes]:
    """A box and all in it, piece by piece: tables are long, and are not put together in memory."""
    parts = [found] if isinstance(found, bytes) else [part for box in found for part in written(*box)]
    return [struct.pack(">I4s", 8 + sum(map(len, parts)), kind), *parts]


def rows(table: bytes, form: str, columns: int = 1) -> np.ndarray:
    """The entries of a table, which says before them how many they are; `form` is numpy's, such as `>u4`."""
    (count,) = struct.unpack_from(">I", table, 4)
    return np.frombuffer(table, form, count * columns, 8).reshape(-1, columns).astype(np.int64)


def table(entries: np.ndarray, form: str) -> bytes:
    """The table of these entries."""
    return struct.pack(">II", 0, len(entries)) + entries.astype(form).tobytes()
