"""The product as real processes in a home of its own: started, watched, killed, and read from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import Request, urlopen

from sqlalchemy import select

from pasvu.channel.database import Record
from pasvu.channel.models import Episode, JobProgress, JournalEntry
from pasvu.channel.states import EpisodeState
from pasvu.publish import sandbox

Found = TypeVar("Found")

QUICK = {"settle_s": "0.5", "poll_s": "0.5", "publish_margin_s": "5", "free_disk_gib": "0"}
PATIENCE_S = float(os.environ.get("PASVU_PATIENCE_S", "120"))
PASVU = (sys.executable, "-m", "pasvu")
# Workers that fall silent are given up after seconds instead of a minute; everything else is the command line.
HASTY = (
    sys.executable,
    "-c",
    "from pasvu.channel.keeper import Keeper; Keeper.EVERY_S, Keeper.DEAD_S = 0.3, 2.0; "
    "from pasvu.door.cli import main; main()",
)


class Running:
    """One process of the product, with what it says in a file."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process, self._log = process, log

    @property
    def said(self) -> str:
        return self._log.read_text(errors="replace")

    def ready(self) -> Running:
        """Wait until it works."""
        until(lambda: "Ensuite" in self.said or self.process.poll() is not None, "ready")
        assert self.process.poll() is None, self.said
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)


class Home:
    """One home, the processes that live in it, and the record as they leave it."""

    def __init__(self, path: Path, **settings: str) -> None:
        self.path = path
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("PASVU_")}
        self.environ |= {"PASVU_HOME": str(path), "PYTHONFAULTHANDLER": "1"}
        self.environ |= {f"PASVU_{name.upper()}": value for name, value in {**QUICK, **settings}.items()}
        self.through: list[str] = []
        """Words put before each command, to enter where the product lives."""
        self._started = 0

    @property
    def depot(self) -> Path:
        return self.path / "depot"

    @cached_property
    def record(self) -> Record:
        return Record(f"sqlite:///{self.path / 'pasvu.db'}", pool_size=2)

    def call(self, *words: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        done = subprocess.run(
            [*self.through, *PASVU, *words],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    def ask(self, *words: str | Path, code: int = 0) -> Any:
        """Run one command with `--json`; its document."""
        return json.loads(self.call(*words, "--json", code=code).stdout)

    @contextmanager
    def running(
        self, *words: str, program: Sequence[str] = PASVU, before: Sequence[str] = (), **settings: str
    ) -> Iterator[Running]:
        """A process of the product; killed at the end if it still lives."""
        self._started += 1
        log = self.path.with_name(f"{self.path.name}-{self._started}.log")
        with log.open("wb") as said:
            process = subprocess.Popen(
                [*before, *program, *(words or ("run", "--no-web"))],
                env=self.environ | {f"PASVU_{name.upper()}": value for name, value in settings.items()},
                stdout=said,
                stderr=said,
            )
        try:
            yield Running(process, log)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def drop(self, content: bytes, name: str | bytes, folder: str = "") -> bytes:
        """Put a file in the depot by a rename, as a finished copy does; its path."""
        target = self.depot / folder
        target.mkdir(parents=True, exist_ok=True)
        aside = target / ".copy"
        aside.write_bytes(content)
        path = os.path.join(os.fsencode(target), os.fsencode(name))  # noqa: PTH118
        os.rename(aside, path)  # noqa: PTH104
        return path

    def episodes(self) -> list[Episode]:
        """Every episode, oldest first, with what belongs to it."""
        with self.record.read() as session:
            found = list(session.scalars(select(Episode).order_by(Episode.created_at, Episode.id)))
            for episode in found:
                _ = episode.recording.parts, episode.renditions, episode.publications, episode.thumbnails
                _ = episode.programme
            return found

    def received(self, name: str | bytes) -> Episode | None:
        """The newest episode made of a file of this name."""
        wanted = os.fsencode(name)
        return next((each for each in reversed(self.episodes()) if each.recording.parts[0].name == wanted), None)

    def settled(self) -> bool:
        """Whether every episode is ready to review, or stopped for a person."""
        under_way = (EpisodeState.RECEIVED, EpisodeState.PROCESSING)
        return all(episode.state not in under_way or episode.job_state for episode in self.episodes())

    def steps(self) -> dict[str, str]:
        """The step that each running job is at."""
        with self.record.read() as session:
            return {row.job_id: row.step for row in session.scalars(select(JobProgress))}

    def journal(self, episode_id: str) -> list[tuple[str, str | None]]:
        """What happened to an episode: each action, with the state it led to if any."""
        with self.record.read() as session:
            entries = session.scalars(
                select(JournalEntry).where(JournalEntry.episode_id == episode_id).order_by(JournalEntry.id)
            )
            return [(entry.action, (entry.after or {}).get("state")) for entry in entries]

    def tools(self) -> list[int]:
        """Media tools at work on this home."""
        mine = os.fsencode(self.path)
        found = []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue  # it ended meanwhile
            if b"ffmpeg" in os.path.basename(words[0]) and any(mine in word for word in words):  # noqa: PTH119
                found.append(int(folder.name))
        return found

    @property
    def sandbox(self) -> str:
        """Address of the stand-in, while a process serves it."""
        address = sandbox.running(self.path / "sandbox")
        assert address is not None
        return address

    def held(self, path: str) -> Any:
        """What the stand-in really holds."""
        with urlopen(f"{self.sandbox}/sandbox/{path}", timeout=10) as answer:
            return json.load(answer)

    def order_trouble(self, *faults: dict[str, Any]) -> None:
        """Plan faults of the stand-in."""
        body = json.dumps(list(faults)).encode()
        request = Request(f"{self.sandbox}/sandbox/faults", body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=10):
            pass


def until(there: Callable[[], Found], what: str, within_s: float = PATIENCE_S) -> Found:
    """Look again and again until there is something; what was found."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        found = there()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {within_s:.0f} s: {what}")
