"""Reading SRT and WebVTT, whatever their encoding, line ends and small faults. Pure.

Formats: WebVTT is W3C's (https://www.w3.org/TR/webvtt1/); SRT has no norm, what SubRip writes is taken as one.
Colours, positions, styles, voices and karaoke times are left out: no platform keeps them from both formats.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from pasvu.channel.captions.cues import Cue
from pasvu.channel.errors import Refused

# A caption a little before the one above it is sorted; further back, the file is made of pieces with their own times.
SMALL_DISORDER_S = 10.0
LINES_NAMED = 5
SHOWN_LONGEST = 60

_STAMP = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:\s?[,.]\s?(\d{1,3}))?"
# After the second time WebVTT has settings, old SRT coordinates.
_TIMING = re.compile(rf"\s*{_STAMP}\s*-->\s*{_STAMP}(?:\s.*)?")
_COUNTER = re.compile(r"\s*\d+\s*")
_BARRED = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# « < » is no part of a tag: a line of a million of them must not be read a million times.
_TAG = re.compile(r"<(/?)([^<>]*)>")
_SRT_TAG = re.compile(r"</?font(?:\s[^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE)
_MARKS = frozenset({"i", "b", "u"})

Lines = list[str]


def read(data: bytes) -> list[Cue]:
    """Captions by their start, from the bytes of an SRT or WebVTT file; which of the two is told by its content.

    Raises:
        Refused: not captions, or lines at fault; the sentence names them.
    """
    lines = re.split(r"\r\n|\r|\n", _decode(data))
    is_vtt = lines[0].lstrip("\ufeff").startswith("WEBVTT")
    cues = list(_cues(lines, is_vtt))
    if not cues:
        raise Refused("Ce fichier n’a aucun sous-titre : il faut du SRT ou du WebVTT.")
    torn = [below.line for above, below in pairwise(cues) if above.start_s - below.start_s > SMALL_DISORDER_S]
    if torn:
        raise Refused(
            "Ligne {lines} : ce sous-titre commence bien avant celui du dessus. Le fichier semble fait de plusieurs "
            "morceaux : remettez leurs temps à la suite.",
            lines=_named(torn),
        )
    return sorted(cues, key=lambda cue: (cue.start_s, cue.end_s))


def _decode(data: bytes) -> str:
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    # What is not UTF-8 comes from a Windows of Western Europe, where SRT was born.
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused("Ce fichier n’est pas du texte lisible : enregistrez les sous-titres en UTF-8.")


def _cues(lines: Lines, is_vtt: bool) -> Iterator[Cue]:
    timings = list(_timings(lines, is_vtt))
    backwards = [number + 1 for number, start_s, end_s in timings if end_s <= start_s]
    if backwards:
        raise Refused("Ligne {lines} : la fin du sous-titre n’est pas après son début.", lines=_named(backwards))
    for place, (number, start_s, end_s) in enumerate(timings):
        end = timings[place + 1][0] if place + 1 < len(timings) else len(lines)
        body = lines[number + 1 : end]
        text = _vtt_text(body) if is_vtt else _srt_text(body, last=end == len(lines))
        # A time without words is a common leftover; nothing is lost with it.
        if text:
            yield Cue(start_s, end_s, text, number + 1)


def _timings(lines: Lines, is_vtt: bool) -> Iterator[tuple[int, float, float]]:
    """Index, start and end of every line that is a time."""
    wrong = []
    in_note = False
    for number, line in enumerate(lines):
        begins = number == 0 or not lines[number - 1].strip()
        in_note = is_vtt and bool(line.strip()) and (in_note or (begins and line.startswith("NOTE")))
        if "-->" not in line or in_note:
            continue
        found = _TIMING.fullmatch(line)
        start_s, end_s = _seconds(found, 1), _seconds(found, 5)
        if start_s is not None and end_s is not None:
            yield number, start_s, end_s
        elif is_vtt or line.strip()[:1].isdigit():
            wrong.append(number)
    if wrong:
        raise Refused(
            "Ligne {lines} : « {shown} » n’est pas un repère de temps ; écrivez 00:01:02,500 --> 00:01:04,000.",
            lines=_named([number + 1 for number in wrong]),
            shown=lines[wrong[0]].strip()[:SHOWN_LONGEST],
        )


def _seconds(found: re.Match[str] | None, group: int) -> float | None:
    if found is None:
        return None
    hours, minutes, seconds, fraction = found.group(group, group + 1, group + 2, group + 3)
    if int(minutes) >= 60 or int(seconds) >= 60:
        return None
    # `,5` is half a second, as anyone who types it means.
    thousandths = int((fraction or "0").ljust(3, "0"))
    return (((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + thousandths) / 1000


def _vtt_text(body: Lines) -> str:
    # A blank line ends a cue; what follows is a comment, a style or the name of the next one.
    end = next((place for place, line in enumerate(body) if not line.strip()), len(body))
    return _text(body[:end], lambda line: html.unescape(_TAG.sub(_plain_mark, line)))


def _srt_text(body: Lines, *, last: bool) -> str:
    # The number of the next caption stands right above its time, even where the blank line is forgotten.
    if not last and body and _COUNTER.fullmatch(body[-1]):
        body = body[:-1]
    return _text(body, lambda line: _TAG.sub(_lower_mark, _SRT_TAG.sub("", line)))


def _text(body: Lines, clean: Callable[[str], str]) -> str:
    # An arrow drawn with dashes would be read as a time by whoever reads what we write.
    kept = (_BARRED.sub("", clean(line)).replace("-->", "→").strip() for line in body)
    return "\n".join(line for line in kept if line)


def _plain_mark(found: re.Match[str]) -> str:
    name = re.split(r"[.\s]", found[2], maxsplit=1)[0].lower()
    return f"<{found[1]}{name}>" if name in _MARKS else ""


def _lower_mark(found: re.Match[str]) -> str:
    name = found[2].strip().lower()
    return f"<{found[1]}{name}>" if name in _MARKS else found[0]


def _named(lines: list[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:LINES_NAMED])
    return f"{shown}…" if len(lines) > LINES_NAMED else shown
