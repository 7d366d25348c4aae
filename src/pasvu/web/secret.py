"""The key that signs sessions: made at the first start, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pasvu.channel.errors import Refused

KEY_BYTES = 32


def session_key(home: Path) -> bytes:
    """The key in `home/secrets/session.key`, made if it is not there.

    Raises:
        Refused: the file is unreadable or too short to be a key.
    """
    path = home / "secrets" / "session.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # O_EXCL: of two processes that start together, one makes the key and the other reads it.
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes()
    else:
        key = secrets.token_bytes(KEY_BYTES)
        with os.fdopen(made, "wb") as out:
            out.write(key)
    if len(key) < KEY_BYTES:
        raise Refused(f"{path} is not a session key: delete it and start again; people then sign in anew.")
    return key
