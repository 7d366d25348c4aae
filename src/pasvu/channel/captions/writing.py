"""Writing SRT and WebVTT. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from pasvu.channel.captions.cues import Cue

_MARK = re.compile(r"&lt;(/?[ibu])&gt;")


def srt(cues: Sequence[Cue]) -> str:
    """SubRip, UTF-8 to be, with Unix line ends."""
    blocks = (
        f"{number}\n{_stamp(cue.start_s, ',')} --> {_stamp(cue.end_s, ',')}\n{cue.text}\n"
        for number, cue in enumerate(cues, 1)
    )
    return "\n".join(blocks)


def vtt(cues: Sequence[Cue]) -> str:
    """WebVTT."""
    blocks = (f"{_stamp(cue.start_s, '.')} --> {_stamp(cue.end_s, '.')}\n{_escaped(cue.text)}\n" for cue in cues)
    return "\n".join(["WEBVTT\n", *blocks])


def _escaped(text: str) -> str:
    return _MARK.sub(r"<\1>", html.escape(text, quote=False))


def _stamp(seconds: float, point: str) -> str:
    thousandths = round(seconds * 1000)
    whole, rest = divmod(thousandths, 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{rest:03}"
