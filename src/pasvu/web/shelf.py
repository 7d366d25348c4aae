"""The channel's playlists, asked of a platform when a person wants to choose by name, and remembered for a while."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from pasvu.channel.errors import Refused
from pasvu.channel.values import RemotePlaylist
from pasvu.publish.platform import Platform

REMEMBERED_FOR = timedelta(minutes=10)
# YouTube: 150 characters, no angle brackets (playlists, `snippet.title`).
TITLE_MOST = 150
_ID = re.compile(r"[A-Za-z0-9_-]{2,64}")


class Shelf:
    """What was last answered, by platform; a page that is only looked at asks nothing."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[datetime, Sequence[RemotePlaylist]]] = {}

    def known(self, platform: str, now: datetime) -> Sequence[RemotePlaylist] | None:
        """The playlists, if they were asked for lately."""
        at, found = self._seen.get(platform, (None, ()))
        return found if at is not None and now - at < REMEMBERED_FOR else None

    def ask(self, platform: Platform, now: datetime) -> Sequence[RemotePlaylist]:
        """The playlists, as the platform has them now or had them a moment ago."""
        known = self.known(platform.name, now)
        if known is None:
            known = tuple(platform.playlists())
            self._seen[platform.name] = (now, known)
        return known

    def make(self, platform: Platform, title: str) -> RemotePlaylist:
        """A new playlist; what was remembered is forgotten.

        Raises:
            Refused: no title for one.
        """
        shown = " ".join(re.sub(r"[<>]", " ", title).split())[:TITLE_MOST]
        if not shown:
            raise Refused("Donnez un titre à la liste de lecture.")
        self._seen.pop(platform.name, None)
        return platform.make_playlist(shown)


def read_playlist_id(typed: str) -> str | None:
    """A playlist's id, typed as such or inside an address; nothing when nothing was typed.

    Raises:
        Refused: neither.
    """
    text = typed.strip()
    if "/" in text or "?" in text:
        text = parse_qs(urlsplit(text).query).get("list", [""])[0] or "?"
    if text and _ID.fullmatch(text) is None:
        raise Refused("« {typed} » n’est ni l’adresse ni l’identifiant d’une liste de lecture.", typed=typed.strip())
    return text or None
