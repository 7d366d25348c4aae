"""The panel's own files, with the fingerprint that lets browsers keep them for ever."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from flask import Flask, url_for

ROOT = Path(__file__).parent
STATIC = ROOT / "static"


def install(app: Flask) -> None:
    """Give the templates `asset`."""
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """The address of a file of ours, bearing its fingerprint."""
    return url_for("static", filename=name, v=_fingerprint(name))


def ready() -> bool:
    """Whether set-up has laid the browser's libraries down."""
    return (STATIC / "vendor/manifest.json").exists()


@lru_cache(maxsize=256)
def _fingerprint(name: str) -> str:
    if name.startswith("vendor/"):
        manifest = STATIC / "vendor/manifest.json"
        known: dict[str, str] = json.loads(manifest.read_text()) if manifest.exists() else {}
        return known.get(name.removeprefix("vendor/"), "0")
    path = STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else "0"
