"""What a process holds that has thrown away much."""

from __future__ import annotations

import subprocess
import sys

HOLDING = """
import pathlib
from pasvu.ingest import heap

def held():
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

many = [bytes(2000) for _ in range(20000)]
last = many.pop()
many.clear()
before = held()
heap.give_back()
print(before - held())
"""


def test_what_was_thrown_away_goes_back_to_the_system() -> None:
    said = subprocess.run([sys.executable, "-c", HOLDING], check=True, capture_output=True, text=True)
    assert int(said.stdout) > 30000
