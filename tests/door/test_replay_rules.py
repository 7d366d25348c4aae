"""Fetching finished lives: closed by default, asked for durably, and public addresses only."""

from __future__ import annotations

import pytest

from pasvu.channel.settings import load
from pasvu.door import checks
from pasvu.door.house import opened
from pasvu.ingest import fetching, jail

from .conftest import Line


def test_it_is_closed_until_opened(line: Line) -> None:
    sentence = line.refused("replay", "https://93.184.216.34/watch?v=x")
    assert "replays = true" in sentence


def test_opened_it_still_refuses_in_one_sentence(line: Line) -> None:
    line.environ["PASVU_REPLAYS"] = "true"
    assert "interne" in line.refused("replay", "http://127.0.0.1:8080/secret")
    assert "page du web" in line.refused("replay", "file:///etc/passwd")
    assert line.ask("episodes") == []
    assert line.ask("replays") == []


def test_asked_for_later_it_says_the_rules_and_is_listed(line: Line) -> None:
    line.environ["PASVU_REPLAYS"] = "true"
    address = "https://www.facebook.com/pasvu/videos/1/"
    asked = line.call("replay", address, "--later", "--on-air", "2026-11-20T20:00", "--json")
    assert "trente jours" in asked.stderr
    (listed,) = line.ask("replays")
    assert (listed["address"], listed["site"], listed["state"]) == (address, "facebook", "asked")
    assert listed["deleted_at"] == "2026-12-20T19:00:00Z"
    assert line.refused("replay", address, "--later").startswith("Ce direct est déjà demandé, par console")
    assert line.run("replay", address, "--later", "--wait").exit_code == 2
    assert "demandé" in line.call("replays").stdout


@pytest.mark.jail
def test_check_says_how_the_fetching_is_closed_in(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(environ: dict[str, str]) -> list[str]:
        with opened(load(line.home, environ)) as house:
            return [each.sentence for each in checks._replays(house)]

    assert said({}) == []
    allowed = {"PASVU_REPLAYS": "true"}
    assert "un seul port ouvert" in said(allowed)[0]
    real = jail.kernel()
    monkeypatch.setattr(jail, "kernel", lambda: jail.Kernel(2, True, real.machine))
    assert "un réseau à part" in said(allowed)[0]
    monkeypatch.setattr(fetching, "stands_apart", lambda: False)
    assert "aucun direct ne sera récupéré" in said(allowed)[0]
