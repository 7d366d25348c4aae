"""Intake killed with SIGKILL at random instants, again and again: every file dropped is in the vault once, and whole.

`PASVU_CAMPAIGN_INTAKE=1000` kills a thousand times instead of twenty; `PASVU_SEED` chooses other instants.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from pasvu.channel import migrations
from pasvu.channel.clock import WallClock
from pasvu.channel.database import Record
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode, Part
from pasvu.ingest.watcher import Watcher

KILLS = int(os.environ.get("PASVU_CAMPAIGN_INTAKE", "20"))
SEED = int(os.environ.get("PASVU_SEED", "11"))
MOST_LYING = 30
JPEG = b"\xff\xd8\xff\xe0"


class Dropping:
    """Drops recordings of every kind, and remembers what they held."""

    def __init__(self, depots: list[Path]) -> None:
        self._depots = depots
        self.random = random.Random(SEED)
        self.films: Counter[str] = Counter()
        self.recordings = 0
        self.beside: set[str] = set()
        self._count = 0

    def some(self) -> None:
        for _ in range(self.random.randrange(3)):
            self.random.choice((self._one, self._one, self._parts, self._with_sidecars))(
                self.random.choice(self._depots)
            )

    def lying(self) -> list[Path]:
        return [path for depot in self._depots for path in _lying(depot) if path.is_file()]

    def _one(self, depot: Path) -> None:
        self._put(depot / f"Film {self._next()}.mp4")
        self.recordings += 1

    def _parts(self, depot: Path) -> None:
        number = self._next()
        # The later parts first: a group may be taken as soon as it is there whole.
        for part in (3, 2, 1):
            self._put(depot / f".Nuit {number}_p{part}.mp4")
        for part in (3, 2, 1):
            (depot / f".Nuit {number}_p{part}.mp4").rename(depot / f"Nuit {number}_p{part}.mp4")
        self.recordings += 1

    def _with_sidecars(self, depot: Path) -> None:
        number = self._next()
        words = b'{"title": "Vu %d"}' % number
        for name, content in (("json", words), ("jpg", JPEG + b"%d" % number)):
            (depot / f"Vu {number}.{name}").write_bytes(content)
            self.beside.add(hashlib.sha256(content).hexdigest())
        self._put(depot / f"Vu {number}.mp4")
        self.recordings += 1

    def _put(self, path: Path) -> None:
        content = self.random.randbytes(self.random.choice((10, 5_000, 400_000)))
        self.films[hashlib.sha256(content).hexdigest()] += 1
        aside = path.with_name(f".{path.name}.copy")
        aside.write_bytes(content)
        aside.rename(path)

    def _next(self) -> int:
        self._count += 1
        return self._count


def test_intake_killed_at_random(tmp_path: Path, other_disk: Path) -> None:
    folders, url = _home(tmp_path)
    dropping = Dropping([tmp_path / "depot", other_disk])

    def live() -> None:
        watcher = Watcher(Record(url), folders, WallClock(), dropping._depots, timedelta(0))
        while True:
            watcher.look()
            time.sleep(0.002)

    record = Record(url)

    def look_back() -> bool:
        with record.read() as session:
            return session.query(Part).filter(Part.claimed_at.is_(None)).count() > 0

    struck = _kill_again_and_again(dropping, live, look_back)
    assert struck, "no kill struck a claim: they prove nothing"
    watcher = Watcher(record, folders, WallClock(), dropping._depots, timedelta(0))
    for _ in range(5):
        watcher.look()
    assert not dropping.lying()
    kept: Counter[str] = Counter()
    with record.read() as session:
        assert session.query(Episode).count() == dropping.recordings
        assert not [episode.state_reason for episode in session.query(Episode) if episode.job_state]
        parts = list(session.query(Part))
        for part in parts:
            assert part.claimed_at is not None
            digest = hashlib.sha256(Path(part.path).read_bytes()).hexdigest()
            assert part.sha256 in (None, digest)
            assert part.bytes == Path(part.path).stat().st_size
            kept[digest] += 1
    assert kept == dropping.films, "lost, doubled or damaged"
    known = {part.path for part in parts}
    others = [path for path in folders.recordings.rglob("*") if path.is_file() and str(path) not in known]
    assert Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in others) == Counter(dropping.beside)
    print(f"{KILLS} kills, {struck} amid a claim, seed {SEED}: {sum(kept.values())} files, 0 lost, doubled or damaged")


def test_what_we_compare_with_loses_files(tmp_path: Path) -> None:
    """Moving first and writing down after, as most watch folders do: the same kills lose files of it."""
    folders, _ = _home(tmp_path)
    depot = tmp_path / "depot"
    dropping = Dropping([depot])
    known = tmp_path / "known.db"
    with sqlite3.connect(known) as line:
        line.execute("CREATE TABLE film (path TEXT)")

    def live() -> None:
        with sqlite3.connect(known) as line:
            while True:
                for path in [path for path in _lying(depot) if path.is_file()]:
                    path.rename(folders.recordings / path.name)
                    time.sleep(0.003)  # what a probe of the file takes, at the very least
                    line.execute("INSERT INTO film VALUES (?)", [path.name])
                    line.commit()

    _kill_again_and_again(dropping, live)
    with sqlite3.connect(known) as line:
        written = {name for (name,) in line.execute("SELECT path FROM film")}
    lost = [path.name for path in folders.recordings.iterdir() if path.name not in written]
    assert lost, "the control must lose files, else these kills prove nothing"
    print(f"the control lost {len(lost)} files")


def _home(path: Path) -> tuple[Folders, str]:
    folders = Folders(path)
    folders.make()
    (path / "depot").mkdir()
    url = f"sqlite:///{path / 'pasvu.db'}"
    migrations.upgrade(url, path)
    return folders, url


def _kill_again_and_again(
    dropping: Dropping, live: Callable[[], None], look_back: Callable[[], bool] = lambda: True
) -> int:
    """How many of the kills struck, as `look_back` sees it; lives grow on a slow machine until some do."""
    longest_s, struck, missed = 0.05, 0, 0
    for _ in range(KILLS):
        if len(dropping.lying()) < MOST_LYING:
            dropping.some()
        ready, begun = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(begun, b".")
                live()
            finally:
                os._exit(1)
        os.read(ready, 1)
        os.close(ready)
        os.close(begun)
        time.sleep(dropping.random.uniform(0, longest_s))
        os.kill(child, signal.SIGKILL)
        _, how = os.waitpid(child, 0)
        assert os.WTERMSIG(how) == signal.SIGKILL, "it ended by itself"
        hit = look_back()
        struck, missed = struck + hit, 0 if hit else missed + 1
        if missed >= 10:
            longest_s, missed = min(2.0, longest_s * 1.5), 0
    return struck


def _lying(depot: Path) -> list[Path]:
    return [path for path in depot.iterdir() if not path.name.startswith(".")]
