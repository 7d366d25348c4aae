"""What Alembic runs: our tables only; the engine's own live beside them and are left alone."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from pasvu.channel.database import open_engine
from pasvu.channel.models import Base


def ours(thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Whether a table belongs to the record."""
    return kind != "table" or name in Base.metadata.tables


def render(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as plain ones: a migration must not change when our code does."""
    if kind == "type" and type(thing).__module__ == "pasvu.channel.columns":
        return "sa.DateTime(timezone=True)" if type(thing).__name__ == "Instant" else "sa.String()"
    return False


def run(connection: Any) -> None:
    """Bring the connection's database up to date."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=ours,
        render_item=render,
        # SQLite cannot alter most columns: a new table is filled and takes the old one's name.
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with open_engine(context.config.get_main_option("sqlalchemy.url") or "").connect() as opened:
        run(opened)
