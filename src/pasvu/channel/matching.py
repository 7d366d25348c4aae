"""How likely a recording is the episode that was expected: by programme, date, title and guests. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import prod

from pasvu.channel.names import fold
from pasvu.channel.typography import marked

# A date alone is enough, as is a title; two neighbours of nearly the same likeness are left to a person.
ENOUGH = 0.6
APART = 0.15
# Recorded in the week before it airs, as most are.
AHEAD_DAYS = 7
_EMPTY = frozenset({
    "a", "au", "aux", "avec", "d", "dans", "de", "des", "du", "en", "episode", "emission", "est", "et", "l", "la", "le",
    "les", "par", "pour", "sur", "un", "une",
})  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What is known of a recording, or of an expected episode. `programme` is an id."""

    title: str
    programme: str | None = None
    day: date | None = None
    guests: tuple[str, ...] = ()


@dataclass(frozen=True)
class Likeness:
    """How much two are alike, 0 to 1, and what speaks for it, in French."""

    confidence: float
    reasons: tuple[str, ...]

    @property
    def why(self) -> str:
        """What speaks for it, in one line."""
        return ", ".join(self.reasons)


def likeness(received: Known, expected: Known) -> Likeness:
    """How likely this recording is that episode; each sign takes away a part of the doubt that is left."""
    if received.programme and expected.programme and received.programme != expected.programme:
        return Likeness(0.0, (marked("une autre émission"),))
    signs = [*_programme(received, expected), *_date(received, expected), *_words(received, expected)]
    doubt = prod(1.0 - weight for weight, _ in signs)
    return Likeness(round(1.0 - doubt, 2), tuple(reason for _, reason in signs))


def best(received: Known, expected: Sequence[Known]) -> tuple[int, Likeness] | None:
    """The place of the one that it surely is, and how sure; `None` when none is, or when two could be."""
    found = sorted(
        ((likeness(received, each), place) for place, each in enumerate(expected)), key=lambda each: -each[0].confidence
    )
    if not found or found[0][0].confidence < ENOUGH:
        return None
    if len(found) > 1 and found[0][0].confidence - found[1][0].confidence < APART:
        return None
    like, place = found[0]
    return place, like


def candidates(received: Known, expected: Sequence[Known]) -> list[int]:
    """Places of all that it could be, most likely first."""
    found = [(likeness(received, each).confidence, place) for place, each in enumerate(expected)]
    return [place for confidence, place in sorted(found, key=lambda each: -each[0]) if confidence >= ENOUGH]


def _programme(received: Known, expected: Known) -> list[tuple[float, str]]:
    same = received.programme is not None and received.programme == expected.programme
    return [(0.35, marked("même émission"))] if same else []


def _date(received: Known, expected: Known) -> list[tuple[float, str]]:
    if received.day is None or expected.day is None:
        return []
    ahead = (expected.day - received.day).days
    if ahead == 0:
        return [(0.6, marked("même date"))]
    if abs(ahead) == 1:
        return [(0.35, marked("à un jour près"))]
    return [(0.15, marked("enregistré dans la semaine d’avant"))] if 0 < ahead <= AHEAD_DAYS else []


def _words(received: Known, expected: Known) -> list[tuple[float, str]]:
    mine, wanted = _meaningful(received.title), _meaningful(expected.title)
    signs = []
    shared = len(mine & wanted) / len(mine | wanted) if mine and wanted else 0.0
    if shared >= 0.25:
        signs.append((0.7 * shared, marked("même titre") if shared > 0.9 else marked("titre proche")))
    spoken = [fold(each) for each in (*received.guests, received.title)]
    there = [name for name in expected.guests if any(fold(name) in text for text in spoken)]
    if there:
        signs.append((0.65, marked(f"nom en commun : {there[0]}")))
    return signs


def _meaningful(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W_]+", fold(text)) if word not in _EMPTY}
