"""What was read of the record, kept until anybody commits something: a quiet house costs the panel next to nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection

T = TypeVar("T")


class Unchanged:
    """Values read from the record, by key; they are forgotten as soon as it changed, whoever changed it."""

    LONGEST = 256

    def __init__(self, mark: Callable[[], Hashable]) -> None:
        self._mark = mark
        self._turn = threading.Lock()
        self._of: Hashable = None
        self._values: dict[Hashable, object] = {}

    def get(self, key: Hashable, read: Callable[[], T]) -> T:
        """The value of this key, `read` now if it is not known for the record as it stands."""
        # The mark comes before the reading: what is read may be newer than its mark, never older.
        mark = self._mark()
        with self._turn:
            if self._of != mark:
                self._of = mark
                self._values.clear()
            elif key in self._values:
                return cast(T, self._values[key])
        value = read()
        with self._turn:
            if self._of == mark and len(self._values) < self.LONGEST:
                self._values[key] = value
        return value


class SqliteMark:
    """SQLite's own count of commits, as one connection sees it that never writes: about ten microseconds.

    https://www.sqlite.org/pragma.html#pragma_data_version
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._connection: PoolProxiedConnection | None = None

    def __call__(self) -> Hashable:
        """Another number after each commit of any other connection, of this process or not."""
        with self._turn:
            if self._connection is None:
                self._connection = self._engine.raw_connection()
                # Counts of two connections cannot be compared: this one never goes back to the pool.
                self._connection.detach()
            cursor = self._connection.cursor()
            cursor.execute("PRAGMA data_version")
            # All rows are taken: a statement left half read would hold back the checkpoints of the write-ahead log.
            ((count,),) = cursor.fetchall()
            cursor.close()
            return int(count)

    def close(self) -> None:
        """Let go of the connection."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class PostgresqlMark:
    """Which transactions are visible: PostgreSQL's own account of it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self) -> Hashable:
        """Another text after each commit that wrote; also after some that did not, which costs a reading more."""
        with self._engine.connect() as connection:
            return str(connection.exec_driver_sql("SELECT pg_current_snapshot()").scalar_one())

    def close(self) -> None:
        """Nothing is held."""
