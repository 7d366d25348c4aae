"""Expected episodes: announced, recognised when a file comes, put right by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from pasvu.channel.clock import SetClock
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.ingest import moving
from pasvu.ingest.claim import Drop, claim

from .conftest import NOW, Line


@pytest.fixture
def announced(line: Line) -> int:
    line.begin()
    words = ("--at", "2026-11-26T19:00", "--title", "Une nuit aux urgences", "--guest", "Ana Petit: infirmière")
    made: int = line.ask("expected", "add", *words, "--summary", "Douze heures.")["id"]
    return made


def arrive(line: Line, name: str, **more: str) -> dict[str, object]:
    file = line.home / "depot" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(name.encode())
    drop = Drop([str(file).encode()], "watch", **more)
    episode_id = claim(line.record, Folders(line.home), SetClock(NOW), drop)
    document: dict[str, object] = line.ask("episode", "show", episode_id)
    return document


def test_a_date_is_enough_and_the_card_is_filled(line: Line, announced: int) -> None:
    assert [row["title"] for row in line.ask("expected", "list")] == ["Une nuit aux urgences"]
    found = arrive(line, "2026-11-26.mp4", programme="Le grand angle")
    assert (found["title"], found["summary"]) == ("Une nuit aux urgences", "Douze heures.")
    assert found["guests"] == [{"name": "Ana Petit", "role": "infirmière"}]
    assert found["expected"]["id"] == announced  # type: ignore[index]
    assert found["expected"]["confidence"] == 0.6  # type: ignore[index]
    assert found["expected"]["why"] == "même date"  # type: ignore[index]
    assert line.ask("expected", "list") == []
    with line.record.read() as session:
        (remark,) = session.get_one(Episode, str(found["id"])).remarks
    assert "60" in remark.text
    assert "même date" in remark.text
    assert "est arrivé" in line.refused("expected", "drop", str(announced))


def test_what_was_given_with_the_file_stays(line: Line, announced: int) -> None:
    found = arrive(line, "2026-11-26_suite.mp4", title="Mon titre")
    assert (found["title"], found["summary"]) == ("Mon titre", "Douze heures.")


def test_two_that_could_be_meant_are_left_to_a_person(line: Line, announced: int) -> None:
    other = line.ask("expected", "add", "--at", "2026-11-26T21:00", "--title", "Les communs")["id"]
    found = arrive(line, "2026-11-26.mp4")
    assert found["expected"] is None
    with line.record.read() as session:
        (remark,) = session.get_one(Episode, str(found["id"])).remarks
    assert f"n° {other}" in remark.text.replace("\u202f", " ")
    line.call("expected", "match", str(found["id"]), str(other))
    shown = line.ask("episode", "show", str(found["id"]))
    assert (shown["title"], shown["expected"]["confidence"]) == ("Les communs", 1.0)
    line.call("expected", "match", str(found["id"]), str(announced))
    assert line.ask("episode", "show", str(found["id"]))["title"] == "Une nuit aux urgences"
    assert [row["id"] for row in line.ask("expected", "list")] == [other]
    line.call("expected", "unmatch", str(found["id"]))
    assert "rien à défaire" in line.refused("expected", "unmatch", str(found["id"]))
    line.call("expected", "drop", str(other))
    assert [row["id"] for row in line.ask("expected", "list")] == [announced]
    assert len(line.ask("expected", "list", "--all")) == 2
    assert "n° 99" in line.refused("expected", "drop", "99").replace("\u202f", " ")


def test_a_file_given_back_leaves_it_expected(line: Line, announced: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def disturbed(*_words: object, **_kind: object) -> None:
        raise moving.Disturbed("« {name} » vient d’être rouvert.", name="film")

    monkeypatch.setattr(moving, "bring", disturbed)
    with pytest.raises(moving.Disturbed):
        arrive(line, "2026-11-26.mp4")
    assert [row["id"] for row in line.ask("expected", "list")] == [announced]
    assert line.ask("episodes") == []
    assert Path(line.home / "depot" / "2026-11-26.mp4").exists()
