"""A worker with roads of its own, for the test of how two of them share; run as a script until it is killed."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from pasvu.channel import engine


def main(url: str, run_dir: Path, log: Path) -> None:
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(*words: object) -> None:
        # One write: lines of two processes never mix.
        os.write(handle, (" ".join(map(str, [time.monotonic_ns(), os.getpid(), *words])) + "\n").encode())

    def work(subject: str) -> str:
        note("heavy", subject, "begin")
        time.sleep(0.1)
        note("heavy", subject, "end")
        return "done"

    def heavy(subject: str) -> str:
        with engine.one_at_a_time(run_dir):
            return engine.step("work", work, subject)

    def road(subject: str) -> str:
        note("road", subject, "begin")
        outcome = engine.part("encode", making, "heavy", subject)
        note("road", subject, "end")
        return outcome

    worker = engine.Worker(url, run_dir)
    worker.prepare()
    making = engine.register("heavy", heavy)
    engine.register("road", road)
    note("up", "-", "-")
    # Neither begins before the other is there, else one would do it all.
    while len({line.split()[1] for line in log.read_text().splitlines()}) < 2:
        time.sleep(0.05)
    worker.launch()
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
