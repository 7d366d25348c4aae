"""Bringing the record's tables up to date: run at every start, safe to run twice."""

from __future__ import annotations

import fcntl
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from pasvu.channel.database import open_engine

HERE = Path(__file__).parent


def upgrade(url: str, lock_dir: Path) -> None:
    """Bring the database at `url` to the newest version; two processes take turns."""
    lock_dir.mkdir(parents=True, exist_ok=True)
    with (lock_dir / "migrations.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        engine = open_engine(url, pool_size=1)
        try:
            with engine.connect() as connection:
                config = config_for(url)
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                connection.commit()
        finally:
            engine.dispose()


def is_current(url: str) -> bool:
    """Whether the database is at the newest version."""
    engine = open_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            there = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return there == ScriptDirectory.from_config(config_for(url)).get_current_head()


def config_for(url: str) -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
