"""Finds in the captions where another subject begins, and what to call it: its first words. Pure; a person decides.

Captions know what silence does not: where a sentence begins, who takes the floor, and the turns of phrase that close
one subject and open the next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pasvu.channel.captions import Cue
from pasvu.channel.values import Chapter, Trim
from pasvu.channel.wording import CHAPTER_LEAST_S, CHAPTERS_LEAST

NEAR_S = 4.0
"""How far from the end of a pause its first sentence may begin: captions come a little early or late."""
APART_S = 60.0
"""Between chapters that captions alone open: a presenter announces more than he opens."""
_TURN_S = 2.0
"""A pause before somebody else speaks: the floor is given, not taken."""
_TITLE_WORDS, _TITLE_LONGEST = 9, 60

_MARKUP = re.compile(r"<[^>]*>|\{\\[^}]*\}")
_NOISE = re.compile(r"[\[(♪][^\])♪]*[\])♪]|[♪♫]")
_NAME = r"[A-ZÀ-Ý][\w’'.-]*"
_SPEAKER = re.compile(
    rf"\s*(?:>>+\s*(?:[^:\n]{{1,30}}:)?|[-–—]\s|\[[^\]]{{1,40}}\]\s*:?|{_NAME}(?: {_NAME}){{0,3}}\s?:)"
)
_SOUNDS = re.compile(r"musi|applau|rire|laugh|générique|silence|bruit|jingle|inaudible|chant", re.IGNORECASE)
_TO = r"(?:maintenant |à présent )?(?:à|au|aux)\b"
_RANK = r"(?:première?|deuxième|seconde?|troisième|quatrième|dernière?)"
_TURNS = re.compile(
    r"(?:(?:alors|bien|bon|et|donc|voilà|maintenant|so|now|well|okay|ok)\W+){0,3}(?:"
    rf"passons {_TO}|on (?:passe|va passer) {_TO}|revenons {_TO}|revenons sur\b|venons-en\b|"
    r"parlons (?:maintenant |à présent )?d|on va parler d|(?:un )?autre (?:sujet|thème|question)\b|"
    rf"(?:la )?question suivante\b|(?:la |le )?{_RANK} (?:question|partie|sujet|point)\b|"
    r"pour (?:finir|terminer|conclure|commencer)\b|en conclusion\b|"
    r"let[’']s (?:move on|talk about|turn to)\b|moving on\b|(?:the )?next (?:question|topic|subject)\b|"
    r"to (?:conclude|finish)\b)",
    re.IGNORECASE,
)
_OPENERS = re.compile(
    r"^(?:(?:alors|bon|bien|euh|ben|donc|et|mais|voilà|ok|okay|so|well|um|uh)\b[\s,…]*)+", re.IGNORECASE
)


def chapters(cues: Sequence[Cue], pauses_s: Sequence[float], cut: Trim) -> list[Chapter]:
    """Where subjects begin inside the cut, in seconds of the recording; none when fewer than three.

    `pauses_s` are the ends of the long pauses that were heard: each is moved to the sentence that begins there.
    """
    spoken = [cue for cue in cues if _words(cue) and cut.start_s <= cue.start_s < cut.end_s]
    opened: dict[float, str] = {}
    for at_s in pauses_s:
        first = min(spoken, key=lambda cue: abs(cue.start_s - at_s), default=None)
        if first is not None and abs(first.start_s - at_s) <= NEAR_S:
            opened[first.start_s] = title(first, spoken)
        else:
            opened[at_s] = ""
    for before, cue in pairwise(spoken):
        if _opens(before, cue) and all(abs(cue.start_s - at_s) >= APART_S for at_s in opened):
            opened[cue.start_s] = title(cue, spoken)
    starts = [cut.start_s]
    for at_s in sorted(opened):
        if at_s - starts[-1] >= CHAPTER_LEAST_S and cut.end_s - at_s >= CHAPTER_LEAST_S:
            starts.append(at_s)
    if len(starts) < CHAPTERS_LEAST:
        return []
    opening = title(spoken[0], spoken) if spoken and spoken[0].start_s - cut.start_s < CHAPTER_LEAST_S else ""
    named = [opening, *(opened[at_s] for at_s in starts[1:])]
    return [
        Chapter(round(at_s, 3), said or f"Partie {number}")
        for number, (at_s, said) in enumerate(zip(starts, named, strict=True), 1)
    ]


def title(cue: Cue, spoken: Sequence[Cue]) -> str:
    """The first words of the sentence that begins here, without who says it and what opens any sentence."""
    heard = ""
    for each in spoken[spoken.index(cue) :]:
        heard = f"{heard} {_words(each)}".strip()
        if re.search(r"[.?!…]", heard) or len(heard) > _TITLE_LONGEST:
            break
    heard = _OPENERS.sub("", heard) or heard
    sentence = re.split(r"(?<=[?!])|[.…](?=\s|$)", heard, maxsplit=1)[0].strip(" ,;:-–—")
    words = sentence.split()
    kept = words[:_TITLE_WORDS]
    while len(" ".join(kept)) > _TITLE_LONGEST:
        kept.pop()
    short = " ".join(kept).rstrip(" ,;:")
    return short[:1].upper() + short[1:] + ("…" if len(kept) < len(words) else "") if short else ""


def _opens(before: Cue, cue: Cue) -> bool:
    if _TURNS.match(_words(cue)):
        return True
    return cue.start_s - before.end_s >= _TURN_S and _speaker(cue) is not None


def _speaker(cue: Cue) -> str | None:
    """The mark of somebody who begins to speak: `>>`, a dash, a name in brackets or before a colon."""
    found = _SPEAKER.match(_MARKUP.sub("", cue.text))
    if found is None or _SOUNDS.search(found[0]):
        return None
    return found[0].strip()


def _words(cue: Cue) -> str:
    """What is said, on one line; empty for music and applause."""
    text = " ".join(_MARKUP.sub("", cue.text).split())
    if _speaker(cue) is not None:
        text = _SPEAKER.sub("", text, count=1)
    return _NOISE.sub("", text).strip()
