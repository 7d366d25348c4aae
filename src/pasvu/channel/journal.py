"""Writing down who did what: append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from pasvu.channel.models import JournalEntry


def write(
    session: Session,
    at: datetime,
    actor: str,
    action: str,
    *,
    episode_id: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Add a line. `actor` is an account's name, or `pasvu` for what the product does by itself."""
    # At once, and not with what the session writes together at the end: lines stand in the order they were written in.
    session.connection().execute(
        insert(JournalEntry),
        {
            "at": at,
            "actor": actor,
            "action": action,
            "episode_id": episode_id,
            "before": before,
            "after": after,
        },
    )
