"""Bringing the record's tables up to date: run at every start, safe to run twice."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from pasvu.channel.database import open_engine

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection

HERE = Path(__file__).parent
UPGRADERS_TURN = 7_237_002


def upgrade(url: str, lock_dir: Path) -> None:
    """Bring the database at `url` to the newest version; two processes take turns."""
    # Alembic takes a quarter of a second to import, and is needed once a version.
    from alembic import command

    lock_dir.mkdir(parents=True, exist_ok=True)
    with (lock_dir / "migrations.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        engine = open_engine(url, pool_size=1)
        try:
            with engine.connect() as connection:
                if connection.dialect.name == "postgresql":
                    # The file's lock is this machine's; others of the same database wait here.
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADERS_TURN})"))
                _loosen_references(connection)
                config = config_for(url)
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                _check_references(connection)
                connection.commit()
        finally:
            engine.dispose()


def is_current(url: str) -> bool:
    """Whether the database is at the newest version."""
    engine = open_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            there = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DatabaseError:
        return False  # no such table yet
    finally:
        engine.dispose()
    return there == newest()


def newest() -> str:
    """The newest version: migrations are numbered, and their files bear the number first."""
    return max(path.name.partition("_")[0] for path in (HERE / "versions").glob("[0-9]*.py"))


def _loosen_references(connection: Connection) -> None:
    # SQLite changes a column by filling a new table and dropping the old one, to which other tables refer
    # (sqlite.org/lang_altertable.html#otheralter). Without effect once a transaction runs.
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise RuntimeError(f"the upgrade would leave rows that refer to nothing: {broken[:5]}")


def config_for(url: str) -> Config:
    """Alembic's configuration, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
