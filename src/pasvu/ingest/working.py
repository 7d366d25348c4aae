"""Prepares the file that everything else works on: one plain MP4, whatever number and kind of files were received.

Cutting straight from a transport stream or from a film with edit lists was wrong by up to 2 s (measured); after a
remux, which copies picture and sound as they are, by less than 1 ms. The result can always be made again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from pasvu.channel.values import MediaInfo
from pasvu.ingest import aside, commands, ffconcat, process
from pasvu.ingest.facts import Examined
from pasvu.ingest.ffconcat import Piece
from pasvu.ingest.tools import Tools

_VIDEO_IN_MP4 = {"h264", "hevc", "vp9", "av1", "mpeg4", "mpeg2video"}
_AUDIO_IN_MP4 = {"aac", "mp3", "ac3", "eac3", "opus", "flac", "alac"}


@dataclass(frozen=True)
class Prepared:
    """The file to work on; `made` when it is a new one. `complaints` are what ffmpeg found wrong on the way."""

    path: Path
    made: bool
    complaints: tuple[str, ...] = ()


def prepare(
    tools: Tools,
    parts: Sequence[tuple[Path, Examined]],
    out: Path,
    *,
    on_progress: process.OnProgress | None = None,
    should_stop: process.ShouldStop | None = None,
) -> Prepared:
    """One file with the whole recording: the received one if it will do, else `out`.

    Raises:
        NoRoom, Cancelled, ToolFailed: nothing is left at `out`.
    """
    if len(parts) == 1:
        path, examined = parts[0]
        if not needs_remux(examined):
            return Prepared(path, made=False)
    out.parent.mkdir(parents=True, exist_ok=True)
    infos = [examined.info for _, examined in parts]
    with tempfile.TemporaryDirectory(prefix=f".{out.stem[:40]}.", suffix=".part", dir=out.parent) as folder:
        film = Path(folder) / "film.mp4"
        if all(alike(infos[0], other) and fits_mp4(other) for other in infos):
            paths = _in_one_unit(tools, parts, Path(folder), should_stop)
            output = _remuxed(paths, infos[0], Path(folder), film)
        else:
            output = _joined([path for path, _ in parts], infos, film)
        done = process.run(
            commands.command(tools, [output]),
            subject=parts[0][0].name,
            reads=[path for path, _ in parts],
            writes=[Path(folder)],
            on_progress=on_progress,
            duration_s=sum(info.duration_s for info in infos),
            should_stop=should_stop,
        )
        aside.keep(film, out)
    return Prepared(out, made=True, complaints=done.errors)


def _in_one_unit(
    tools: Tools, parts: Sequence[tuple[Path, Examined]], folder: Path, should_stop: process.ShouldStop | None
) -> list[Path]:
    """The parts with their frames counted in the unit of the first: in another, a list plays them too fast or slow."""
    unit, paths = parts[0][1].info.video_timescale, []
    for number, (path, examined) in enumerate(parts):
        if unit is not None and examined.info.video_timescale != unit:
            recounted = folder / f"part-{number}.mp4"
            output = _remuxed([path], examined.info, folder, recounted, unit)
            process.run(
                commands.command(tools, [output]),
                subject=path.name,
                reads=[path],
                writes=[folder],
                duration_s=examined.info.duration_s,
                should_stop=should_stop,
            )
            path = recounted
        paths.append(path)
    return paths


def needs_remux(examined: Examined) -> bool:
    """Whether a single file must be put in a plain MP4 first; what MP4 cannot hold is worked on as it is."""
    plain = examined.layout is not None and examined.layout.plain and abs(examined.info.start_s) < 0.001
    return not plain and fits_mp4(examined.info)


def alike(one: MediaInfo, other: MediaInfo) -> bool:
    """Whether two parts can follow each other in one stream without being made anew."""

    def form(info: MediaInfo) -> tuple[object, ...]:
        picture = (info.video_codec, info.video_profile, info.pixel_format, info.width, info.height, info.rotation)
        return (*picture, info.audio_codec, info.channels, info.sample_rate)

    return form(one) == form(other)


def fits_mp4(info: MediaInfo) -> bool:
    """Whether an MP4 holds this picture and this sound as they are."""
    return (info.video_codec in _VIDEO_IN_MP4 or not info.has_video) and (
        info.audio_codec in _AUDIO_IN_MP4 or not info.has_audio
    )


def _remuxed(paths: Sequence[Path], info: MediaInfo, folder: Path, film: Path, unit: int | None = None) -> Any:
    """Picture and sound copied, one file after the other."""
    # genpts: some recorders leave instants out. discardcorrupt: a damaged packet stops players.
    repair = {"fflags": "+genpts+discardcorrupt"}
    if len(paths) == 1:
        source = commands.received(paths[0], **repair)
    else:
        listing = folder / "parts.ffconcat"
        listing.write_text(ffconcat.text([Piece(path) for path in paths]), encoding="utf-8")
        source = ffconcat.listed(listing)
    streams = [source[which] for which, there in (("V:0", info.has_video), ("a:0", info.has_audio)) if there]
    options: dict[str, Any] = {
        "f": "mp4",
        "c": "copy",
        # Index first: the panel's player starts at once and seeks by ranges.
        "movflags": "+faststart",
        "map_metadata": -1,
    }
    if unit is not None:
        options["video_track_timescale"] = unit
    if info.video_codec == "hevc":
        options["tag:v"] = "hvc1"  # Apple players know HEVC in MP4 by this name only
    return ffmpeg.output(*streams, commands.address(film), **options)


def _joined(paths: Sequence[Path], infos: Sequence[MediaInfo], film: Path) -> Any:
    """Parts of differing kinds, made anew in the form of the first."""
    first = infos[0]
    width, height = (first.width or 1280) // 2 * 2, (first.height or 720) // 2 * 2
    has_video, has_audio = first.has_video, all(info.has_audio for info in infos)
    pieces = []
    for path in paths:
        source = commands.received(path)
        if has_video:
            shown = source["V:0"].filter("scale", width, height, force_original_aspect_ratio="decrease")
            # Bars rather than a stretched face where the shapes differ.
            shown = shown.filter("pad", width, height, "(ow-iw)/2", "(oh-ih)/2").filter("setsar", "1")
            pieces.append(shown.filter("fps", first.fps or 25).filter("format", "yuv420p"))
        if has_audio:
            pieces.append(source["a:0"].filter("aresample", 48000).filter("aformat", channel_layouts="stereo"))
    node = ffmpeg.concat(*pieces, v=int(has_video), a=int(has_audio)).node
    streams = [node[index] for index in range(int(has_video) + int(has_audio))]
    options: dict[str, Any] = {"f": "mp4", "movflags": "+faststart", "map_metadata": -1}
    options |= commands.x264(first.fps) if has_video else {}
    options |= commands.AAC if has_audio else {}
    return ffmpeg.output(*streams, commands.address(film), **options)
