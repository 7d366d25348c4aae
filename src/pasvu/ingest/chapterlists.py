"""Reads chapters as people and tools write them: lists of times, ffmetadata, OGM, ffprobe's answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from pasvu.channel.values import Chapter

MOST = 500
TITLE_LONGEST = 200
LIST_LEAST = 3
"""Fewer times in a description are remarks (« à 12:30, la question »), no list; YouTube asks for three too."""
_LINE = re.compile(
    r"\s*[-*•]?\s*[\[(]?(?P<at>(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?)[\])]?\s*(?:[-–—:|]\s*)?(?P<title>\S.*)"
)
_OGM = re.compile(r"^CHAPTER(?P<number>\d+)(?P<name>NAME)?=(?P<value>.*)$", re.MULTILINE)
_FFMETADATA = ";FFMETADATA"
_STARTS = ("start_s", "start", "start_time", "time", "at", "debut", "début", "temps")
_TITLES = ("title", "titre", "name", "nom")


def from_text(text: str) -> list[Chapter]:
    """The chapters of a file that holds nothing else; none when it is in no form that we know."""
    if text.lstrip().startswith(_FFMETADATA):
        return _ordered(_from_ffmetadata(text))
    found = {(each["number"], bool(each["name"])): each["value"] for each in _OGM.finditer(text)}
    if found:
        numbers = sorted({number for number, _ in found})
        return _ordered((_seconds(found.get((number, False))), found.get((number, True), "")) for number in numbers)
    return _ordered(_from_lines(text))


def in_description(text: str) -> list[Chapter]:
    """The list of chapters inside a description, by YouTube's rule: three times at least, the first at zero, rising."""
    starts = [(at_s, title) for at_s, title in _from_lines(text) if at_s is not None]
    rising = all(one[0] < next_[0] for one, next_ in pairwise(starts))
    return _ordered(starts) if len(starts) >= LIST_LEAST and starts[0][0] == 0 and rising else []


def from_value(value: object) -> list[Chapter]:
    """The chapters of a JSON or TOML field: a text, a list of texts, pairs or tables, or times with their titles."""
    if isinstance(value, str):
        return from_text(value)
    if isinstance(value, Mapping):
        return _ordered((_seconds(at), str(title)) for at, title in value.items())
    found: list[tuple[float | None, str]] = []
    for each in value if isinstance(value, list) else ():
        if isinstance(each, Mapping):
            at = next((each[name] for name in _STARTS if name in each), None)
            found.append((_seconds(at), str(next((each[name] for name in _TITLES if name in each), ""))))
        elif isinstance(each, list) and len(each) == 2:
            found.append((_seconds(each[0]), str(each[1])))
        elif isinstance(each, str):
            found += _from_lines(each)
    return _ordered(found)


def from_probe(answer: Mapping[str, Any]) -> list[Chapter]:
    """The chapters that a film's container holds, as `ffprobe -show_chapters` says them."""
    said = answer.get("chapters") or ()
    found = [(_seconds(each.get("start_time")), str(each.get("tags", {}).get("title", ""))) for each in said]
    # Recorders number their files' pieces by themselves; a list without any name tells nobody anything.
    return _ordered(found) if len(found) > 1 and any(title.strip() for _, title in found) else []


def _from_lines(text: str) -> list[tuple[float | None, str]]:
    read = (_LINE.fullmatch(line) for line in text.splitlines())
    return [(_seconds(each["at"]), each["title"]) for each in read if each is not None]


def _from_ffmetadata(text: str) -> list[tuple[float | None, str]]:
    """https://ffmpeg.org/ffmpeg-formats.html#Metadata-2"""
    found: list[tuple[float | None, str]] = []
    for block in re.split(r"^\[", text, flags=re.MULTILINE)[1:]:
        kind, _, body = block.partition("]")
        if kind.strip().upper() != "CHAPTER":
            continue
        said = dict(re.findall(r"^(\w+)=(.*)$", body, re.MULTILINE))
        over, _, under = said.get("TIMEBASE", "1/1000000000").partition("/")
        start = said.get("START", "")
        if start.isdigit() and over.isdigit() and under.isdigit() and int(under):
            title = re.sub(r"\\(.)", r"\1", said.get("title", ""))
            found.append((int(start) * int(over) / int(under), title))
    return found


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    parts = str(value).strip().replace(",", ".").split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    if len(numbers) > 3 or any(not 0 <= number < 1e6 for number in numbers):
        return None
    total = 0.0
    for number in numbers:
        total = total * 60 + number
    return total


def _ordered(found: Iterable[tuple[float | None, str]]) -> list[Chapter]:
    by_start: dict[float, str] = {}
    for at_s, title in found:
        words = " ".join("".join(letter for letter in title if letter.isprintable()).split())[:TITLE_LONGEST]
        if at_s is not None:
            by_start.setdefault(round(at_s, 3), words)
    numbered = enumerate(sorted(by_start.items())[:MOST], 1)
    return [Chapter(at_s, title or f"Partie {number}") for number, (at_s, title) in numbered]
