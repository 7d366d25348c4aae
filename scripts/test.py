"""Run the whole test suite; the panel's part needs a Chromium, looked for and, as root on Debian, installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pasvu.ingest.jail import kernel

# Without windows that nobody sees, the first takes a third less work.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WITHOUT_JAIL = "The tests of the jail were left out: this kernel has no Landlock (Linux 5.13 or later, switched on)."
WITHOUT_BROWSER = (
    "The browser tests were left out: no Chromium here. Install one (apt install chromium-headless-shell, or chromium) "
    "or set CHROMIUM to its path, and run `make test` again."
)


def main() -> int:
    """Find a browser, run pytest, and say at the very end what was left out."""
    browser = find() or install()
    left_out = {"browser": WITHOUT_BROWSER} if not browser else {}
    if not kernel().closed:
        left_out["jail"] = WITHOUT_JAIL
    chosen = ["-m", " and ".join(f"not {marker}" for marker in left_out)] if left_out else []
    # The environment's own programs first: its Node.js is there only where the system's is too old.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    # Two at a time: most tests wait on something. A file stays on one worker, with the films it made; the longest
    # come first (tests/conftest.py), not those of most tests.
    spread = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    environment = {**os.environ, "PATH": path, **({"CHROMIUM": browser} if browser else {})}
    # The tests start the product some hundred times: without kept bytecode each start compiles it anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *spread, *chosen, *sys.argv[1:]],
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    for sentence in left_out.values():
        print(sentence, flush=True)
    return done.returncode


def find() -> str | None:
    """The Chromium that is here."""
    wanted = os.environ.get("CHROMIUM")
    return shutil.which(wanted) if wanted else next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> str | None:
    """Chromium from Debian's packages, where that is possible without asking anyone."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None or not _apt("update"):
        return None
    for package in NAMES[:2]:
        if _apt("install", "-y", "--no-install-recommends", package):
            break
    return find()


def _apt(*words: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        ["apt-get", *words], env=environment, check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=900
    )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
