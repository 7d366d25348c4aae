"""Trouble to order: which requests shall fail, how, and how often; planned over HTTP, kept in the record."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from typing import Any

from pasvu.publish.sandbox.answers import ApiError, Json
from pasvu.publish.sandbox.store import packed, unpacked

ACTS = ("drop", "slow", "keep_fewer", "lose_answer", "session_gone")
_STATUS = re.compile(r"([45]\d\d)(?::(\w+))?")
_REASONS = {
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "conflict",
    429: "rateLimitExceeded",
    500: "internalError",
    502: "backendError",
    503: "backendError",
    504: "backendError",
}
_CHUNK_ONLY = ("keep_fewer", "session_gone")


@dataclass(frozen=True)
class Fault:
    """One planned trouble.

    `do` is a status (`503`), a status with its reason (`404:videoNotFound`), `drop` (the connection closes, nothing
    was done), `lose_answer` (done, then the connection closes), `slow` (answers after `seconds` real seconds),
    `keep_fewer` (stores only `keep_bytes` of the chunk, half of it by default), `session_gone`.
    """

    do: str
    options: Json

    def raise_status(self) -> None:
        """Raise the API error that this fault asks for, if it asks for one."""
        match = _STATUS.fullmatch(self.do)
        if match:
            status = int(match.group(1))
            reason = match.group(2) or _REASONS.get(status, "badRequest")
            raise ApiError(status, reason, f"Planned fault: {self.do}", retry_after_s=self.options.get("retry_after_s"))


def plan(db: sqlite3.Connection, wanted: Any) -> None:
    """Add one fault or a list of them; 400 with a sentence when it cannot be understood."""
    for one in wanted if isinstance(wanted, list) else [wanted]:
        if not isinstance(one, dict) or not isinstance(one.get("method"), str):
            raise ApiError(400, "badRequest", 'A fault is {"method": …, "do": …, "times": 1, "after": 0}.')
        do = str(one.get("do"))
        if do not in ACTS and not _STATUS.fullmatch(do):
            raise ApiError(400, "badRequest", f"Unknown fault {do!r}: use a status or one of {', '.join(ACTS)}.")
        if do in _CHUNK_ONLY and not one["method"].endswith((".chunk", ".status")):
            raise ApiError(400, "badRequest", f"{do!r} makes sense for methods ending in .chunk or .status only.")
        times, after = one.get("times", 1), one.get("after", 0)
        if not isinstance(times, int) or not isinstance(after, int) or times < 1 or after < 0:
            raise ApiError(400, "badRequest", "times is at least 1 and after at least 0.")
        options = {key: value for key, value in one.items() if key not in ("method", "do", "times", "after")}
        db.execute(
            "INSERT INTO faults (method, do, times, after, options) VALUES (?, ?, ?, ?, ?)",
            (one["method"], do, times, after, packed(options)),
        )


def due(db: sqlite3.Connection, method_id: str) -> Fault | None:
    """The fault that strikes this request, now spent once; those with `after` let some requests pass first."""
    struck: Fault | None = None
    for row in db.execute("SELECT * FROM faults WHERE method IN (?, '*') ORDER BY number", (method_id,)).fetchall():
        if row["after"] > 0:
            db.execute("UPDATE faults SET after = after - 1 WHERE number = ?", (row["number"],))
        elif struck is None:
            struck = Fault(row["do"], unpacked(row["options"]))
            db.execute("UPDATE faults SET times = times - 1 WHERE number = ?", (row["number"],))
    db.execute("DELETE FROM faults WHERE times <= 0")
    return struck


def pending(db: sqlite3.Connection) -> list[Json]:
    """The faults still to come, in order."""
    rows = db.execute("SELECT * FROM faults ORDER BY number").fetchall()
    return [
        {"method": r["method"], "do": r["do"], "times": r["times"], "after": r["after"], **unpacked(r["options"])}
        for r in rows
    ]


def clear(db: sqlite3.Connection) -> None:
    """No more trouble."""
    db.execute("DELETE FROM faults")
