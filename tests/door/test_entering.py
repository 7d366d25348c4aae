"""Accounts by the command line, the first administrator, and connecting the channel."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pasvu.channel import accounts

from .conftest import Line

PASSWORD = "une phrase assez longue"


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    return file


def enters(line: Line, name: str, password: str) -> bool:
    with line.record.write() as session:
        return accounts.sign_in(session, name, password, datetime.now(UTC)) is not None


def test_the_first_administrator(line: Line, password: Path) -> None:
    assert line.run("init", "--admin", "Camille").exit_code == 2
    line.call("init", "--admin", "Camille", "--password-file", password)
    assert enters(line, "camille", PASSWORD)
    assert "existe déjà" in line.refused("init", "--admin", "Camille", "--password-file", password)
    line.call("init")  # safe to run again


def test_accounts_come_and_go(line: Line, password: Path) -> None:
    line.call("init", "--admin", "Camille", "--password-file", password)
    link = line.call("user", "add", "Zoé Petit", "--role", "media").stdout.strip()
    assert link.startswith("http://127.0.0.1:8080/bienvenue/")
    rows = {row["name"]: row for row in line.ask("user", "list")}
    assert rows["Zoé Petit"]["role"] == "media"
    assert rows["Zoé Petit"]["waiting"] is True
    line.call("user", "password", "zoe petit", "--password-file", password)
    assert enters(line, "Zoé Petit", PASSWORD)
    line.call("user", "password", "Zoé Petit", typed="une autre phrase longue\n")
    assert enters(line, "Zoé Petit", "une autre phrase longue")
    line.call("user", "disable", "Zoé Petit")
    assert not enters(line, "Zoé Petit", "une autre phrase longue")
    assert [row["disabled"] for row in line.ask("user", "list")] == [False, True]
    assert PASSWORD not in json.dumps(line.ask("user", "list"))


def test_what_accounts_refuse(line: Line, password: Path, tmp_path: Path) -> None:
    line.call("init", "--admin", "Camille", "--password-file", password)
    assert line.run("user", "add", "Zoé", "--role", "boss").exit_code == 2
    assert "existe déjà" in line.refused("user", "add", "CAMILLE", "--role", "staff")
    assert "dernier compte" in line.refused("user", "disable", "Camille")
    assert "Aucun compte" in line.refused("user", "disable", "Personne")
    short = tmp_path / "short"
    short.write_text("trop court")
    assert "trop court" in line.refused("user", "add", "Zoé", "--role", "staff", "--password-file", short)
    assert [row["name"] for row in line.ask("user", "list")] == ["Camille"]


def test_rehearsals_need_no_connection(line: Line, tmp_path: Path) -> None:
    token = tmp_path / "token.json"
    token.write_text("{}")
    assert "répétition" in line.refused("connect", "youtube", "--token-file", token)
    assert line.run("connect", "youtube").exit_code == 2
    line.environ["PASVU_YOUTUBE_URL"] = "google"
    assert line.refused("connect", "youtube", "--token-file", token)
    assert not (line.home / "secrets" / "youtube.json").exists()
