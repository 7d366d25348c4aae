"""A watched folder and a watcher moved by hand, under a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import empty_record
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.folders import Folders
from pasvu.ingest.structure import Verdict, judge
from pasvu.ingest.watcher import Watcher

SETTLE = timedelta(seconds=10)


@dataclass
class Depot:
    """A watcher moved by hand over a depot of its own."""

    path: Path
    record: Record
    folders: Folders
    clock: SetClock
    watcher: Watcher

    def put(self, name: str, content: bytes = b"film") -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def look_after(self, wait: timedelta = timedelta(0)) -> list[str]:
        self.clock.sleep(wait.total_seconds())
        return self.watcher.look()

    def settle(self) -> list[str]:
        self.look_after()
        return self.look_after(SETTLE * 4)

    def left(self) -> list[str]:
        return sorted(str(path.relative_to(self.path)) for path in self.path.rglob("*") if path.is_file())


def make_depot(home: Path, judged: Callable[[Path], Verdict] = judge, **kind: Any) -> Depot:
    """A home with its record, and a watcher of its depot; `kind` as for the watcher."""
    folders = Folders(home)
    folders.make()
    record, clock = Record(empty_record.lay(home)), SetClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
    root = home / "depot"
    root.mkdir(exist_ok=True)
    watcher = Watcher(record, folders, clock, [root], SETTLE, judge=judged, **kind)
    return Depot(root, record, folders, clock, watcher)
