"""French typography: fine no-break spaces where a line must not break. Pure."""

from __future__ import annotations

import re

FINE = "\u202f"

_BEFORE = re.compile(r" ([;:!?»%])")
_AFTER = re.compile(r"« ")


def fine(text: str) -> str:
    """Put fine no-break spaces before `; : ! ? » %` and after `«` where the text has plain ones."""
    return _AFTER.sub(f"«{FINE}", _BEFORE.sub(rf"{FINE}\1", text))
