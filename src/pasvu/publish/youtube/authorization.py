"""The authorised-user file: what a person granted, as a value, as JSON and on disk."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from pasvu.publish.errors import NotConnected

GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, not a secret

# One scope covers upload, update, captions and playlists; youtube.upload alone may not call videos.update.
NEEDED_SCOPES = ("https://www.googleapis.com/auth/youtube.force-ssl",)
# Asked for beside it; without it only the detailed audience is missing.
STATISTICS_SCOPE = "https://www.googleapis.com/auth/yt-analytics.readonly"
ASKED_SCOPES = (*NEEDED_SCOPES, STATISTICS_SCOPE)
# Google's wider scope stands for the needed one.
WIDER_SCOPES = ("https://www.googleapis.com/auth/youtube",)


@dataclass(frozen=True)
class AuthorizedUser:
    """A refresh token and the client it was given to; `scopes` is empty when the file does not say."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_uri: str = GOOGLE_TOKEN_URI
    scopes: tuple[str, ...] = ()


def read_authorized_user(text: str) -> AuthorizedUser:
    """Read an authorised-user JSON; its `token_uri` is honoured.

    Raises:
        NotConnected: not such a file, with the keys that are missing.
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NotConnected(
            "Le fichier d’autorisation YouTube n’est pas du JSON\u202f: "
            "refaites-le avec «\u202fpasvu connect youtube\u202f»."
        )
    missing = [key for key in ("client_id", "client_secret", "refresh_token") if not isinstance(found.get(key), str)]
    if missing:
        raise NotConnected(
            f"Le fichier d’autorisation YouTube est incomplet (il manque {', '.join(missing)})\u202f: "
            "refaites-le avec «\u202fpasvu connect youtube\u202f»."
        )
    scopes = found.get("scopes") or found.get("scope") or ()
    return AuthorizedUser(
        client_id=found["client_id"],
        client_secret=found["client_secret"],
        refresh_token=found["refresh_token"],
        token_uri=found.get("token_uri") or GOOGLE_TOKEN_URI,
        scopes=tuple(scopes.split() if isinstance(scopes, str) else scopes),
    )


def authorized_user_json(user: AuthorizedUser) -> str:
    """The value as the JSON that Google's own tools read too."""
    return json.dumps(
        {
            "type": "authorized_user",
            "client_id": user.client_id,
            "client_secret": user.client_secret,
            "refresh_token": user.refresh_token,
            "token_uri": user.token_uri,
            "scopes": list(user.scopes),
        },
        indent=2,
    )


def write_authorized_user(path: Path, user: AuthorizedUser) -> None:
    """Write the file whole or not at all, readable by its owner only (0600)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)
    # Created 0600: a chmod afterwards would leave a moment in which others can read it.
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(authorized_user_json(user) + "\n")
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def check_scopes(granted: tuple[str, ...]) -> None:
    """Raise `NotConnected` when the person left a box unticked; an empty list means that nothing is said."""
    if not granted or any(wide in granted for wide in WIDER_SCOPES):
        return
    missing = [scope for scope in NEEDED_SCOPES if scope not in granted]
    if missing:
        raise NotConnected(
            "L’autorisation YouTube est trop étroite\u202f: la case «\u202fgérer les vidéos\u202f» n’a pas été cochée "
            f"({', '.join(scope.rsplit('/', 1)[-1] for scope in missing)}). "
            "Reconnectez la chaîne en cochant toutes les cases."
        )
