"""Writes the lists by which ffmpeg's concat reader joins files and enters and leaves them at given packets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from pasvu.ingest import commands

_NEAR_S = 0.0005
"""A decoding time printed to the microsecond may be rounded up; half a millisecond earlier is still after the last."""


@dataclass(frozen=True)
class Piece:
    """A file of the list: from the keyframe at `in_s` to the packet decoded at `out_dts_s`, lasting `duration_s`."""

    path: Path
    in_s: float | None = None
    out_dts_s: float | None = None
    duration_s: float | None = None


def text(pieces: Sequence[Piece]) -> str:
    """The list as ffmpeg reads it."""
    lines = ["ffconcat version 1.0"]
    for piece in pieces:
        lines.append("file '{}'".format(commands.address(piece.path).replace("'", "'\\''")))
        if piece.duration_s is not None:
            lines.append(f"duration {piece.duration_s:.6f}")
        if piece.in_s is not None:
            lines.append(f"inpoint {piece.in_s:.6f}")
        if piece.out_dts_s is not None:
            lines.append(f"outpoint {piece.out_dts_s - _NEAR_S:.6f}")
    return "\n".join(lines) + "\n"


def listed(path: Path, **options: Any) -> Any:
    """A list that we wrote ourselves as an input; the files in it stay as restricted as any received file."""
    return ffmpeg.input(
        commands.address(path),
        **{**commands.SAFE, "format_whitelist": commands.SAFE["format_whitelist"] + ",concat"},
        f="concat",
        **options,
        safe=0,  # absolute paths: the recordings are elsewhere
    )
