"""Every request ever made, with what it cost, so that a test can prove what was and was not asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from pasvu.publish.sandbox.answers import Json
from pasvu.publish.sandbox.store import packed, unpacked

_SECRET = {"upload_id", "access_token", "oauth_token", "key", "client_secret", "refresh_token", "code", "token"}
_KEPT = 50_000


def redacted(params: Mapping[str, list[str]]) -> Json:
    """Parameters without what would let a reader act in the caller's place."""
    return {
        name: "…" if name in _SECRET else values[0] if len(values) == 1 else list(values)
        for name, values in params.items()
    }


def write(db: sqlite3.Connection, entry: Json) -> None:
    """Add one request; the oldest beyond fifty thousand are forgotten."""
    cursor = db.execute("INSERT INTO ledger (entry) VALUES (?)", (packed(entry),))
    db.execute("DELETE FROM ledger WHERE number <= ?", ((cursor.lastrowid or 0) - _KEPT,))


def entries(db: sqlite3.Connection, *, since: int = 0, method: str | None = None) -> list[Json]:
    """Requests after number `since`, oldest first, of one method or of all."""
    rows = db.execute("SELECT number, entry FROM ledger WHERE number > ? ORDER BY number", (since,))
    found = [{"number": row["number"], **unpacked(row["entry"])} for row in rows]
    return [entry for entry in found if method is None or entry["method"] == method]
