"""Says again, in the reader's language, a sentence that the record keeps filled and in French. Pure.

What the machine decided is kept as the words that people read: old rows stay as they are. The catalogue knows the
patterns they were made from (« {name} » est vide…): the one that fits gives back what it was filled with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LITERAL_LEAST = 10
"""Letters that a pattern must have of its own: with fewer it would fit what was never made from it."""
SPAN_MOST = 8
"""Sentences that one translation may stand for: a pattern of three, with a reason of some more inside."""
_GAP = re.compile(r"\{(\w+)(?:[:!][^{}]*)?\}")
_SENTENCES = re.compile(r"(?<=[.!?…]) (?=[A-ZÀ-Ý«\d])")
_LISTS = (" ; ", ", ")
_AMOUNT = re.compile(r"(\d+)(?:,(\d+))?(?: (\S+))?")
"""`1,2 Go`, `61 %`, `9,3`: as French writes what was measured."""
_FINE = str.maketrans({"\u202f": " ", "\u00a0": " "})


@dataclass(frozen=True)
class Pattern:
    """A sentence with gaps, and the same in the reader's language."""

    shape: re.Pattern[str]
    meant: str
    literal: int
    head: str
    tail: str
    """What it begins and ends with: most texts are told from it by that alone."""

    def fits(self, text: str) -> re.Match[str] | None:
        """What the text fills the gaps with, when it was made from this."""
        if not text.startswith(self.head) or not text.endswith(self.tail):
            return None
        return self.shape.fullmatch(text)


def patterns(known: Mapping[str, str]) -> list[Pattern]:
    """The patterns among the translated sentences, those that say most by themselves first."""
    found = [_pattern(said, meant) for said, meant in known.items() if _GAP.search(said)]
    return sorted((each for each in found if each.literal >= LITERAL_LEAST), key=lambda each: -each.literal)


def retold(text: str, known: Mapping[str, str], shapes: Iterable[Pattern], point: str = ".") -> str:
    """The text in the reader's language, sentence by sentence; what nothing fits stays in French.

    `known` are whole sentences by their French, with plain spaces; `shapes` come from `patterns`. Of several ways to
    cut the text into sentences, the one that leaves fewest letters to gaps is right: a gap may hold anything.
    `point` parts the decimals of amounts.
    """
    return _Reading(known, list(shapes), point).text(plain(text))


class _Reading:
    """One text being read; what was understood of a part of it is kept, for gaps lie within gaps."""

    def __init__(self, known: Mapping[str, str], shapes: Sequence[Pattern], point: str) -> None:
        self._known, self._shapes, self._point = known, shapes, point
        self._understood: dict[str, tuple[int, str] | None] = {}

    def text(self, text: str) -> str:
        pieces = _SENTENCES.split(text)
        count = len(pieces)
        # From each sentence to the end: how many letters are understood, and what is said.
        best: list[tuple[int, list[str]]] = [(0, [])] * (count + 1)
        for start in reversed(range(count)):
            ways = []
            for end in range(min(count, start + SPAN_MOST), start, -1):
                found = self._part(" ".join(pieces[start:end]))
                if found is not None:
                    ways.append((found[0] + best[end][0], [found[1], *best[end][1]]))
            ways.append((best[start + 1][0], [pieces[start], *best[start + 1][1]]))
            best[start] = max(ways, key=lambda way: way[0])
        return " ".join(best[0][1])

    def _part(self, text: str) -> tuple[int, str] | None:
        """How many letters are understood, and what they say."""
        if text in self._known:
            return len(text), self._known[text]
        if text not in self._understood:
            self._understood[text] = self._by_pattern(text)
        return self._understood[text]

    def _by_pattern(self, text: str) -> tuple[int, str] | None:
        for each in self._shapes:
            fits = each.fits(text)
            if fits is not None:
                filled = {name: self._filling(value) for name, value in fits.groupdict().items()}
                return each.literal, _GAP.sub(lambda gap: filled[gap[1]], each.meant)  # noqa: B023 - used at once
        return None

    def _filling(self, value: str) -> str:
        """What stands in a gap: itself, or a reason that was made from a pattern too, or a list of them."""
        measured = self._amount(value)
        if measured:
            return measured
        for between in _LISTS:
            listed = [self._part(each) for each in value.split(between)]
            if len(listed) > 1 and None not in listed:
                return between.lstrip().join(found[1] for found in listed if found is not None)
        said = self.text(value)
        if said == value and value.endswith("."):
            # A sentence after a colon begins with a small letter.
            begun = value[0].upper() + value[1:]
            said = self.text(begun)
            return value if said == begun else said[0].lower() + said[1:]
        return said

    def _amount(self, value: str) -> str | None:
        """An amount as the reader writes it; `None` when it is none, or of a unit that has no translation."""
        found = _AMOUNT.fullmatch(value)
        if found is None:
            return None
        whole, decimals, unit = found.groups()
        figure = whole + (self._point + decimals if decimals else "")
        if unit is None or unit == "%":
            return figure + (unit or "")
        return f"{figure} {self._known[unit]}" if unit in self._known else None


def plain(text: str) -> str:
    """With the spaces that sentences have in the source."""
    return text.translate(_FINE)


def _pattern(said: str, meant: str) -> Pattern:
    seen: set[str] = set()
    shape, literal, at = "", 0, 0
    for gap in _GAP.finditer(said):
        words, name = said[at : gap.start()], gap[1]
        shape += re.escape(words) + (f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
        seen.add(name)
        literal, at = literal + len(words), gap.end()
    head, tail = said[: said.index("{")], said[at:]
    return Pattern(re.compile(shape + re.escape(tail), re.DOTALL), meant, literal + len(tail), head, tail)
