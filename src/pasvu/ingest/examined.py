"""What examining a file told, on disk: each step of its road, and a re-cut weeks later, reads it there."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from pasvu.channel.values import MediaInfo
from pasvu.ingest import aside, inspect
from pasvu.ingest.facts import Examined, Packets, Timing
from pasvu.ingest.layout import Layout
from pasvu.ingest.tools import Tools

FORM = 1
Found = TypeVar("Found")


def examine(tools: Tools, path: Path, folder: Path, name: str | None = None) -> Examined:
    """As `inspect.examine`, asked once: the answer is kept in `folder` as long as file and tools are the same.

    Raises:
        Unusable: as `inspect.examine`.
    """
    place, of = _place(path, folder), _fingerprint(tools, path)
    found = _read(place, of, _told)
    if found is None:
        found, packets = inspect.examine_frames(tools, path, name)
        _write(found, packets, place, of)
    return found


def frames(tools: Tools, path: Path, folder: Path) -> Packets | None:
    """The frames of a file that `examine` kept there; `None` when there are none.

    Apart, because they are long (18 MB for 12 h), and of use for a moment only.
    """
    return _read(_place(path, folder), _fingerprint(tools, path), _frames)


def _place(path: Path, folder: Path) -> Path:
    return folder / f"examined-{zlib.crc32(path.name.encode(errors='surrogateescape')):08x}.npz"


def _fingerprint(tools: Tools, path: Path) -> list[object]:
    """What the answer depends on: a file that was mended or replaced is another one."""
    there = path.stat()
    return [FORM, tools.version, path.name, there.st_size, there.st_mtime_ns]


def _write(found: Examined, packets: Packets | None, place: Path, of: list[object]) -> None:
    told = {
        "of": of,
        "info": asdict(found.info),
        "timing": asdict(found.timing) if found.timing is not None else None,
        "layout": asdict(found.layout) if found.layout is not None else None,
    }
    tables: dict[str, Any] = {"told": np.frombuffer(json.dumps(told).encode(), np.uint8)}
    if packets is not None:
        tables |= {"shown": packets.shown, "decoded": packets.decoded, "keys": packets.keys}
    part = place.with_name(f".{place.name}.part")
    with part.open("wb") as file:
        np.savez(file, **tables)
    aside.keep(part, place)


def _read(place: Path, of: list[object], take: Callable[[Mapping[str, Any], dict[str, Any]], Found]) -> Found | None:
    try:
        with np.load(place) as kept:
            told = json.loads(kept["told"].tobytes())
            if told["of"] != of:
                return None
            return take(kept, told)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None


def _told(_: Mapping[str, Any], told: dict[str, Any]) -> Examined:
    return Examined(
        MediaInfo(**told["info"]),
        Timing(**told["timing"]) if told["timing"] else None,
        Layout(**told["layout"]) if told["layout"] else None,
    )


def _frames(kept: Mapping[str, Any], _: dict[str, Any]) -> Packets | None:
    return Packets(kept["shown"], kept["decoded"], kept["keys"]) if "shown" in kept else None
