"""A panel on a real record in a folder of its own, and a browser-less visitor for each role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pasvu.channel import migrations
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.settings import Settings
from pasvu.web.app import create_app
from web.channel import NOW, PASSWORD, Channel, FakeJobs, fill


@pytest.fixture(scope="session")
def channel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Channel]:
    """The believable channel, made once; tests that change it take `fresh`."""
    made = new_channel(tmp_path_factory.mktemp("web"))
    made.ids = fill(made)
    yield made
    made.record.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Channel]:
    """People and programmes only; a test adds the episodes it needs."""
    made = new_channel(tmp_path)
    made.people()
    made.shows()
    yield made
    made.record.close()


def new_channel(folder: Path) -> Channel:
    settings = Settings(home=folder / "home")
    migrations.upgrade(settings.url, settings.home / "run")
    return Channel(settings, Record(settings.url), SetClock(NOW), FakeJobs())


def open_app(channel: Channel, **more: object) -> Flask:
    given: dict[str, object] = {"platforms": {}, "sandbox_url": lambda: "http://127.0.0.1:8091/"}
    return create_app(channel.record, channel.settings, channel.clock, jobs=channel.jobs, **{**given, **more})  # type: ignore[arg-type]


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
