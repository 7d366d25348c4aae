"""A caption's lines and their times, and how a cut moves them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pasvu.channel.errors import Refused
from pasvu.channel.timeline import Timeline

# RFC 5646 as far as platforms ask for it: language, script, region.
_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?", re.IGNORECASE)


@dataclass(frozen=True)
class Cue:
    """Text shown from `start_s` to `end_s`, to the millisecond; `<i>`, `<b>` and `<u>` in it are marks, as in SRT.

    Lines are parted by one `\\n`; none is blank, none begins or ends with a space, none holds `-->`.
    """

    start_s: float
    end_s: float
    text: str
    line: int = field(default=0, compare=False)
    """The line of its time in the file it was read from, counted from 1; for sentences."""


def in_cut(cues: Sequence[Cue], cut: Timeline) -> list[Cue]:
    """Captions moved from the recording's time to the episode's: those cut out go, those across a cut are shortened.

    `cut` is what the file really holds, not what was wished: a copied picture may start at the keyframe before.
    """
    moved = []
    for cue in cues:
        start_s, end_s = round(cut.at(cue.start_s), 3), round(cut.at(cue.end_s), 3)
        if start_s < end_s:
            moved.append(Cue(start_s, end_s, cue.text, cue.line))
    return moved


def language_tag(text: str) -> str:
    """A language as platforms spell it: `fr`, `pt-BR`, `zh-Hans`. It becomes part of a file's name.

    Raises:
        Refused: not a language.
    """
    found = _TAG.fullmatch(text.strip())
    if found is None:
        raise Refused("« {language} » n’est pas une langue : écrivez fr, en ou pt-BR.", language=text)
    language, script, region = found.groups()
    parts = (language.lower(), script.title() if script else None, region.upper() if region else None)
    return "-".join(part for part in parts if part)
