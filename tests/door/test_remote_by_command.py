"""What a platform shows, by the command line."""

from __future__ import annotations

import pytest

from pasvu.channel.models import Episode

from .conftest import Line


@pytest.fixture
def scheduled(line: Line, reviewable: Episode) -> str:
    line.call(
        "episode", "set", reviewable.id, "category=27", "made_for_kids=non", "title.en=The debate", "playlist=PL1"
    )
    line.call("episode", "approve", reviewable.id)
    line.call("schedule", reviewable.id, "--at", "2036-11-26T19:00")
    return reviewable.id


def test_every_field_of_a_video_is_set_and_shown(line: Line, scheduled: str) -> None:
    shown = line.ask("episode", "show", scheduled)
    assert (shown["category_id"], shown["made_for_kids"], shown["playlist_id"]) == ("27", False, "PL1")
    assert shown["localizations"] == {"en": {"title": "The debate"}}
    line.call("episode", "set", scheduled, "title@youtube=Pour YouTube", "license=creativeCommon", "embeddable=non")
    meant = line.ask("remote", "show", scheduled)["meant"]
    assert (meant["title"], meant["license"], meant["embeddable"]) == ("Pour YouTube", "creativeCommon", False)
    assert line.ask("episode", "show", scheduled)["texts"] == {"youtube": {"title": "Pour YouTube"}}
    assert "oui ni non" in line.refused("episode", "set", scheduled, "embeddable=bof")


def test_changes_for_later_are_planned_shown_and_cancelled(line: Line, scheduled: str) -> None:
    made = line.ask("remote", "change", scheduled, "title=Samedi", "--at", "2036-11-29T10:00")
    assert (made["at"], made["changes"]) == ("2036-11-29T09:00:00Z", {"title": "Samedi"})
    later = line.ask("remote", "change", scheduled, "visibility=unlisted", "--after", "30d")
    assert (later["at"], later["after_s"]) == (None, 30 * 86400)
    assert "Samedi" in line.call("remote", "show", scheduled).output
    line.call("remote", "cancel", scheduled, str(later["id"]))
    first, second = line.ask("remote", "show", scheduled)["planned_changes"]
    assert (first["cancelled_at"], second["cancelled_at"] is not None) == (None, True)
    assert line.refused("remote", "cancel", scheduled, str(later["id"]))
    assert "101 caractères" in line.refused("remote", "change", scheduled, f"title={'x' * 101}", "--after", "1d")
    assert "délai" in line.refused("remote", "change", scheduled, "title=x", "--after", "bientôt")
    assert line.run("remote", "change", scheduled, "title").exit_code == 2
    assert line.run("remote", "change", scheduled, "title=x", "--after", "1d", "--at", "2036-12-01").exit_code == 2


@pytest.mark.parametrize("words", [("change", "title=x"), ("keep", "ours"), ("keep", "theirs"), ("rollback",)])
def test_before_a_video_is_there_nothing_can_be_done_to_it(line: Line, scheduled: str, words: tuple[str, ...]) -> None:
    command, *rest = words
    assert "n’est pas encore sur" in line.refused("remote", command, scheduled, *rest)
    assert line.refused("remote", command, scheduled, *rest, "--platform", "dailymotion")
