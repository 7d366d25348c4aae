"""CPU seconds per hour of footage: our way with an H.264 recording, against the naive one, in the same run.

Naive: measure with `loudnorm`, encode with x264 medium and `loudnorm` in one pass, as most scripts found on the web do.
Usage: python benchmarks/ingest_cpu.py [SECONDS OF FOOTAGE] [WIDTH] [HEIGHT]
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from pasvu.channel import timeline
from pasvu.channel.values import MediaInfo
from pasvu.demo.footage import make_footage
from pasvu.ingest import cutting, inspect, plan, process, propose, render, thumbnails
from pasvu.ingest.facts import Measures
from pasvu.ingest.measure import measure
from pasvu.ingest.tools import Tools, find_tools

TIMES = 20


def cpu_s() -> float:
    """CPU seconds used so far by this process and its finished children."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def spent(work: Callable[[], object]) -> float:
    before = cpu_s()
    work()
    return cpu_s() - before


def ours(tools: Tools, source: Path, folder: Path) -> dict[str, float]:
    """CPU seconds of each step from a received file to its master and stills."""
    info: MediaInfo | None = None
    measures: Measures | None = None

    def look() -> None:
        nonlocal info
        info = inspect.inspect(tools, source)

    def listen() -> None:
        nonlocal measures
        assert info is not None
        measures = measure(tools, source, info)

    found = {"inspect": spent(look), "measure": spent(listen)}
    assert info is not None
    assert measures is not None
    examined = inspect.examine(tools, source)
    trim = propose.trim(measures, examined.info)
    shown = timeline.meant(trim, ())
    loudness = measures.loudness_of(trim)
    cuts = cutting.find_cuts(tools, source, examined.info, shown.kept)
    decided = plan.plan(examined.info, loudness, shown, timing=examined.timing, cuts=cuts)
    print(f"plan: {decided.action} ({decided.why})")
    chosen = thumbnails.choose(measures.samples, trim)
    out = folder / "master.mp4"
    found["stills"] = spent(lambda: thumbnails.take_stills(tools, source, examined.info, chosen, folder / "stills"))
    found["master"] = spent(lambda: render.master(tools, source, out, examined, decided, shown, loudness, cuts=cuts))
    return found


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
        one, other = ours(tools, long, folder), naive(tools, short, folder)
    mine = {step: cost * 3600 / seconds / TIMES for step, cost in one.items()}
    theirs = {step: cost * 3600 / seconds for step, cost in other.items()}
    print(f"{seconds} s of {width}x{height}, ffmpeg {tools.version}; CPU seconds per hour of footage: ours, naive")
    for step in dict.fromkeys([*mine, *theirs]):
        print(f"{step:10}{mine.get(step, 0):10.0f}{theirs.get(step, 0):10.0f}")
    total, naive_total = sum(mine.values()), sum(theirs.values())
    print(f"{'in all':10}{total:10.0f}{naive_total:10.0f}   ratio {naive_total / total:.1f}")


if __name__ == "__main__":
    main()
