"""Writes the picture half of a master: copied between packets, with a few new frames at the cuts, or encoded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from pasvu.channel.timeline import Timeline
from pasvu.channel.values import MediaInfo, Span
from pasvu.ingest import commands, excerpt, ffconcat, joining, process
from pasvu.ingest.facts import Stretch
from pasvu.ingest.ffconcat import Piece
from pasvu.ingest.plan import LONG_S
from pasvu.ingest.tools import Tools

_TURNS_INPUTS = 6
"""First version with `-display_rotation`; older ones take a tag of the film."""
_LEAD_S = 10.0
"""Decoded and thrown away before an encoding: some pictures need a while to become clear after a keyframe."""
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


def joined(
    tools: Tools,
    source: Path,
    info: MediaInfo,
    stretches: Sequence[Stretch],
    made: Sequence[Path],
    folder: Path,
    slips_s: Sequence[float] = (),
    should_stop: process.ShouldStop | None = None,
) -> tuple[Any, dict[str, Any]]:
    """Stream and options that join the stretches; `made` are the files of those made anew. The list is in `folder`.

    After each join the picture comes one of `slips_s` later, to be with the sound.
    """
    files, slips = iter(made), iter(slips_s)
    pieces: list[Piece] = []
    for stretch, after in zip(stretches, [*stretches[1:], None], strict=True):
        # Without its length, the next file would be laid over the frames that are decoded before they are shown.
        length_s = stretch.end_s - stretch.start_s
        if after is not None and after.start_s > stretch.end_s + 1e-3:
            length_s += next(slips, 0.0)
        if stretch.copied:
            out_dts_s = stretch.out_dts_s + info.start_s if stretch.out_dts_s is not None else None
            piece = Piece(source, stretch.start_s + info.start_s, out_dts_s, length_s)
            if made and in_band(info):
                part = folder / f"copied-{len(pieces)}.ts"
                piece = _repeating(tools, source, piece, part, should_stop)
            pieces.append(piece)
        else:
            pieces.append(Piece(next(files), duration_s=length_s))
    path = folder / "parts.ffconcat"
    path.write_text(ffconcat.text(pieces), encoding="utf-8")
    options: dict[str, Any] = {"vcodec": "copy"}
    if info.video_codec == "hevc":
        # Apple players know HEVC in MP4 by the first name only, which forbids parameter sets among the frames.
        options["tag:v"] = "hev1" if made else "hvc1"
    turned = {}
    if info.rotation and made:
        # New frames do not say how they are to be turned: the whole film does.
        if tools.major >= _TURNS_INPUTS:
            turned["display_rotation"] = -info.rotation
        else:
            options["metadata:s:v:0"] = f"rotate={info.rotation}"
    return ffconcat.listed(path, **turned)["V:0"], options


def make_stretch(
    tools: Tools,
    source: Path,
    info: MediaInfo,
    stretch: Stretch,
    delay_frames: int,
    path: Path,
    should_stop: process.ShouldStop | None,
) -> None:
    """Encode a few frames so that they join what is copied before and behind."""
    # noautorotate: these frames stand among others that only the player turns.
    words: dict[str, Any] = {"an": None, "sn": None, "dn": None, "noautorotate": None}
    if info.duration_s > LONG_S:
        reads = path.with_name(f"around-{path.stem}.mp4")
        excerpt.copied(tools, source, info, stretch.from_s, stretch.end_s - stretch.from_s, reads, should_stop)
        stream = excerpt.entered(reads, **words)["V:0"]
    else:
        reads, stream = source, commands.received(source, ss=f"{stretch.from_s:.6f}", **words)["V:0"]
    unit = info.video_timescale or 90000
    likeness = joining.like(info, delay_frames)
    options: dict[str, Any] = dict(likeness.options)
    if likeness.sooner_frames:
        sooner = f"round({likeness.sooner_frames / (info.fps or 25.0):.6f}/TB)"
        options["bsf:v"] = f"setts=dts=DTS-{sooner}"
    if info.variable_frame_rate:
        # As fine as the source's: instants without a rhythm would be rounded to one.
        options["enc_time_base"] = f"1:{unit}"
    if in_band(info):
        options["f"] = "mpegts"
    else:
        # Files of one list share the unit of the first: with another, every later frame would be at a wrong instant.
        options |= {"f": "mp4", "video_track_timescale": unit}
    output = stream.filter("setpts", "PTS-STARTPTS").output(
        commands.address(path),
        # Frames as they are, none doubled to fill a rhythm.
        fps_mode="passthrough",
        pix_fmt=info.pixel_format,
        **{"frames:v": stretch.frames},
        **options,
    )
    process.run(
        commands.command(tools, [output]),
        subject=source.name,
        reads=[reads],
        writes=[path.parent],
        duration_s=stretch.end_s - stretch.start_s,
        should_stop=should_stop,
    )


def in_band(info: MediaInfo) -> bool:
    """Whether new frames can join only if every keyframe carries its parameter sets.

    Those of HEVC cannot be given another id than the camera's: new and old ones would be decoded by each other's. In a
    transport stream each keyframe repeats its own.
    """
    return info.video_codec == "hevc"


def _repeating(
    tools: Tools,
    source: Path,
    piece: Piece,
    path: Path,
    should_stop: process.ShouldStop | None,
) -> Piece:
    """A copied piece in a transport stream of its own at `path` (8 s of work per hour)."""
    listing = path.with_suffix(".ffconcat")
    listing.write_text(ffconcat.text([Piece(source, piece.in_s, piece.out_dts_s)]), encoding="utf-8")
    output = ffconcat.listed(listing)["V:0"].output(commands.address(path), f="mpegts", vcodec="copy")
    process.run(
        commands.command(tools, [output]),
        subject=source.name,
        reads=[source],
        writes=[path.parent],
        duration_s=piece.duration_s,
        should_stop=should_stop,
    )
    return Piece(path, duration_s=piece.duration_s)


def encoded(
    source: Path, info: MediaInfo, shows: Timeline, slips_s: Sequence[float] = (), table: Path | None = None
) -> tuple[Any, dict[str, Any]]:
    """Stream and options that make the picture of these stretches anew, in the form that YouTube recommends.

    After each join the picture comes one of `slips_s` later, to be with the sound. With `table` (see `tone`) a picture
    in HDR comes out in ordinary colours; without, it stays HDR, in ten bits.
    """
    start_s, length_s = shows.start_s, shows.end_s - shows.start_s
    lead_s = min(start_s, _LEAD_S)
    ss, t = f"{start_s - lead_s:.6f}", f"{length_s + lead_s:.6f}"
    # No -noautorotate: a picture filmed upright becomes upright.
    picture = commands.received(source, ss=ss, t=t, an=None, sn=None, dn=None)["V:0"]
    if lead_s:
        near_s = 0.4 / (info.fps or 25.0)
        picture = picture.filter("trim", start=f"{lead_s - near_s:.6f}").filter("setpts", f"PTS-{lead_s:.6f}/TB")
    if info.interlaced:
        # One frame per frame, and only where fields are really interlaced.
        picture = picture.filter("bwdif", mode="send_frame", deint="interlaced")
    fps = min(info.fps or 25.0, 60.0)
    if info.variable_frame_rate or fps != info.fps:
        picture = picture.filter("fps", round(fps, 3))
    if shows.removed:
        picture = _without(picture, shows.removed, slips_s, start_s, 0.4 / fps)
    # H.264 in 4:2:0 wants even sides.
    picture = picture.filter("scale", "trunc(iw/2)*2", "trunc(ih/2)*2").filter("setsar", "1")
    if table is not None:
        return _in_ordinary_colours(picture, table), commands.x264(fps)
    return picture, commands.x264(fps, ten_bits=info.hdr is not None)


def _in_ordinary_colours(picture: Any, table: Path) -> Any:
    """BT.709 in eight bits of what is HDR in BT.2020."""
    # Said here what goes in and what comes out: left alone, each ffmpeg guesses the matrix in its own way.
    picture = picture.filter("scale", in_color_matrix="bt2020", in_range="tv", out_range="pc").filter(
        "format", "gbrp10le"
    )
    picture = picture.filter("lut3d", file=str(table), interp="tetrahedral")
    picture = picture.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv420p")
    return picture.filter("setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="limited")


def _without(picture: Any, removed: Sequence[Span], slips_s: Sequence[float], start_s: float, near_s: float) -> Any:
    """The picture without some stretches, the rest moved up; what stays keeps its rhythm."""
    slips = [*slips_s, *(0.0 for _ in removed[len(slips_s) :])]
    outs = [(span.start_s - start_s, span.end_s - start_s) for span in removed]
    inside = "+".join(f"gte(t,{a - near_s:.6f})*lt(t,{b - near_s:.6f})" for a, b in outs)
    moved = "+".join(f"gte(T,{b - near_s:.6f})*{b - a - slip:.6f}" for (a, b), slip in zip(outs, slips, strict=True))
    return picture.filter("select", f"not({inside})").filter("setpts", f"PTS-({moved})/TB")


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
