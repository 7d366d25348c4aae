"""Making names: ids that sort by time, slugs that read aloud, search words without accents. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from ulid import ULID

SLUG_LENGTH = 60


def new_id() -> str:
    """A new id: 26 lowercase letters and digits that sort by the time they were made."""
    return str(ULID()).lower()


def fold(text: str) -> str:
    """Lower case without accents: what a search compares."""
    spread = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in spread if not unicodedata.combining(letter)).casefold()


def slug(text: str) -> str:
    """ASCII words joined by hyphens; `episode` when nothing readable is left."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:SLUG_LENGTH].strip("-")
    return words or "episode"


def free_slug(text: str, taken: Callable[[str], bool]) -> str:
    """A slug not yet taken: `titre`, `titre-2`, `titre-3`, …"""
    wanted = slug(text)
    found, number = wanted, 1
    while taken(found):
        number += 1
        found = f"{wanted}-{number}"
    return found
