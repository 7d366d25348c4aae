"""The stand-in's own record: one SQLite file beside the received bytes; survives being killed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS grants (refresh_token TEXT PRIMARY KEY, account TEXT NOT NULL, scopes TEXT NOT NULL,
  granted_at TEXT NOT NULL, revoked_at TEXT);
CREATE TABLE IF NOT EXISTS access (token TEXT PRIMARY KEY, refresh_token TEXT NOT NULL, scopes TEXT NOT NULL,
  expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS codes (code TEXT PRIMARY KEY, redirect_uri TEXT NOT NULL, scopes TEXT NOT NULL,
  challenge TEXT NOT NULL, challenge_method TEXT NOT NULL, expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (upload_id TEXT PRIMARY KEY, resource_id TEXT NOT NULL, method_id TEXT NOT NULL,
  account TEXT NOT NULL, params TEXT NOT NULL, body TEXT NOT NULL, content_type TEXT NOT NULL, file_name TEXT NOT NULL,
  total INTEGER, received INTEGER NOT NULL, opened_at TEXT NOT NULL, gone INTEGER NOT NULL DEFAULT 0, answer TEXT);
CREATE TABLE IF NOT EXISTS videos (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, uploaded_at TEXT NOT NULL,
  resource TEXT NOT NULL, file_name TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, duration_s REAL,
  outcome TEXT NOT NULL, reason TEXT, ready_at TEXT NOT NULL, thumbnail TEXT, hidden TEXT NOT NULL DEFAULT '[]',
  notify INTEGER NOT NULL, deleted_at TEXT);
CREATE TABLE IF NOT EXISTS broadcasts (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
  announced INTEGER NOT NULL, hidden INTEGER NOT NULL, started_at TEXT NOT NULL, ends_at TEXT NOT NULL,
  curve TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS wishes (number INTEGER PRIMARY KEY, video_id TEXT NOT NULL, at TEXT NOT NULL,
  privacy TEXT NOT NULL, publish_at TEXT);
CREATE TABLE IF NOT EXISTS playlists (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL,
  resource TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS playlist_items (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  playlist_id TEXT NOT NULL, video_id TEXT NOT NULL, position INTEGER NOT NULL, note TEXT, added_at TEXT NOT NULL,
  UNIQUE (playlist_id, video_id));
CREATE TABLE IF NOT EXISTS captions (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, video_id TEXT NOT NULL,
  language TEXT NOT NULL, name TEXT NOT NULL, draft INTEGER NOT NULL, failure TEXT, updated_at TEXT NOT NULL,
  UNIQUE (video_id, language, name));
CREATE TABLE IF NOT EXISTS spent (day TEXT NOT NULL, bucket TEXT NOT NULL, units INTEGER NOT NULL,
  PRIMARY KEY (day, bucket));
CREATE TABLE IF NOT EXISTS ledger (number INTEGER PRIMARY KEY, entry TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS faults (number INTEGER PRIMARY KEY, method TEXT NOT NULL, do TEXT NOT NULL,
  times INTEGER NOT NULL, after INTEGER NOT NULL, options TEXT NOT NULL);
"""


class Store:
    """Opens a short transaction at a time on `home/sandbox.db`; received bytes lie in `home/received`."""

    def __init__(self, home: Path) -> None:
        self.received = home / "received"
        self.received.mkdir(exist_ok=True)
        self._path = home / "sandbox.db"
        # Kept open and idle: SQLite folds its log into the file whenever the last connection closes, which is slow.
        self._kept = self._connect()
        self._kept.executescript("PRAGMA journal_mode=WAL;" + _SCHEMA)

    def close(self) -> None:
        """Fold the log into the file."""
        self._kept.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; one writer at a time."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def fact(self, connection: sqlite3.Connection, name: str, made: str) -> str:
        """A value chosen once for the life of this home: `made` when there is none yet."""
        connection.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, made))
        row = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row["value"])

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
        # Survives being killed; after a power cut the last answers may be forgotten, which is enough for a rehearsal.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.row_factory = sqlite3.Row
        return connection


def packed(value: Any) -> str:
    """A value as the text of a column."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str) -> Any:
    """The value of a column."""
    return json.loads(text)
