"""A sped-up clock is one clock for all processes of a home."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from pasvu.channel.folders import Folders
from pasvu.channel.settings import load
from pasvu.door.house import clock_of

TELL = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from pasvu.channel.folders import Folders
from pasvu.channel.settings import load
from pasvu.door.house import clock_of
home = Path(sys.argv[1])
clock = clock_of(load(home, {"PASVU_CLOCK_RATE": "1000"}), Folders(home))
sys.stdin.readline()
print(json.dumps([datetime.now(UTC).isoformat(), clock.now().isoformat()]))
"""


def test_processes_started_together_agree(tmp_path: Path) -> None:
    Folders(tmp_path).make()
    tellers = [
        subprocess.Popen(
            [sys.executable, "-c", TELL, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    offsets = []
    for teller in tellers:
        said, _ = teller.communicate("now\n", timeout=60)
        real, told = (datetime.fromisoformat(each) for each in json.loads(said))
        # At a thousand times the speed, where their clock stood at one and the same instant.
        offsets.append(told - (real - datetime.fromisoformat("2026-01-01T00:00:00+00:00")) * 1000)
    assert max(offsets) - min(offsets) < timedelta(seconds=5)


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
