"""Chooses frames that would make good stills, takes them at full size, and keeps the best three."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pasvu.channel.values import MediaInfo, Still, Trim
from pasvu.ingest import aside, commands, process
from pasvu.ingest.faces import face_finder
from pasvu.ingest.facts import Sample
from pasvu.ingest.tools import Tools

MOST_BYTES = 2_000_000
"""YouTube refuses thumbnails over 2 MB (`thumbnails.set`)."""
_WIDTH, _HEIGHT = 1280, 720
_WIDEST = 1920
_APART_S = 60.0
CANDIDATES, KEPT = 6, 3
_WITH_A_FACE = 1.5
"""How much more a picture with somebody in it is worth: more than sharpness makes between good frames."""
_QUALITIES = (2, 5, 10)


def choose(samples: Sequence[Sample], cut: Trim, count: int = CANDIDATES) -> list[Sample]:
    """The best-looking frames inside the cut, far enough apart to be different pictures. Best first. Pure."""
    inside = sorted((s for s in samples if cut.start_s <= s.time_s < cut.end_s), key=lambda s: -s.score)
    apart_s = min(_APART_S, (cut.end_s - cut.start_s) / (2 * count))
    chosen: list[Sample] = []
    for sample in inside:
        if len(chosen) < count and all(abs(sample.time_s - other.time_s) >= apart_s for other in chosen):
            chosen.append(sample)
    return chosen


def take_stills(
    tools: Tools,
    path: Path,
    info: MediaInfo,
    samples: Sequence[Sample],
    folder: Path,
    should_stop: process.ShouldStop | None = None,
) -> list[Still]:
    """The best three of these frames, each a 16:9 JPEG of at most 1280 points and 2 MB in `folder`; best first.

    0.2 s of work each; a face makes a frame worth more.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    for number, sample in enumerate(samples, 1):
        frame = commands.received(path, ss=f"{sample.time_s:.3f}", an=None)["V:0"]
        final = folder / f"still-{number}.jpg"
        pictures.append(_keep(tools, frame, path, frame_size(info), final, should_stop))
    # Only now: its library and its detector are 20 MB, not to be held beside a tool with a long film's index.
    shows_a_face = face_finder()
    taken = [
        Still(picture, sample.time_s, sample.score * (_WITH_A_FACE if shows_a_face(picture) else 1.0))
        for picture, sample in zip(pictures, samples, strict=True)
    ]
    taken.sort(key=lambda still: -still.score)
    for passed in taken[KEPT:]:
        passed.path.unlink()
    return taken[:KEPT]


def take_frame(tools: Tools, path: Path, info: MediaInfo, time_s: float, final: Path) -> Path:
    """Write the frame at `time_s` as a 16:9 JPEG, as large as it was recorded up to 1920 points, of at most 2 MB."""
    frame = commands.received(path, ss=f"{time_s:.3f}", an=None)["V:0"]
    return _keep(tools, frame, path, frame_size(info, _WIDEST), final, None)


def take_picture(tools: Tools, path: Path, final: Path) -> Path:
    """Write a picture that someone gave as a 16:9 JPEG of 1280 points and at most 2 MB; decoded in the jail alone."""
    return _keep(tools, commands.picture(path)["v:0"], path, (_WIDTH, _HEIGHT), final, None)


def _keep(
    tools: Tools,
    frame: Any,
    path: Path,
    size: tuple[int, int],
    final: Path,
    should_stop: process.ShouldStop | None,
) -> Path:
    final.parent.mkdir(parents=True, exist_ok=True)
    part = final.with_name(f".{final.stem}.part")
    try:
        for quality in _QUALITIES:
            _write(tools, frame, path, size, part, quality, should_stop)
            if part.stat().st_size <= MOST_BYTES:
                break
        return aside.keep(part, final)
    finally:
        part.unlink(missing_ok=True)


def _write(
    tools: Tools,
    frame: Any,
    path: Path,
    size: tuple[int, int],
    out: Path,
    quality: int,
    should_stop: process.ShouldStop | None,
) -> None:
    width, height = size
    # Bars where the shape differs: YouTube would cut them off or stretch otherwise.
    frame = frame.filter("scale", width, height, force_original_aspect_ratio="decrease", force_divisible_by=2)
    frame = frame.filter("pad", width, height, "(ow-iw)/2", "(oh-ih)/2").filter("setsar", "1")
    # yuvj420p: the full range that JPEG means.
    output = frame.filter("format", "yuvj420p").output(
        commands.address(out), f="image2", update=1, vcodec="mjpeg", **{"frames:v": 1, "q:v": quality}
    )
    out.touch()  # so that the right to write goes to this file alone, not to the other stills beside it
    process.run(
        commands.command(tools, [output]), subject=path.name, reads=[path], writes=[out], should_stop=should_stop
    )


def frame_size(info: MediaInfo, widest: int = _WIDTH) -> tuple[int, int]:
    """A 16:9 frame that holds the picture, never larger than it needs nor wider than `widest`. Pure."""
    width, height = info.width or _WIDTH, info.height or _HEIGHT
    if info.rotation % 180:
        width, height = height, width
    wide = min(widest, max(width, round(height * 16 / 9)))
    return wide // 32 * 32 or 32, (wide // 32 * 32 or 32) * 9 // 16
