"""A sped-up clock is one clock for all processes of a home."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from pasvu.channel.folders import Folders
from pasvu.channel.settings import load
from pasvu.door.house import clock_of

TELL = """
import sys
from pathlib import Path
from pasvu.channel.folders import Folders
from pasvu.channel.settings import load
from pasvu.door.house import clock_of
home = Path(sys.argv[1])
sys.stdin.readline()
print(clock_of(load(home, {"PASVU_CLOCK_RATE": "20"}), Folders(home)))
"""


def test_processes_started_together_agree(tmp_path: Path) -> None:
    Folders(tmp_path).make()
    tellers = [
        subprocess.Popen(
            [sys.executable, "-c", TELL, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for teller in tellers:
        assert teller.stdin is not None
        teller.stdin.write("now\n")
        teller.stdin.flush()
    # Rate, shift and the instant at which the speed began.
    told = {teller.communicate(timeout=60)[0] for teller in tellers}
    assert len(told) == 1
    assert "rate=20.0" in told.pop()


def test_a_changed_rate_starts_from_the_present(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.make()
    fast = clock_of(load(tmp_path, {"PASVU_CLOCK_RATE": "100000"}), folders)
    slower = clock_of(load(tmp_path, {"PASVU_CLOCK_RATE": "2"}), folders)
    assert slower.now() < fast.now()
    again = clock_of(load(tmp_path, {"PASVU_CLOCK_RATE": "2"}), folders)
    assert abs(again.now() - slower.now()) < timedelta(seconds=5)


def test_without_a_rate_no_file_is_needed(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.make()
    clock = clock_of(load(tmp_path, {"PASVU_CLOCK_OFFSET_S": "3600"}), folders)
    plain = clock_of(load(tmp_path, {}), folders)
    assert timedelta(minutes=59) < clock.now() - plain.now() < timedelta(minutes=61)
    assert not (folders.run / "clock.json").exists()
