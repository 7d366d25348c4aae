"""Megabytes that a recording's road takes at its worst moment, by its length: ours, and the media tool beside us.

The road is that of `ingest_cpu.py`, in a process of its own, with a cut after review. What is held is added up over it
and its tools ten times a second.
Usage: python benchmarks/ingest_memory.py [HOURS OF FOOTAGE…]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ingest_cpu

from pasvu.demo.footage import make_footage
from pasvu.ingest.tools import Tools, find_tools

HOURS = ["1"]
LOOP_S = 60
BAR_MB = 400


def make_film(tools: Tools, hours: int, out: Path) -> None:
    """A film of this length and of few bits: what takes memory is the number of its frames, not their size."""
    footage, loop = out.with_name("footage.mp4"), out.with_name("loop.mp4")
    make_footage(tools, footage, seconds=LOOP_S, size=(320, 180))
    quiet = [tools.ffmpeg, "-nostdin", "-v", "error", "-y"]
    coarse = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "42", "-g", "50", "-bf", "2", "-c:a", "copy"]
    subprocess.run([*quiet, "-i", footage, *coarse, loop], check=True)
    times = ["-stream_loop", str(hours * 3600 // LOOP_S - 1)]
    subprocess.run([*quiet, *times, "-i", loop, "-c", "copy", "-movflags", "+faststart", out], check=True)


def watched(command: list[str]) -> tuple[int, int, int]:
    """Kilobytes at the worst moment of a process, of one of its tools, and of all together."""
    ours = tool = together = 0
    process = subprocess.Popen(command)
    while process.poll() is None:
        mine, theirs = held(process.pid), [held(number) for number in _tools(process.pid)]
        ours, tool = max(ours, mine[1]), max(tool, *(highest for _, highest in theirs), 0)
        together = max(together, mine[0] + sum(now for now, _ in theirs))
        time.sleep(0.1)
    assert process.returncode == 0
    return ours, tool, together


def held(pid: int) -> tuple[int, int]:
    """Kilobytes that a process holds now, and held at most; 0 once it has ended."""
    try:
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    except OSError:
        return 0, 0
    now, highest = (int(lines.get(name, "0 kB").split()[0]) for name in ("VmRSS", "VmHWM"))
    return now, highest


def _tools(pid: int) -> list[int]:
    """The children of a process that have become something else: until then they hold its own memory, not more."""
    ours = _words(pid)
    children = [number for task in Path(f"/proc/{pid}/task").glob("*/children") for number in _numbers(task)]
    return [number for number in children if _words(number) != ours]


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _numbers(path: Path) -> list[int]:
    try:
        return [int(word) for word in path.read_text().split()]
    except OSError:
        return []


def main() -> None:
    if sys.argv[1:2] == ["--road"]:
        ingest_cpu.ours(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    tools = find_tools()
    print("length   ours   tool   together (MB at the worst moment)")
    for hours in map(int, sys.argv[1:] or HOURS):
        with tempfile.TemporaryDirectory() as name:
            film = Path(name) / "film.mp4"
            make_film(tools, hours, film)
            found = watched([sys.executable, __file__, "--road", str(Path(name) / "home"), str(film)])
        ours, tool, together = (round(value / 1000) for value in found)
        print(f"{hours:4} h {ours:7} {tool:6} {together:10}   (wanted: {BAR_MB} or less)")


if __name__ == "__main__":
    main()
