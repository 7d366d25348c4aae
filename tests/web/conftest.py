"""A panel on a real record in a folder of its own, and a browser-less visitor for each role."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from pasvu.channel import migrations
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.settings import Settings
from pasvu.web.app import create_app
from web.channel import CADENCE, NOW, PASSWORD, Channel, FakeJobs, fill


@pytest.fixture(scope="session")
def channel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Channel]:
    """The believable channel, made once; tests that change it take `fresh`."""
    made = new_channel(tmp_path_factory.mktemp("web"))
    made.ids = fill(made)
    yield made
    made.record.close()


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with people and programmes, to be copied: migrations and passwords take most of a second."""
    made = new_channel(tmp_path_factory.mktemp("begun"))
    made.people()
    made.shows()
    made.record.close()
    return made.settings.home / "pasvu.db"


@pytest.fixture
def fresh(begun: Path, tmp_path: Path) -> Iterator[Channel]:
    """People and programmes only; a test adds the episodes it needs."""
    settings = Settings(home=tmp_path / "home", views_cadence=CADENCE)
    settings.home.mkdir()
    shutil.copy(begun, settings.home / "pasvu.db")
    made = Channel(settings, Record(settings.url), SetClock(NOW), FakeJobs())
    yield made
    made.record.close()


def new_channel(folder: Path) -> Channel:
    settings = Settings(home=folder / "home", views_cadence=CADENCE)
    migrations.upgrade(settings.url, settings.home / "run")
    return Channel(settings, Record(settings.url), SetClock(NOW), FakeJobs())


class Compiled(BytecodeCache):
    """Templates compiled once for the whole run, whatever the number of applications."""

    kept: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


def open_app(channel: Channel, **more: object) -> Flask:
    given: dict[str, object] = {"platforms": {}, "sandbox_url": lambda: "http://127.0.0.1:8091/"}
    app = create_app(channel.record, channel.settings, channel.clock, jobs=channel.jobs, **{**given, **more})  # type: ignore[arg-type]
    app.jinja_env.bytecode_cache = Compiled()
    return app


@pytest.fixture
def app(channel: Channel) -> Flask:
    return open_app(channel)


@dataclass
class Visitor:
    """Someone at the panel: asks for pages, and sends forms with the token of the page they were on."""

    client: FlaskClient

    def get(self, path: str, **more: object) -> TestResponse:
        return self.client.get(path, **more)  # type: ignore[arg-type]

    def page(self, path: str) -> str:
        reply = self.get(path)
        assert reply.status_code == 200, (path, reply.status_code)
        return reply.get_data(as_text=True)

    def token(self, path: str = "/connexion") -> str:
        found = re.search(r'name="csrf" content="([^"]+)"', self.get(path).get_data(as_text=True))
        assert found is not None
        return found[1]

    def post(self, path: str, fields: dict[str, object] | None = None, **more: object) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **(fields or {})}, **more)  # type: ignore[arg-type]

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/connexion", {"name": name, "password": password})


Come = Callable[..., Visitor]


@pytest.fixture
def come() -> Come:
    """`come(app, "Inès Belkacem")`: a signed-in visitor; without a name, a stranger."""

    def arrive(app: Flask, name: str | None = None) -> Visitor:
        visitor = Visitor(app.test_client())
        if name:
            assert visitor.sign_in(name).status_code == 303
        return visitor

    return arrive
