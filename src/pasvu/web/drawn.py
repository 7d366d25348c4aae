"""An episode's form as it is drawn, field by field: what a person saw before typing. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from pasvu.channel.models import Episode


def fields(episode: Episode) -> dict[str, str]:
    """Every field of the form as the page shows it."""
    return {
        "title": episode.title,
        "summary": episode.summary,
        "language": episode.language,
        "programme": episode.programme.slug if episode.programme else "",
        "owner": episode.owner_id or "",
        "recorded_on": episode.recorded_on or "",
        "tags": ", ".join(episode.tags),
        "guests": "\n".join(f"{guest.name}, {guest.role}" if guest.role else guest.name for guest in episode.guests),
    }


def conflicts(episode: Episode, seen: Mapping[str, str]) -> dict[str, str]:
    """The fields of `seen` that someone has changed since they were drawn, with what they hold now."""
    now = fields(episode)
    return {name: now[name] for name, text in seen.items() if name in now and now[name] != _plain(text)}


def chapters(episode: Episode) -> str:
    """A fingerprint of the chapters: another one means that someone changed them."""
    marks = [[mark.start_s, mark.title] for mark in episode.chapters]
    return hashlib.sha256(json.dumps(marks).encode()).hexdigest()[:16]


def _plain(text: str) -> str:
    # Browsers send line ends as CRLF whatever the person typed.
    return text.replace("\r\n", "\n")
