"""Asks the installed ffmpeg what it can do with a picture: decode it, and make new frames that join it."""

from __future__ import annotations

from functools import lru_cache

from pasvu.channel.values import MediaInfo
from pasvu.ingest import process
from pasvu.ingest.facts import Able
from pasvu.ingest.joining import ENCODERS
from pasvu.ingest.tools import Tools

_DECODERS = {"av1": ("libdav1d", "libaom-av1")}
"""For AV1 ffmpeg's own decoder only drives a graphics card; the others are built in everywhere."""


def able(tools: Tools, info: MediaInfo) -> Able:
    """What this ffmpeg can do with this picture; builds differ in codecs and in bits per sample."""
    codec = info.video_codec or ""
    reads = any(_said(tools, "decoder", name) for name in _DECODERS[codec]) if codec in _DECODERS else True
    if not reads or codec not in ENCODERS or info.pixel_format is None:
        return Able(joins=False, reads=reads)
    formats = [line for line in _said(tools, "encoder", ENCODERS[codec]).splitlines() if "pixel formats:" in line]
    return Able(joins=bool(formats) and info.pixel_format in formats[0].split(), reads=reads)


@lru_cache
def _said(tools: Tools, kind: str, name: str) -> str:
    """What ffmpeg says of one of its parts; empty when it has no such part."""
    said: list[bytes] = []
    words = [str(tools.ffmpeg), "-v", "error", "-hide_banner", "-h", f"{kind}={name}"]
    process.run(words, reads=(), writes=(), on_out=said.append, subject=name, deadline_s=20)
    text = b"".join(said).decode("utf-8", "replace")
    return text if text.startswith(kind.capitalize()) else ""
