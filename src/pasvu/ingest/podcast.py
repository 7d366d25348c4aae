"""Makes the audio rendition of an episode: the master's own sound, unchanged, with chapters, names and a cover."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pasvu.channel.values import Chapter
from pasvu.ingest import aside, commands, process
from pasvu.ingest.tools import Tools


@dataclass(frozen=True)
class Sleeve:
    """What is written on it: tags as players name them, chapters in the film's time, a JPEG."""

    tags: Mapping[str, str]
    chapters: Sequence[Chapter]
    cover: Path | None = None


def make(
    tools: Tools,
    master: Path,
    out: Path,
    duration_s: float,
    sleeve: Sleeve,
    should_stop: process.ShouldStop | None = None,
) -> Path:
    """Write `out`, an M4A; the chapters stand beside it as text too (1 s of work per hour: nothing is encoded).

    Its level is the master's, −14 LUFS: what music services play at; Apple asks podcasts for −16 ±1, and turns down.

    Raises:
        NoRoom, Cancelled, ToolFailed: nothing new is at `out`.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.stem[:40]}.", suffix=".part", dir=out.parent) as name:
        listing, sound = Path(name) / "sleeve.txt", Path(name) / "sound.m4a"
        listing.write_text(metadata(sleeve, duration_s), encoding="utf-8")
        inputs = [*commands.safe(), "-i", commands.address(master), "-f", "ffmetadata", "-i", commands.address(listing)]
        pictured: list[str] = []
        if sleeve.cover is not None:
            inputs += [*commands.safe(**commands.ONLY_JPEG), "-f", "jpeg_pipe", "-i", commands.address(sleeve.cover)]
            pictured = ["-map", "2:v:0", "-disposition:v:0", "attached_pic"]
        command = [str(tools.ffmpeg), "-nostdin", "-nostats", "-hide_banner", "-y", "-v", "error", *inputs]
        command += ["-map", "0:a:0", *pictured, "-c", "copy", "-map_metadata", "1", "-map_chapters", "1"]
        # No edit list, as in the master: its sound starts at 0.
        command += ["-f", "ipod", "-movflags", "+faststart", "-use_editlist", "0", commands.address(sound)]
        covers = [sleeve.cover] if sleeve.cover is not None else []
        process.run(
            command,
            subject=out.name,
            reads=[master, listing, *covers],
            writes=[Path(name)],
            duration_s=duration_s,
            should_stop=should_stop,
        )
        return aside.keep(sound, out)


def metadata(sleeve: Sleeve, duration_s: float) -> str:
    """Tags and chapters as ffmpeg reads them (`ffmetadata`); each chapter lasts until the next. Pure."""
    lines = [";FFMETADATA1", *(f"{key}={_escaped(value)}" for key, value in sleeve.tags.items() if value)]
    starts = [*(chapter.start_s for chapter in sleeve.chapters), duration_s]
    for chapter, end_s in zip(sleeve.chapters, starts[1:], strict=True):
        start, end = round(chapter.start_s * 1000), round(max(end_s, chapter.start_s) * 1000)
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start}", f"END={end}", f"title={_escaped(chapter.title)}"]
    return "\n".join(lines) + "\n"


def _escaped(words: str) -> str:
    one_line = " ".join(words.split())
    return "".join(f"\\{letter}" if letter in "=;#\\" else letter for letter in one_line)
