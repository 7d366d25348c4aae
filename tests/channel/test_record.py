"""The record itself: aware instants, plain words, an append-only journal, writers that take turns."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, StatementError

from pasvu.channel import database, episodes, journal
from pasvu.channel.database import Record, Session, driver_url, sqlite_warning
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode, Guest, JournalEntry, ViewSnapshot, WorkerBeat
from pasvu.channel.states import EpisodeState

from .stage import AIR, NOW, on_air, received


def test_an_instant_comes_back_aware_and_the_same(record: Record) -> None:
    at = datetime(2026, 10, 25, 2, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
    with record.write() as session:
        journal.write(session, at, "nadia", "test")
    with record.read() as session:
        kept = session.scalars(select(JournalEntry)).one().at
    assert kept == at
    assert kept.utcoffset() == timedelta(0)


def test_the_journal_stands_in_the_order_it_was_written_in(record: Record) -> None:
    with record.write() as session:
        # What is taken back before it was ever written makes the session count new things anew.
        passing = [Guest(name=name) for name in ("a", "b")]
        session.add_all(passing)
        journal.write(session, NOW, "nadia", "first")
        for guest in passing:
            session.expunge(guest)
        journal.write(session, NOW, "nadia", "second")
    with record.read() as session:
        kept = session.scalars(select(JournalEntry.action).order_by(JournalEntry.id)).all()
    assert kept == ["first", "second"]


def test_a_naive_time_is_refused(record: Record) -> None:
    with pytest.raises(StatementError, match="naive time"), record.write() as session:
        journal.write(session, datetime.fromisoformat("2026-11-23T12:00"), "nadia", "test")


def test_a_state_is_a_plain_word_and_an_unknown_one_is_refused(record: Record) -> None:
    with record.write() as session:
        received(session)
    with record.read() as session:
        assert session.execute(text("SELECT state FROM episode")).scalar() == "received"
        assert session.scalars(select(Episode)).one().state is EpisodeState.RECEIVED
    with pytest.raises(StatementError), record.write() as session:
        session.scalars(select(Episode)).one().state = "vanished"  # type: ignore[assignment]


@pytest.mark.parametrize(
    "verb", ["UPDATE journal SET actor = 'x'", "DELETE FROM journal", "UPDATE journal SET at = at"]
)
def test_the_database_refuses_to_change_the_journal(record: Record, verb: str) -> None:
    with record.write() as session:
        journal.write(session, NOW, "nadia", "test", after={"a": 1})
    with pytest.raises(DBAPIError, match="append-only"), record.write() as session:
        session.execute(text(verb))
    with record.read() as session:
        line = session.scalars(select(JournalEntry)).one()
        assert (line.actor, line.at, line.after) == ("nadia", NOW, {"a": 1})


def test_a_write_that_fails_leaves_nothing(record: Record) -> None:
    with pytest.raises(ZeroDivisionError), record.write() as session:
        received(session).version //= 0
    with record.read() as session:
        assert session.scalars(select(Episode)).all() == []


def test_a_read_keeps_nothing(record: Record) -> None:
    with record.read() as session:
        received(session)
    with record.read() as session:
        assert session.scalars(select(Episode)).all() == []


def test_a_read_sees_one_state_of_the_record(record: Record) -> None:
    with record.read() as reading:
        before = reading.execute(text("SELECT count(*) FROM journal")).scalar()
        with record.write() as session:
            journal.write(session, NOW, "nadia", "test")
        assert reading.execute(text("SELECT count(*) FROM journal")).scalar() == before == 0


def test_what_was_read_is_kept_until_anyone_commits(record: Record) -> None:
    read: list[int] = []

    def beats(session: Session) -> int:
        read.append(len(session.scalars(select(WorkerBeat)).all()))
        return read[-1]

    elsewhere = Record(record.url)
    assert [record.kept("beats", beats), record.kept("beats", beats)] == [0, 0]
    with record.write() as session:
        session.add(WorkerBeat(executor_id="undone"))
        session.flush()
        session.rollback()
    assert record.kept("beats", beats) == 0
    known = len(read)
    for house in (record, elsewhere):
        with house.write() as session:
            session.add(WorkerBeat(executor_id=f"beat {len(read)}"))
        assert record.kept("beats", beats) == record.kept("beats", beats) == len(read) - known
    # A second panel opens its own connections; one read for each change was enough here.
    assert (elsewhere.kept("beats", beats), len(read)) == (2, known + 3)
    elsewhere.close()


def test_writers_take_turns_and_lose_nothing(record: Record) -> None:
    """Deferred transactions that turn to writing fail at once on SQLite; on PostgreSQL they would lose updates."""
    with record.write() as session:
        session.add(WorkerBeat(executor_id="tally", count=0))
    failures: list[BaseException] = []

    def write_fifty() -> None:
        try:
            for _ in range(50):
                with record.write() as session:
                    tally = session.get_one(WorkerBeat, "tally")
                    tally.count = tally.count + 1
        except BaseException as failure:
            failures.append(failure)

    writers = [threading.Thread(target=write_fifty) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    with record.read() as session:
        assert session.get_one(WorkerBeat, "tally").count == 200


def test_two_forms_drawn_from_one_version_cannot_both_be_kept(record: Record) -> None:
    with record.write() as session:
        episode = received(session)
        drawn_from, episode_id = episode.version, episode.id
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def submit(title: str) -> None:
        together.wait()
        try:
            with record.write() as session:
                found = episodes.find(session, episode_id)
                episodes.edit(session, found, {"title": title}, NOW, title, drawn_from=drawn_from)
            outcomes.append("kept")
        except Refused:
            outcomes.append("refused")

    people = [threading.Thread(target=submit, args=(name,)) for name in ("Nadia", "Karim")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(outcomes) == ["kept", "refused"]


def test_a_view_count_beyond_32_bits_fits(record: Record) -> None:
    with record.write() as session:
        publication = on_air(session)
        session.add(ViewSnapshot(publication_id=publication.id, taken_at=2**33, views=2**40))
        publication.total_bytes = 256 * 1024**3
    with record.read() as session:
        assert session.scalars(select(ViewSnapshot)).one().views == 2**40


def test_sqlite_is_opened_with_the_houses_safety(
    as_shipped: Callable[[Any, Any], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(database, "_prepare_sqlite", as_shipped)
    with closing(Record(f"sqlite:///{tmp_path / 'pasvu.db'}")) as record, record.engine.connect() as connection:
        read = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")}
        assert read == {"journal_mode": "wal", "synchronous": 2}
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_the_tables_are_measured_so_that_the_short_index_is_walked(record: Record) -> None:
    if record.engine.dialect.name != "sqlite":
        record.measure_tables()
        return
    with record.write() as session:
        for number in range(60):
            last = on_air(session, f"Épisode {number}", at=AIR + timedelta(days=number))
        last.missing_since = NOW
    record.measure_tables()
    with record.engine.connect() as connection:
        told = dict(connection.exec_driver_sql("SELECT idx, stat FROM sqlite_stat1 WHERE tbl = 'publication'").all())
        assert told["ix_publication_air_at"].split()[0] == "60"
        gone = "SELECT id FROM publication WHERE missing_since IS NOT NULL AND air_at IS NOT NULL ORDER BY air_at DESC"
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {gone}").all())
    assert "ix_publication_missing" in plan


def test_a_row_of_nothing_is_refused(record: Record) -> None:
    with pytest.raises(DBAPIError), record.write() as session:
        session.add(ViewSnapshot(publication_id=999, taken_at=1, views=1))


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
)
def test_sqlite_versions_that_ask_for_care(
    version: tuple[int, int, int], safe: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    assert (sqlite_warning() is None) == safe


def test_postgresql_is_spoken_to_by_our_driver() -> None:
    assert driver_url("postgresql://pasvu:s3cret@db/pasvu") == "postgresql+psycopg://pasvu:s3cret@db/pasvu"
    assert driver_url("postgresql+psycopg://db/pasvu") == "postgresql+psycopg://db/pasvu"
    assert driver_url("sqlite:////tmp/a.db") == "sqlite:////tmp/a.db"


def test_times_are_compared_alike_on_every_database(record: Record) -> None:
    with record.write() as session:
        received(session, "A", now=datetime(2026, 11, 23, 12, 0, 0, 500_000, tzinfo=UTC))
        received(session, "B", now=datetime(2026, 11, 23, 12, tzinfo=UTC))
    with record.read() as session:
        cut = datetime(2026, 11, 23, 13, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=1)))
        assert session.scalars(select(Episode.title).where(Episode.created_at > cut)).all() == ["A"]
