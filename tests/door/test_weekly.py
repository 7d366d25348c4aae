"""The week by mail: on Monday morning, once; and by command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from click.testing import CliRunner

from pasvu.channel import migrations
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.settings import Settings
from pasvu.door import weekly
from pasvu.door.cli import main
from pasvu.door.house import House
from publish_steps.mailbox import Mailbox, open_mailbox


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as box:
        yield box


def test_it_goes_out_once_on_monday_morning(mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert "La semaine" in mailbox.messages[0]
    clock.set(datetime(2026, 11, 30, 8, tzinfo=UTC) + timedelta(minutes=5))
    weekly.WeeklyTick(house).tick()
    assert len(mailbox.messages) == 2
    record.close()


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    target = tmp_path / "semaine.html"
    done = CliRunner().invoke(main, ["views", "week", "--home", str(tmp_path / "home"), "--html", str(target)])
    assert done.exit_code == 0, done.output
    assert "Aucun épisode n’a paru cette semaine" in target.read_text(encoding="utf-8")
    neither = CliRunner().invoke(main, ["views", "week", "--home", str(tmp_path / "home")])
    assert neither.exit_code == 2
