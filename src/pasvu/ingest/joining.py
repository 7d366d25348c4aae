"""Says how a few new frames are encoded so that they can stand among the camera's own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pasvu.channel.values import MediaInfo

ENCODERS = {"h264": "libx264", "hevc": "libx265", "vp9": "libvpx-vp9", "av1": "libsvtav1"}
"""By which program of ffmpeg's each codec is made here."""
_FRUGAL = "threads=1:rc-lookahead=5"
"""x264 holds 12 MB for each 1080p frame that it looks ahead: 300 MB by default, to win nothing in a second of film."""


@dataclass(frozen=True)
class Likeness:
    """ffmpeg's options for frames like a camera's, and by how many frames they must be decoded earlier still."""

    options: dict[str, Any]
    sooner_frames: int = 0


def like(info: MediaInfo, delay_frames: int) -> Likeness:
    """How to make frames of this picture anew; hardly a second of film: quality costs nothing here.

    Decoded as far ahead as the camera's (`delay_frames`), or the decoding times would overlap at the join.
    """
    made = {"h264": _h264, "hevc": _hevc, "vp9": _vp9, "av1": _av1}[info.video_codec or ""]
    return made(info, delay_frames)


def _h264(info: MediaInfo, delay_frames: int) -> Likeness:
    order = {
        0: "bframes=0",
        1: "bframes=1:b-pyramid=none",
        2: "bframes=3:b-pyramid=normal",
    }.get(delay_frames, "bframes=0")
    # Another id for its parameter sets than the camera's, or each would decode the other's frames wrongly.
    common = f"sps-id=7:open-gop=0:force-cfr={int(not info.variable_frame_rate)}:{_FRUGAL}"
    profiles = {"Main": "main", "Constrained Baseline": "baseline", "Baseline": "baseline", "High 10": "high10"}
    options = {
        "vcodec": "libx264",
        "preset": "fast",
        "crf": 16,
        "profile:v": profiles.get(info.video_profile or "", "high"),
        "x264-params": f"{common}:{order}",
    }
    return Likeness(options, delay_frames if delay_frames > 2 else 0)


def _hevc(_: MediaInfo, delay_frames: int) -> Likeness:
    order = {0: "bframes=0", 1: "bframes=1:b-pyramid=0", 2: "bframes=3:b-pyramid=1"}.get(delay_frames, "bframes=0")
    options = {
        "vcodec": "libx265",
        "preset": "fast",
        "crf": 15,
        "x265-params": f"log-level=error:open-gop=0:{order}",
    }
    return Likeness(options, delay_frames if delay_frames > 2 else 0)


def _vp9(_: MediaInfo, __: int) -> Likeness:
    options = {
        "vcodec": "libvpx-vp9",
        "crf": 12,
        # Quality alone decides, not a rate.
        "video_bitrate": 0,
        "deadline": "good",
        "cpu-used": 4,
        # Each packet one frame, none hidden: a cut may come between any two.
        "auto-alt-ref": 0,
        "lag-in-frames": 0,
    }
    return Likeness(options)


def _av1(_: MediaInfo, __: int) -> Likeness:
    return Likeness({"vcodec": "libsvtav1", "preset": 8, "crf": 16})
