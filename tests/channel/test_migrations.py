"""Migrations: run at every start, in step with the models."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from pasvu.channel import migrations
from pasvu.channel.database import Record, open_engine
from pasvu.channel.models import Base


def test_models_and_migrations_do_not_differ(record: Record) -> None:
    ours = Base.metadata.tables

    def only_ours(_thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        return kind != "table" or name in ours

    with record.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": only_ours, "compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_version_is_known_without_asking_alembic(database_url: str) -> None:
    assert migrations.is_current(database_url)
    engine = open_engine(database_url, 1)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    engine.dispose()
    assert kept == migrations.newest()


def test_a_new_file_becomes_a_record_and_stays_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a %20 name.db'}"
    assert not migrations.is_current(url)
    migrations.upgrade(url, tmp_path)
    assert migrations.is_current(url)
    record = Record(url)
    with record.write() as session:
        session.execute(text("INSERT INTO worker_beat (executor_id, count, does) VALUES ('kept', 1, '')"))
    migrations.upgrade(url, tmp_path)
    with record.read() as session:
        assert session.execute(text("SELECT executor_id FROM worker_beat")).scalar() == "kept"
    record.close()


def test_a_record_of_the_first_version_comes_through_with_all_its_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'pasvu.db'}"
    command.upgrade(migrations.config_for(url), "0001")
    engine = open_engine(url, 1)
    rows = [
        "INSERT INTO programme (id, slug, name, colour, title_template, description_template, tags, category_id, "
        "language, created_at) VALUES ('p', 'terrain', 'Terrain', 1, '', '', '[]', '25', 'fr', '2026-01-01')",
        "INSERT INTO episode (id, slug, title, summary, tags, language, programme_id, search, state, version, "
        "created_at, updated_at, wanted_cut, cut, attempt) VALUES ('e', 'un', 'Un', '', '[]', 'fr', 'p', 'un', "
        "'approved', 1, '2026-01-01', '2026-01-01', 1, 1, 1)",
        "INSERT INTO recording (id, episode_id, origin, received_at) VALUES ('r', 'e', 'watch', '2026-01-01')",
        "INSERT INTO part (id, recording_id, position, name, shown_name, source, path, bytes) "
        "VALUES (1, 'r', 0, X'61', 'a', X'61', 'a', 5)",
        "INSERT INTO rendition (id, episode_id, kind, cut, path, bytes, sha256, duration_s, made_at) "
        "VALUES (1, 'e', 'master', 1, 'm', 5, '0', 1.0, '2026-01-01')",
        "INSERT INTO publication (id, episode_id, platform, state, marker, finishing, uploaded_bytes, dressed, "
        "settled, attempt) VALUES (1, 'e', 'youtube', 'on_air', 'pv', 0, 0, '[]', 1, 1)",
        "INSERT INTO view_snapshot (publication_id, taken_at, views) VALUES (1, 1, 12)",
    ]
    with engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))
    engine.dispose()
    migrations.upgrade(url, tmp_path)
    record = Record(url)
    with record.read() as session:
        for table in ("programme", "episode", "recording", "part", "rendition", "publication", "view_snapshot"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 1, table
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1
    record.close()


def test_two_starts_at_once_take_turns(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'pasvu.db'}"
    failures: list[BaseException] = []

    def start() -> None:
        try:
            migrations.upgrade(url, tmp_path)
        except BaseException as failure:
            failures.append(failure)

    starts = [threading.Thread(target=start) for _ in range(2)]
    for each in starts:
        each.start()
    for each in starts:
        each.join()
    assert failures == []
    assert migrations.is_current(url)


def test_tables_of_the_engine_are_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'pasvu.db'}"
    engine = open_engine(url, 1)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE workflow_status (id TEXT)"))
    engine.dispose()
    migrations.upgrade(url, tmp_path)
    record = Record(url)
    with record.read() as session:
        assert session.execute(text("SELECT count(*) FROM workflow_status")).scalar() == 0
    record.close()


@pytest.mark.parametrize("rest", ["", "?check_same_thread=false"])
def test_a_url_with_a_percent_sign_reaches_alembic_whole(tmp_path: Path, rest: str) -> None:
    url = f"sqlite:///{tmp_path}/p%25.db{rest}"
    assert migrations.config_for(url).get_main_option("sqlalchemy.url") == url
