"""French typography: fine no-break spaces where a line must not break, and how amounts are said. Pure."""

from __future__ import annotations

import re

FINE = "\u202f"

_BEFORE = re.compile(r" ([;:!?»%])")
_AFTER = re.compile(r"« ")


def fine(text: str) -> str:
    """Put fine no-break spaces before `; : ! ? » %` and after `«` where the text has plain ones."""
    return _AFTER.sub(f"«{FINE}", _BEFORE.sub(rf"{FINE}\1", text))


def amount(size: int) -> str:
    """A number of bytes, as people say it in French: `1,2 Go`."""
    for unit, factor in (("To", 10**12), ("Go", 10**9), ("Mo", 10**6), ("ko", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}".replace(".", ",")
    return f"{size} octets"


def marked(sentence: str) -> str:
    """The sentence as it is, found by the extraction: it is translated where it is shown."""
    return sentence
