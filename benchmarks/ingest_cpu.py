"""CPU seconds per hour of footage: ours with an H.264 recording, against the naive way and against the floor.

Naive: measure with `loudnorm`, encode with x264 medium and `loudnorm` in one pass, as most scripts found on the web do.
Floor: what nobody can do without: checksum, decoding the sound with true peaks, one AAC encode, decoding the keyframes,
one remux. A re-cut is a second master of the same recording, as after review.
Usage: python benchmarks/ingest_cpu.py [SECONDS OF FOOTAGE] [WIDTH] [HEIGHT]
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pasvu.channel.timeline import Timeline, meant
from pasvu.channel.values import Span, Trim
from pasvu.demo.footage import make_footage
from pasvu.ingest import commands, cutting, hashing, inspect, plan, process, propose, render, thumbnails
from pasvu.ingest.measure import measure
from pasvu.ingest.tools import Tools, find_tools

T = TypeVar("T")
TIMES = 120


_SPELT = {"acodec": "c:a", "audio_bitrate": "b:a"}
"""Options that ffmpeg-python spells in its own way."""


def cpu_s() -> float:
    """CPU seconds used so far by this process and its finished children."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def spent(work: Callable[[], object]) -> float:
    before = cpu_s()
    work()
    return cpu_s() - before


def timed(work: Callable[[], T]) -> tuple[T, float]:
    before = cpu_s()
    return work(), cpu_s() - before


def ours(tools: Tools, source: Path, folder: Path) -> tuple[dict[str, float], dict[str, float]]:
    """CPU seconds of each step from a received file to its master and stills; then those of a cut after review."""
    found: dict[str, float] = {}
    found["checksum"] = spent(lambda: hashing.sha256(source, lambda: False))
    examined, found["inspect"] = timed(lambda: inspect.examine(tools, source))
    measures, found["measure"] = timed(lambda: measure(tools, source, examined.info))
    trim = propose.trim(measures, examined.info)
    chosen = thumbnails.choose(measures.samples, trim)
    found["stills"] = spent(lambda: thumbnails.take_stills(tools, source, examined.info, chosen, folder / "stills"))

    def cut(wanted: Timeline, out: Path) -> None:
        loudness = measures.loudness_of(*wanted.kept)
        cuts = cutting.find_cuts(tools, source, examined.info, wanted.kept)
        decided = plan.plan(examined.info, loudness, wanted, timing=examined.timing, cuts=cuts, mend=measures.mend)
        print(f"plan: {decided.action} ({decided.why})")
        render.master(
            tools,
            source,
            out,
            examined,
            decided,
            wanted,
            loudness,
            cuts=cuts,
            levels=measures.levels,
            mend=measures.mend,
            sound=folder / "sound.m4a",
        )
        hashing.sha256(out, lambda: False)

    found["master"] = spent(lambda: cut(meant(trim, ()), folder / "master.mp4"))
    middle_s = (trim.start_s + trim.end_s) / 2
    later = meant(Trim(trim.start_s + 1.3, trim.end_s - 2.7), [Span(middle_s, middle_s + 5.0)])
    again = {"inspect": spent(lambda: inspect.examine(tools, source))}
    again["master"] = spent(lambda: cut(later, folder / "again.mp4"))
    return found, again


def floor(tools: Tools, source: Path, folder: Path) -> dict[str, float]:
    """CPU seconds of what nobody can do without."""
    head = [str(tools.ffmpeg), "-nostdin", "-v", "error", "-y"]
    sound = ["-vn", "-i", str(source)]
    nowhere = ["-f", "null", "-"]
    aac = [word for name, value in commands.AAC.items() for word in (f"-{_SPELT.get(name, name)}", str(value))]
    whole = ["-i", str(source), "-c", "copy", "-movflags", "+faststart", str(folder / "floor.mp4")]
    return {
        "checksum": spent(lambda: hashing.sha256(source, lambda: False)),
        "true peak": spent(lambda: process.run([*head, *sound, "-af", "ebur128=peak=true:framelog=verbose", *nowhere])),
        "aac": spent(lambda: process.run([*head, *sound, *aac, str(folder / "floor.m4a")])),
        "keyframes": spent(lambda: process.run([*head, "-an", "-skip_frame", "nokey", "-i", str(source), *nowhere])),
        "remux": spent(lambda: process.run([*head, *whole])),
    }


def naive(tools: Tools, source: Path, folder: Path) -> dict[str, float]:
    """CPU seconds of measuring with loudnorm and encoding everything."""
    head = [str(tools.ffmpeg), "-nostdin", "-v", "error", "-y", "-i", str(source)]
    wanted = "loudnorm=I=-14:TP=-1:LRA=11"
    encode = ["-c:v", "libx264", "-preset", "medium", "-crf", "18", "-af", wanted, "-c:a", "aac", "-b:a", "192k"]
    return {
        "measure": spent(lambda: process.run([*head, "-vn", "-af", f"{wanted}:print_format=json", "-f", "null", "-"])),
        "master": spent(lambda: process.run([*head, *encode, "-movflags", "+faststart", str(folder / "naive.mp4")])),
    }


def main() -> None:
    seconds, width, height = (int(word) for word in (sys.argv[1:] + ["30", "1920", "1080"][len(sys.argv) - 1 :]))
    tools = find_tools()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        short, long = folder / "short.mp4", folder / "long.mp4"
        make_footage(tools, short, seconds=seconds, size=(width, height))
        # Ours copies, so that what a process costs to start shows in half a minute of film: it gets the same film many
        # times over. The naive way costs the same for each frame.
        loop = [str(tools.ffmpeg), "-nostdin", "-v", "error", "-stream_loop", str(TIMES - 1), "-i", str(short)]
        process.run([*loop, "-c", "copy", "-movflags", "+faststart", str(long)])
        one, again = ours(tools, long, folder)
        least, other = floor(tools, long, folder), naive(tools, short, folder)
    hours = seconds * TIMES / 3600
    print(f"{seconds} s of {width}x{height}, ffmpeg {tools.version}; CPU seconds per hour of footage")
    totals = {}
    for name, costs, length_h in (
        ("ours", one, hours),
        ("re-cut", again, hours),
        ("floor", least, hours),
        ("naive", other, seconds / 3600),
    ):
        totals[name] = sum(costs.values()) / length_h
        parts = ", ".join(f"{step} {cost / length_h:.0f}" for step, cost in costs.items())
        print(f"{name:8}{totals[name]:8.0f}   ({parts})")
    print(f"naive / ours {totals['naive'] / totals['ours']:.1f} (wanted: 30 or more)")
    print(f"ours / floor {totals['ours'] / totals['floor']:.2f} (wanted: 1.6 or less)")
    print(f"re-cut {totals['re-cut']:.0f} s per hour (wanted: 60 or less)")


if __name__ == "__main__":
    main()
