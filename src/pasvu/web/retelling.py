"""Says again, in the reader's language, a sentence that the record keeps filled and in French. Pure.

What the machine decided is kept as the words that people read: old rows stay as they are. The catalogue knows the
patterns they were made from (« {name} » est vide…): the one that fits gives back what it was filled with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LITERAL_LEAST = 10
"""Letters that a pattern must have of its own: with fewer it would fit what was never made from it."""
_GAP = re.compile(r"\{(\w+)(?:[:!][^{}]*)?\}")
_SENTENCES = re.compile(r"(?<=[.!?…]) (?=[A-ZÀ-Ý«\d])")
_FINE = str.maketrans({"\u202f": " ", "\u00a0": " "})


@dataclass(frozen=True)
class Pattern:
    """A sentence with gaps, and the same in the reader's language."""

    shape: re.Pattern[str]
    meant: str
    literal: int


def patterns(known: Mapping[str, str]) -> list[Pattern]:
    """The patterns among the translated sentences, those that say most by themselves first."""
    found = [_pattern(said, meant) for said, meant in known.items() if _GAP.search(said)]
    return sorted((each for each in found if each.literal >= LITERAL_LEAST), key=lambda each: -each.literal)


def retold(text: str, known: Mapping[str, str], shapes: Iterable[Pattern]) -> str:
    """The text in the reader's language, sentence by sentence; what nothing fits stays in French.

    `known` are whole sentences by their French, with plain spaces; `shapes` come from `patterns`.
    """
    shapes = list(shapes)
    pieces = _SENTENCES.split(plain(text))
    said: list[str] = []
    while pieces:
        heads = [" ".join(pieces[:count]) for count in range(1, len(pieces) + 1)]
        # A whole text that is known first, the longest; then as few sentences as a pattern fits: the gaps of one could
        # swallow those that follow.
        whole = [head for head in reversed(heads) if head in known]
        found = ((head, _one(head, known, shapes)) for head in [*whole[:1], *heads])
        head, meant = next(((head, meant) for head, meant in found if meant is not None), (heads[0], heads[0]))
        said.append(meant)
        del pieces[: heads.index(head) + 1]
    return " ".join(said)


def plain(text: str) -> str:
    """With the spaces that sentences have in the source."""
    return text.translate(_FINE)


def _one(text: str, known: Mapping[str, str], shapes: Iterable[Pattern]) -> str | None:
    if text in known:
        return known[text]
    for each in shapes:
        fits = each.shape.fullmatch(text)
        if fits is not None:
            # A reason inside a sentence was made from a pattern too.
            filled = {name: _one(value, known, shapes) or value for name, value in fits.groupdict().items()}
            return _GAP.sub(lambda gap: filled[gap[1]], each.meant)  # noqa: B023 - used at once
    return None


def _pattern(said: str, meant: str) -> Pattern:
    seen: set[str] = set()
    shape, literal, at = "", 0, 0
    for gap in _GAP.finditer(said):
        words, name = said[at : gap.start()], gap[1]
        shape += re.escape(words) + (f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
        seen.add(name)
        literal, at = literal + len(words), gap.end()
    return Pattern(re.compile(shape + re.escape(said[at:]), re.DOTALL), meant, literal + len(said[at:]))
