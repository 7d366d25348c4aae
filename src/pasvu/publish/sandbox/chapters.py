"""Finds the chapters in a description by the platform's rules; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_STAMP = re.compile(r"^\s*(?:(\d{1,2}):)?(\d{1,2}):(\d{2})\s*[-–—:.)]?\s*(\S.*)$")
_SHORTEST_S = 10


@dataclass(frozen=True)
class ShownChapter:
    """A titled start, in seconds, with the stamp as it was typed."""

    start_s: int
    title: str


def chapters(description: str, duration_s: float | None) -> list[ShownChapter]:
    """The chapters of a description, or none when it breaks a rule.

    Rules of the platform's help: the first stamp is 00:00, at least three, ascending, each at least 10 s long.
    """
    found: list[ShownChapter] = []
    for line in description.splitlines():
        match = _STAMP.match(line)
        if match:
            hours, minutes, seconds, title = match.groups()
            found.append(ShownChapter(int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds), title.strip()))
    starts = [chapter.start_s for chapter in found]
    ends = [*starts[1:], int(duration_s) if duration_s else (starts[-1] + _SHORTEST_S if starts else 0)]
    whole = len(found) >= 3 and starts[0] == 0
    return found if whole and all(b - a >= _SHORTEST_S for a, b in zip(starts, ends, strict=True)) else []
