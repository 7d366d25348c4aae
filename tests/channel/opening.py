"""Empty records for the tests: SQLite always, and the PostgreSQL named by PASVU_TEST_DATABASE_URL when there is one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from pasvu.channel import migrations
from pasvu.channel.database import Record, driver_url, open_engine
from pasvu.channel.models import Base

# Taken out of the environment: the product's settings refuse a PASVU_ name that they do not know.
POSTGRESQL = os.environ.pop("PASVU_TEST_DATABASE_URL", None)
DATABASES = ["sqlite", *(["postgresql"] if POSTGRESQL else [])]

FreshUrl = Callable[[str, Path], str]


@pytest.fixture(scope="session")
def fresh_url(tmp_path_factory: pytest.TempPathFactory) -> FreshUrl:
    """Gives the URL of an empty record of a kind; its tables were made once, by migrations run twice."""
    folder = tmp_path_factory.mktemp("empty")
    empty = folder / "pasvu.db"
    urls = {"sqlite": f"sqlite:///{empty}"} | ({"postgresql": driver_url(POSTGRESQL)} if POSTGRESQL else {})
    for url in urls.values():
        migrations.upgrade(url, folder)
        migrations.upgrade(url, folder)

    def fresh(kind: str, home: Path) -> str:
        if kind == "sqlite":
            shutil.copy(empty, home / "pasvu.db")
            return f"sqlite:///{home / 'pasvu.db'}"
        _empty_every_table(urls[kind])
        return urls[kind]

    return fresh


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, fresh_url: FreshUrl, tmp_path: Path) -> str:
    return fresh_url(request.param, tmp_path)


@pytest.fixture
def record(database_url: str) -> Iterator[Record]:
    opened = Record(database_url)
    yield opened
    opened.close()


def _empty_every_table(url: str) -> None:
    engine = open_engine(url, 1)
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    engine.dispose()
