"""The week by mail: on Monday morning, once; and by command."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner

from pasvu.channel import migrations
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.settings import Settings
from pasvu.door import weekly
from pasvu.door.cli import main
from pasvu.door.house import House


@pytest.fixture
def mailbox() -> Iterator[SimpleNamespace]:
    box = SimpleNamespace(url="", takes=True, messages=[])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if box.takes:
                box.messages.append(told)
            self.send_response(200 if box.takes else 503)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    box.url = f"json://127.0.0.1:{server.server_port}/"
    yield box
    server.shutdown()
    server.server_close()


def test_it_goes_out_once_on_monday_morning(
    mailbox: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path, alerts_to=mailbox.url, weekly_page=True)
    migrations.upgrade(settings.url, tmp_path / "run")
    record, clock = Record(settings.url), SetClock(datetime(2026, 11, 22, 12, tzinfo=UTC))
    house = cast(House, SimpleNamespace(settings=settings, record=record, clock=clock))
    monkeypatch.setattr(weekly, "page", lambda _house: "<p>La semaine</p>")
    tick = weekly.WeeklyTick(house)
    mailbox.takes = False
    for _ in range(30):
        tick.tick()
        clock.sleep(3600)
        # Monday at 10:00 in Paris the service comes back.
        mailbox.takes = clock.now() >= datetime(2026, 11, 23, 9, tzinfo=UTC)
    for _ in range(24):
        weekly.WeeklyTick(house).tick()
        clock.sleep(3600)
    assert len(mailbox.messages) == 1
    assert "La semaine" in mailbox.messages[0]["message"]
    clock.set(datetime(2026, 11, 30, 8, tzinfo=UTC) + timedelta(minutes=5))
    weekly.WeeklyTick(house).tick()
    assert len(mailbox.messages) == 2
    record.close()


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    target = tmp_path / "semaine.html"
    done = CliRunner().invoke(main, ["views", "week", "--home", str(tmp_path / "home"), "--html", str(target)])
    assert done.exit_code == 0, done.output
    assert "Aucun épisode n’a paru cette semaine." in target.read_text(encoding="utf-8")
    neither = CliRunner().invoke(main, ["views", "week", "--home", str(tmp_path / "home")])
    assert neither.exit_code == 2
