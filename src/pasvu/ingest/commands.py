"""Argument lists of the media tools: safe inputs, and the choices that several commands share. Pure.

Graphs are written with ffmpeg-python; `process.run` runs what comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from pasvu.ingest.tools import Tools

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,avi,flv,mxf,mp3,wav,ogg,flac,aac"
_CODECS = (
    "h264,hevc,libdav1d,av1,vp8,vp9,mpeg4,mpeg2video,prores,dnxhd,mjpeg,aac,mp3float,mp2float,mp2,ac3,eac3,opus,vorbis,"
    "flac,alac,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_s16be,pcm_s24be,subrip,srt,ass,ssa,webvtt,mov_text"
)
SAFE: dict[str, Any] = {
    # A file that is really a playlist would be allowed to name other files of the machine.
    "format_whitelist": _FORMATS,
    # Decoders, by their own names: some of the 500 others are known to be exploitable.
    "codec_whitelist": _CODECS,
    "protocol_whitelist": "file",
    # 8K; above that a picture is an attack or a mistake.
    "max_pixels": 35_389_440,
    "max_streams": 64,
}
VIDEO_KBPS_FOR_PLAYING = 12_000

ONLY_JPEG = {"format_whitelist": "jpeg_pipe", "codec_whitelist": "mjpeg"}


def address(path: Path) -> str:
    """A path that cannot be taken for an option, a protocol or a pattern."""
    return f"file:{path.absolute()}"


def received(path: Path, **options: Any) -> Any:
    """A received file as an input: nothing in it may reach another file or a rarely used decoder."""
    return ffmpeg.input(address(path), **SAFE, **options)


def picture(path: Path) -> Any:
    """A picture that someone gave, as an input: JPEG alone, whatever its name says."""
    return ffmpeg.input(address(path), f="jpeg_pipe", **{**SAFE, **ONLY_JPEG})


def safe(**instead: str) -> list[str]:
    """`SAFE` as words before an input, some of it otherwise."""
    return [word for name, value in {**SAFE, **instead}.items() for word in (f"-{name}", str(value))]


def probe(tools: Tools, path: Path, *options: str) -> list[str]:
    """Ask ffprobe about a received file."""
    return [str(tools.ffprobe), "-v", "error", "-hide_banner", *options, *safe(), address(path)]


def command(tools: Tools, outputs: Sequence[Any], *, verbose: bool = False, sound_only: bool = False) -> list[str]:
    """The argument list that writes these outputs, over what is there.

    `verbose` is for filters that speak in the log, `sound_only` for work in which threads would only wait for each
    other (a fifth of the time, measured).
    """
    merged = outputs[0] if len(outputs) == 1 else ffmpeg.merge_outputs(*outputs)
    # -nostats: progress is asked for on its own pipe; -nostdin: a key on the terminal must not stop the work.
    words = ["-nostdin", "-nostats", "-hide_banner", "-y", "-v", "info" if verbose else "error"]
    words += ["-filter_complex_threads", "1"] if sound_only else []
    return [str(tools.ffmpeg), *words, *ffmpeg.compile(merged)[1:]]


def gapless(sound: Any, rate: int | None = None) -> Any:
    """A sound as stereo that fills its whole time, from 0 on; at `rate`, or at its own."""
    # async, first_pts: a sound that starts late or has holes keeps its place by silence, not by an edit list.
    options: dict[str, Any] = {
        # Samples per second by which it may be stretched: a thousandth is not heard, and makes up for 1 ms each second.
        "async": 48,
        "first_pts": 0,
        # A lost packet (21 ms) is a hole to be filled at once: by default only those of 100 ms are, and what is smaller
        # adds up, 50 ms after six joins (measured).
        "min_hard_comp": 0.015,
        # Double precision costs more and is not heard.
        "internal_sample_fmt": "fltp",
    }
    stereo = sound.filter("aformat", channel_layouts="stereo")
    return stereo.filter("aresample", *([rate] if rate is not None else []), **options)


AAC: dict[str, Any] = {
    "acodec": "aac",
    # Four times cheaper than the default coder, and at 384k as faithful to the limiter's ceiling (measured).
    "aac_coder": "fast",
    # YouTube's recommendation for stereo.
    "audio_bitrate": "384k",
    # Both sides are often the same in a recording: coded as middle and side, the coder then looks for ever for a way
    # to spend the side’s bits (280 s of work per hour instead of 60, measured with ffmpeg 8.1).
    "aac_ms": 0,
    # Tricks for low rates: at this one they only cost a quarter of the time.
    "aac_pns": 0,
    "aac_is": 0,
    "aac_tns": 0,
    "ar": 48000,
    "ac": 2,
}

WHOLE_FILE: dict[str, Any] = {
    "f": "mp4",
    # Names of people and places in a camera's metadata are not ours to publish.
    "map_metadata": -1,
    "map_chapters": -1,
    # No edit list: YouTube asks for none. Negative offsets carry the delay of B-frames instead.
    "movflags": "+faststart+negative_cts_offsets",
    "use_editlist": 0,
    # Fine enough for every frame rate, so that no frame time is rounded.
    "video_track_timescale": 90000,
}


def x264(fps: float | None, *, ten_bits: bool = False) -> dict[str, Any]:
    """H.264 as YouTube recommends it for upload: High, progressive, closed GOP of half a second, 2 B-frames."""
    # Each frame that it looks ahead or holds for one more thread is 3 to 12 MB in 1080p, twice that in ten bits: with
    # these it takes 245 MB instead of 295 and more on many cores, for 2 % fewer bits and 0.0002 of likeness (SSIM,
    # measured); in ten bits 335 MB.
    frugal = f"threads={2 if ten_bits else 4}:rc-lookahead=5:sync-lookahead=0"
    return {
        "vcodec": "libx264",
        # Twice as fast as `fast` for the same likeness at this quality (measured).
        "preset": "veryfast",
        "crf": 20,
        "g": max(1, round((fps or 25) / 2)),
        "bf": 2,
        "x264-params": f"open-gop=0:{frugal}",
        # Eight bits would show steps in a sky. High 10 is among what YouTube takes for HDR.
        "pix_fmt": "yuv420p10le" if ten_bits else "yuv420p",
        "profile:v": "high10" if ten_bits else "high",
    }
