"""Measures on disk: a re-cut weeks later reads them instead of listening to the hour again."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pasvu.channel.values import Span
from pasvu.ingest import aside
from pasvu.ingest.facts import Measures, Sample
from pasvu.ingest.loudness import Levels, Sides

FORM = 2
_SPANS = ("silences", "speech", "dead", "waiting", "black", "still")


def write(measures: Measures, path: Path) -> None:
    """Write them whole or not at all."""
    document: dict[str, Any] = {"form": FORM, "duration_s": measures.duration_s, "cuts": list(measures.cuts)}
    document["keys_apart_s"] = measures.keys_apart_s
    document |= {name: [[span.start_s, span.end_s] for span in getattr(measures, name)] for name in _SPANS}
    document["samples"] = [asdict(sample) for sample in measures.samples]
    document["peaks"] = _text(measures.peaks)
    document["sides"] = asdict(measures.sides) if measures.sides is not None else None
    if measures.levels is not None:
        document["levels"] = levels_document(measures.levels)
    write_document(document, path)


def read(path: Path) -> Measures | None:
    """What was kept; `None` when nothing was, or in a form of another version."""
    try:
        document = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    if document.get("form") != FORM:
        return None
    levels = document.get("levels")
    return Measures(
        duration_s=document["duration_s"],
        sides=Sides(**document["sides"]) if document["sides"] else None,
        levels=levels_of(levels) if levels else None,
        cuts=tuple(document["cuts"]),
        keys_apart_s=document.get("keys_apart_s", Measures.keys_apart_s),
        samples=tuple(Sample(**sample) for sample in document["samples"]),
        peaks=_bytes(document["peaks"]),
        **{name: tuple(Span(*pair) for pair in document.get(name, ())) for name in _SPANS},
    )


def write_document(document: dict[str, Any], path: Path) -> None:
    """Write JSON whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    with part.open("w") as file:
        json.dump(document, file)
    aside.keep(part, path)


def levels_document(levels: Levels) -> list[str]:
    """Levels as JSON."""
    return [_text(levels.momentary), _text(levels.peaks)]


def levels_of(document: list[str]) -> Levels:
    """Levels from JSON."""
    return Levels(_bytes(document[0]), _bytes(document[1]))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
