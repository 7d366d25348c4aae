"""French typography of sentences written with plain spaces: thin no-break spaces and apostrophes. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

THIN = "\u202f"

_BEFORE = re.compile(r"(?<=\S) (?=[;:!?»]|%(?!\())")
_AFTER = re.compile("« ")
_UNITS = re.compile(r"(?<=\d) (?=h\b|s\b|min\b|LUFS\b|dBTP\b|[kMGT]o\b|Gio\b)")
_DOT = re.compile(r"(?<=\S) (?=· )")


@lru_cache(maxsize=4096)
def french(text: str) -> str:
    """`text` with thin no-break spaces where French wants them and typographic apostrophes."""
    set_text = _BEFORE.sub(THIN, text)
    set_text = _AFTER.sub(f"«{THIN}", set_text)
    set_text = _UNITS.sub(THIN, set_text)
    # A line may end with the dot between two facts, never begin with it.
    set_text = _DOT.sub("\u00a0", set_text)
    return re.sub(r"(?<=[A-Za-zÀ-ÿ])'(?=[A-Za-zÀ-ÿ])", "’", set_text)
