"""The product as its users meet it: the command line, in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pasvu.channel.errors import PasVuError

# The product itself starts media tools through `ingest.process`; here it is the product that is started.
PASVU = (sys.executable, "-m", "pasvu")


class Command:
    """`pasvu` in one home, with the settings of a demonstration."""

    def __init__(self, home: Path, settings: Mapping[str, str]) -> None:
        self._env = {**os.environ, "PASVU_HOME": str(home)}
        self._env |= {f"PASVU_{name.upper()}": value for name, value in settings.items()}

    def call(self, *words: str) -> str:
        """Run a command to its end; what it printed.

        Raises:
            PasVuError: it refused or failed, in its own words.
        """
        done = subprocess.run([*PASVU, *words], env=self._env, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
            raise PasVuError(f"`pasvu {' '.join(words)}` : {last[0]}")
        return done.stdout

    def ask(self, *words: str) -> Any:
        """Run a command with `--json`; its document."""
        return json.loads(self.call(*words, "--json"))

    def start(self) -> Running:
        """Start the whole product."""
        return Running(subprocess.Popen([*PASVU, "run"], env=self._env, stdout=subprocess.PIPE, text=True))


class Running:
    """A product that runs; what it says is read as it comes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._said: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def until_it_says(self, word: str, within_s: float = 60.0) -> str:
        """Wait for a line with this word; the line.

        Raises:
            PasVuError: it ended, or never said it.
        """
        until = time.monotonic() + within_s
        while time.monotonic() < until and self._process.poll() is None:
            for line in list(self._said):
                if word in line:
                    return line
            time.sleep(0.05)
        raise PasVuError(f"pasvu run never said « {word} »: {' / '.join(self._said[-3:])}")

    def stop(self) -> None:
        """Ask it to stop, and wait."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.append(line.rstrip())
