"""CPU seconds per hour of footage: ours with an H.264 recording, against the naive way and against the floor.

Ours: the product's own road, from the claim of a file to the episode in review with its master and stills, then a cut
after review with a stretch taken out of the middle. Only the engine that strings the steps together is left out.
Naive: measure with `loudnorm`, encode with x264 medium and `loudnorm` in one pass, as most scripts found on the web do.
Floor: what nobody can do without: checksum, decoding the sound with true peaks, one AAC encode, decoding the keyframes,
one remux.
Usage: python benchmarks/ingest_cpu.py [SECONDS OF FOOTAGE] [WIDTH] [HEIGHT]
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from pasvu.channel import review
from pasvu.channel.models import Episode
from pasvu.channel.settings import load
from pasvu.channel.states import JobState
from pasvu.channel.values import Span
from pasvu.demo.footage import make_footage
from pasvu.door.house import House, opened
from pasvu.ingest import arrival, commands, comparing, hashing, process, steps
from pasvu.ingest.bench import Bench, job_of
from pasvu.ingest.claim import Drop, claim
from pasvu.ingest.tools import Tools, find_tools
from pasvu.ingest.workflow import IngestSteps

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


def ours(home: Path, film: Path) -> tuple[dict[str, float], dict[str, float]]:
    """CPU seconds of each step from a dropped file to its episode in review; then those of a cut after review."""
    with opened(load(home, {})) as house:
        drop = Drop([os.fsencode(film)], "command")
        received: list[str] = []
        found = {"claim": spent(lambda: received.append(claim(house.record, house.folders, house.clock, drop)))}
        (episode_id,) = received
        found |= road(house, episode_id, 1)
        with house.record.write() as session:
            episode = session.get_one(Episode, episode_id)
            start_s, end_s = episode.proposed_start_s or 0.0, episode.proposed_end_s or 0.0
            middle = Span((start_s + end_s) / 2, (start_s + end_s) / 2 + 5.0)
            review.trim(session, episode, start_s + 1.3, end_s - 2.7, house.clock.now(), "bench", removed=[middle])
        return found, road(house, episode_id, 2)


def road(house: House, episode_id: str, cut: int) -> dict[str, float]:
    """CPU seconds of each step of a job; those that find their work done pass over it, as in the product."""
    room, job_id = IngestSteps(house.record, house.folders, house.clock, house.tools), job_of(episode_id, cut, 1)

    def carry_out(work: Callable[[Bench], None]) -> None:
        outcome = room.carry_out(episode_id, job_id, work)
        assert outcome == JobState.DONE, outcome

    found = {}
    for name, work in (
        ("identify", arrival.identify),
        ("gather", arrival.gather),
        ("listen", steps.listen),
        ("suggest", steps.suggest),
        ("master", lambda bench: steps.cut(bench, cut)),
        ("watchable", steps.make_watchable),
        ("offer", lambda bench: steps.offer(bench, cut)),
        ("compare", comparing.compare),
    ):
        found[name] = spent(lambda work=work: carry_out(work))  # type: ignore[misc]
    with house.record.read() as session:
        print(f"cut {cut}: {session.get_one(Episode, episode_id).plan_why}")
    return found


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
        least, other = floor(tools, long, folder), naive(tools, short, folder)
        one, again = ours(folder / "home", long)
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
