"""Writes the picture half of a master: copied between two packets, copied behind a new head, or encoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ffmpeg

from pasvu.channel.values import MediaInfo, Span
from pasvu.ingest import commands, ffconcat, process
from pasvu.ingest.facts import Cut
from pasvu.ingest.ffconcat import Piece
from pasvu.ingest.tools import Tools

_EARLY = 0.4
"""Of a frame: far enough before it not to miss it by rounding, near enough not to catch the one before."""
STILL_FPS = 2
STILL: dict[str, Any] = {
    "vcodec": "libx264",
    "preset": "veryfast",
    # A card never moves: spend bits on its edges once, then nothing.
    "tune": "stillimage",
    "crf": 18,
    "g": STILL_FPS * 5,
    "pix_fmt": "yuv420p",
    "x264-params": "open-gop=0",
}


def copied(
    source: Path, info: MediaInfo, cut: Cut, folder: Path, head: Path | None = None
) -> tuple[Any, dict[str, Any]]:
    """Stream and options that copy the cut, behind `head` when there is one. The list stays in `folder`."""
    first = Piece(head, duration_s=head_s(cut)) if head is not None else None
    start_s = cut.next_key_s if head is not None else cut.key_s
    out_dts_s = cut.out_dts_s + info.start_s if cut.out_dts_s is not None else None
    body = Piece(source, in_s=(start_s or 0.0) + info.start_s, out_dts_s=out_dts_s)
    path = folder / "parts.ffconcat"
    path.write_text(ffconcat.text([piece for piece in (first, body) if piece is not None]), encoding="utf-8")
    options: dict[str, Any] = {"vcodec": "copy"}
    if info.video_codec == "hevc":
        options["tag:v"] = "hvc1"  # Apple players know HEVC in MP4 by this name only
    return ffconcat.listed(path)["V:0"], options


def head_s(cut: Cut) -> float:
    """How long the frames are that must be made anew."""
    return (cut.next_key_s or cut.start_s) - cut.start_s


def make_head(
    tools: Tools, source: Path, info: MediaInfo, cut: Cut, path: Path, should_stop: process.ShouldStop | None
) -> None:
    """Encode the frames between the wanted start and the next clean keyframe, so that they join what is copied."""
    early_s = max(0.0, cut.start_s - _EARLY / (info.fps or 25))
    stream = commands.received(source, ss=f"{early_s:.6f}", an=None, sn=None, dn=None)["V:0"]
    output = stream.output(
        commands.address(path),
        f="mp4",
        vcodec="libx264",
        # Hardly a second of film: quality costs nothing here.
        preset="fast",
        crf=16,
        pix_fmt=info.pixel_format,
        **{
            "frames:v": cut.head_frames,
            "profile:v": _profile(info),
            # Another id for its parameter sets than the camera's, or each would decode the other's frames wrongly.
            "x264-params": "sps-id=7:open-gop=0:force-cfr=1",
        },
        video_track_timescale=90000,
    )
    process.run(
        commands.command(tools, [output]),
        subject=source.name,
        reads=[source],
        writes=[path.parent],
        duration_s=head_s(cut),
        should_stop=should_stop,
    )


def _profile(info: MediaInfo) -> str:
    return {"Main": "main", "Constrained Baseline": "baseline", "Baseline": "baseline"}.get(
        info.video_profile or "", "high"
    )


def encoded(source: Path, info: MediaInfo, part: Span) -> tuple[Any, dict[str, Any]]:
    """Stream and options that make the picture of `part` anew, in the form that YouTube recommends."""
    # No -noautorotate: a picture filmed upright becomes upright.
    stream = commands.received(source, ss=f"{part.start_s:.6f}", t=f"{part.duration_s:.6f}", an=None, sn=None, dn=None)
    picture = stream["V:0"]
    if info.interlaced:
        # One frame per frame, and only where fields are really interlaced.
        picture = picture.filter("bwdif", mode="send_frame", deint="interlaced")
    fps = min(info.fps or 25.0, 60.0)
    if info.variable_frame_rate or fps != info.fps:
        picture = picture.filter("fps", round(fps, 3))
    # H.264 in 4:2:0 wants even sides.
    picture = picture.filter("scale", "trunc(iw/2)*2", "trunc(ih/2)*2").filter("setsar", "1")
    return picture, commands.x264(fps)


def card(still: Path, duration_s: float) -> tuple[Any, dict[str, Any]]:
    """Stream and options that show one JPEG for `duration_s`."""
    stream = ffmpeg.input(
        commands.address(still),
        f="image2",
        # A name such as x%d.jpg must not open x1.jpg.
        pattern_type="none",
        loop=1,
        framerate=STILL_FPS,
        t=f"{duration_s:.6f}",
        # As for received files, and narrower: it is one JPEG.
        **{**commands.SAFE, "format_whitelist": "image2", "codec_whitelist": "mjpeg"},
    )
    picture = stream["V:0"].filter("scale", "trunc(iw/2)*2", "trunc(ih/2)*2").filter("format", "yuv420p")
    return picture, STILL
