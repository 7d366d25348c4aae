"""Opening the record: one engine, short read and write transactions."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import Session, sessionmaker

from pasvu.channel.errors import Refused
from pasvu.channel.typography import marked
from pasvu.channel.unchanged import PostgresqlMark, SqliteMark, Unchanged

T = TypeVar("T")

# The panel hands sessions to use cases without knowing where they come from.
__all__ = ["Record", "Session", "driver_url", "open_engine", "prepare_file", "sqlite_warning"]

# SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when a checkpoint meets a reset (sqlite.org/wal.html#walresetbug).
WAL_RESET_FIXED = (3, 51, 3)
WAL_RESET_BACKPORTS = {(3, 44): 6, (3, 50): 7}

# Any number will do, as long as nothing else in this database locks it.
WRITERS_TURN = 7_237_001


class Record:
    """The channel's record. Sessions are short, and no network call happens inside one."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.url = driver_url(url)
        self.engine = open_engine(self.url, pool_size)
        # SQLite reads one state by itself; PostgreSQL is told to.
        sqlite = self.engine.dialect.name == "sqlite"
        steady = {} if sqlite else {"isolation_level": "REPEATABLE READ"}
        self._read = sessionmaker(self.engine.execution_options(**steady), expire_on_commit=False)
        self._write = sessionmaker(self.engine.execution_options(pasvu_write=True), expire_on_commit=False)
        self._mark = SqliteMark(self.engine) if sqlite else PostgresqlMark(self.engine)
        self._unchanged = Unchanged(self._mark)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one consistent state and keeps nothing."""
        with self._read() as session:
            yield session

    def kept(self, key: Hashable, read: Callable[[Session], T]) -> T:
        """What `read` finds in a session of its own; asked again under the same key only once the record changed.

        What is kept is shared between threads, and outlives its session: plain values, or rows loaded whole that
        nobody changes. What depends on the time of day says so in its key.
        """

        def now() -> T:
            with self.read() as session:
                return read(session)

        return self._unchanged.get(key, now)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are committed at the end, or all undone."""
        with self._write.begin() as session:
            yield session

    def measure_tables(self) -> None:
        """Let SQLite sample its tables, so that a question walks the index that is short; PostgreSQL does by itself.

        Milliseconds whatever the size: https://www.sqlite.org/lang_analyze.html#approx
        """
        if self.engine.dialect.name != "sqlite":
            return
        with self.engine.execution_options(pasvu_write=True).begin() as connection:
            # Not `PRAGMA optimize`: before SQLite 3.46 it passes over what its own connection has not read.
            connection.exec_driver_sql("PRAGMA analysis_limit=1000")
            connection.exec_driver_sql("ANALYZE")

    def close(self) -> None:
        """Let go of every connection."""
        self._mark.close()
        self.engine.dispose()


def driver_url(url: str) -> str:
    """Spell a PostgreSQL URL for the driver we install."""
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    return url


def open_engine(url: str, pool_size: int = 20) -> Engine:
    """An engine with the house's safety settings; opens no connection yet."""
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_engine(url, pool_size=pool_size, pool_pre_ping=True)
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    engine = create_engine(url, pool_size=pool_size, connect_args={"check_same_thread": False, "timeout": 30})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions start too late to be immediate: we say BEGIN ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    # WAL: readers never wait for the writer. FULL: an acknowledged commit survives a power cut
    # (measured: NORMAL lost 6,971 of 317,034).
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA trusted_schema=OFF")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns to writing fails at once when another writes
    # (438 of 480, measured); an immediate one waits its turn (0 of 480).
    immediate = connection.get_execution_options().get("pasvu_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    # Rules read before they write (versions, the last administrator, what quota is left): two writers at once would
    # each read the state before the other (of 200 increments by four threads 128 were lost, measured).
    # They take turns, as on SQLite; the lock goes with the transaction.
    if connection.get_execution_options().get("pasvu_write", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_TURN})")


def sqlite_warning() -> str | None:
    """Why this SQLite version asks for care, or `None`."""
    version = sqlite3.sqlite_version_info[:3]
    backport = WAL_RESET_BACKPORTS.get(version[:2])
    if version >= WAL_RESET_FIXED or (backport is not None and version[2] >= backport):
        return None
    return marked(
        f"SQLite {sqlite3.sqlite_version} a une erreur rare qui peut abîmer la base "
        "(« WAL-reset », corrigée en 3.51.3) : gardez des sauvegardes (`pasvu backup`) ou passez à PostgreSQL."
    )


def prepare_file(url: str) -> None:
    """Make a SQLite file that only its owner reads: it holds addresses of open uploads, which are capabilities.

    Raises:
        Refused: kept in memory, where the engine and the record could not share it.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return
    if not parsed.database or parsed.database == ":memory:":
        raise Refused("La base doit être un fichier : sqlite:////chemin/pasvu.db, ou une adresse PostgreSQL.")
    # Its journal files take the same rights.
    os.close(os.open(parsed.database, os.O_CREAT | os.O_RDWR, 0o600))
