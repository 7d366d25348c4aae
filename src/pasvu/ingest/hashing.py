"""The fingerprint of a file's bytes, by which two copies are told to be one film."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pasvu.channel.errors import Cancelled
from pasvu.ingest.process import ShouldStop

BLOCK = 4 * 1024 * 1024


def sha256(path: Path, stop: ShouldStop, report: object = None) -> str:
    """Hash of a file, read in blocks; stops when told to."""
    digest, done, size = hashlib.sha256(), 0, max(1, path.stat().st_size)
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if stop():
                raise Cancelled("Préparation arrêtée.")
            digest.update(block)
            done += len(block)
            if callable(report):
                report(done / size)
    return digest.hexdigest()
