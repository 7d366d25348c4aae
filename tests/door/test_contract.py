"""The command line keeps the contract: every command and option, JSON exact, exit codes, refusals in one sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pasvu.channel.models import Episode
from pasvu.channel.settings import Settings
from pasvu.door.cli import main

from .conftest import Line

DOCS = Path(__file__).parents[2] / "docs"

CONTRACT = {
    "run": ["--no-web", "--no-watch", "--no-worker"],
    "web": [],
    "worker": [],
    "init": ["--admin", "--password-file"],
    "check": ["--json"],
    "demo": ["--json"],
    "ingest": ["--programme", "--title", "--together", "--wait", "--json"],
    "replay": ["--programme", "--wait", "--json"],
    "episodes": ["--state", "--json"],
    "episode show": ["--json"],
    "episode set": [],
    "episode trim": [],
    "episode chapters": [],
    "episode approve": [],
    "episode send-back": ["--note"],
    "episode withdraw": [],
    "schedule": ["--at", "--platform"],
    "unschedule": [],
    "publish": ["--once"],
    "views collect": [],
    "views show": ["--json"],
    "views export": ["--csv"],
    "user add": ["--role"],
    "user list": ["--json"],
    "user disable": [],
    "user password": [],
    "connect youtube": ["--client-secret", "--token-file"],
    "backup": [],
    "restore": [],
    "jobs": ["--watch", "--json"],
    "job cancel": [],
    "job retry": [],
}
ROW = {
    *("id", "slug", "title", "programme", "state", "state_reason", "created_at", "version"),
    *("loudness", "trim", "plan", "master", "preview"),
}
WHOLE = ROW | {"recording", "thumbnails", "chapters", "captions", "publications"}


def every_command() -> Iterator[tuple[str, click.Command]]:
    def walk(group: click.Group, before: str) -> Iterator[tuple[str, click.Command]]:
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            if isinstance(command, click.Group):
                yield from walk(command, f"{before}{name} ")
            else:
                yield f"{before}{name}", command

    return walk(main, "")


def options(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts if name.startswith("--")}


def test_every_command_of_the_contract_is_there() -> None:
    there = dict(every_command())
    for name, wanted in CONTRACT.items():
        assert name in there, name
        assert {"--home", *wanted} <= options(there[name]), name
        assert there[name].help, name


@pytest.mark.parametrize("name", sorted(dict(every_command())))
def test_every_command_and_option_is_documented(name: str) -> None:
    page = (DOCS / "commands.md").read_text()
    assert f"pasvu {name}" in page
    _, _, section = page.partition(f"## pasvu {name}\n")
    section = section.partition("\n## ")[0]
    for option in options(dict(every_command())[name]) - {"--home"}:
        assert option in section, f"{name} {option}"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    page = (DOCS / "settings.md").read_text()
    assert f"`{name}`" in page
    assert f"`PASVU_{name.upper()}`" in page


def test_a_home_is_chosen_before_or_after_the_command(line: Line, tmp_path: Path) -> None:
    line.call("--home", tmp_path / "one", "init")
    line.call("init", "--home", tmp_path / "two")
    assert (tmp_path / "one" / "pasvu.db").exists()
    assert (tmp_path / "two" / "pasvu.db").exists()
    assert not line.home.exists()


def test_an_empty_home_answers_empty_lists(line: Line) -> None:
    assert line.ask("episodes") == []
    assert line.ask("jobs") == []
    assert line.ask("user", "list") == []
    assert line.ask("views", "show") == []


def test_one_episode_as_json(line: Line, reviewable: Episode) -> None:
    document = line.ask("episode", "show", reviewable.slug)
    assert set(document) >= WHOLE
    assert document["id"] == reviewable.id
    assert document["state"] == "in_review"
    assert document["created_at"].endswith("Z")
    assert document["loudness"] == {"integrated_lufs": -20.0, "true_peak_dbtp": -3.0, "range_lu": 6.0}
    assert document["trim"] == {
        "start_s": 5.0,
        "end_s": 55.0,
        "proposed": {"start_s": 5.0, "end_s": 55.0, "why": "Début à 0:05."},
        "removed": [],
    }
    assert document["preview"] is None
    assert document["recording"]["origin"] == "command"
    (part,) = document["recording"]["parts"]
    assert part["video_codec"] == "h264"
    assert set(part) >= {"path", "bytes", "sha256", "duration_s", "container", "width", "height", "fps"}
    assert document["master"]["cut"] == 1
    # By its id, and by the beginning of its slug.
    assert line.ask("episode", "show", reviewable.id) == document
    assert line.ask("episode", "show", "une-nuit") == document


def test_rows_are_episodes_without_their_lists(line: Line, reviewable: Episode) -> None:
    (row,) = line.ask("episodes", "--state", "in_review")
    assert set(row) >= ROW
    assert not set(row) & {"thumbnails", "chapters", "captions", "publications"}
    whole = line.ask("episode", "show", reviewable.id)
    del whole["recording"]["parts"]
    assert row.items() <= whole.items()
    assert line.ask("episodes", "--state", "on_air") == []


def test_unknown_words_are_wrong_usage(line: Line) -> None:
    for words in (["nope"], ["episodes", "--state", "nope"], ["episode", "set", "x", "y"], ["schedule", "x"], ["user"]):
        assert line.run(*words).exit_code == 2, words


def test_what_is_not_there_is_said(line: Line, tmp_path: Path) -> None:
    assert "Aucun épisode « rien »" in line.refused("episode", "show", "rien").replace("\u202f", " ")
    assert "rien.mp4" in line.refused("ingest", tmp_path / "rien.mp4")
    assert "`pasvu jobs`" in line.refused("job", "cancel", "ingest:rien:1:1")
    assert "`pasvu jobs`" in line.refused("job", "retry", "ingest:rien:1:1")
    assert "`pasvu jobs`" in line.refused("job", "retry", "n’importe quoi")


def test_a_mistyped_setting_names_the_nearest(line: Line) -> None:
    line.environ["PASVU_SETLE_S"] = "3"
    assert "settle_s" in line.refused("episodes")


def test_a_folder_that_cannot_be_written_is_said(line: Line, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for words in (
        ["--home", tmp_path / "file" / "home", "episodes"],
        ["backup", tmp_path / "nowhere" / "backup.tgz"],
        ["views", "export", "--csv", tmp_path / "nowhere" / "views.csv"],
    ):
        sentence = line.refused(*words)
        assert "file" in sentence or "nowhere" in sentence


def test_jobs_cannot_be_watched_as_one_document(line: Line) -> None:
    assert line.run("jobs", "--watch", "--json").exit_code == 2


def test_check_says_each_point_with_its_cure(line: Line) -> None:
    lines = line.ask("check")
    assert {each["subject"] for each in lines} >= {
        "version",
        "dossier",
        "disque",
        "ffmpeg",
        "base",
        "travail",
        "youtube",
    }
    assert {each["level"] for each in lines} <= {"ok", "warning", "wrong"}
    (work,) = [each for each in lines if each["subject"] == "travail"]
    assert work["level"] == "warning"
    assert "pasvu run" in work["cure"]
    for mark in ("✓", "!"):
        assert mark in line.call("check").stdout


def test_check_fails_when_something_is_wrong(line: Line) -> None:
    line.environ |= {"PASVU_FREE_DISK_GIB": "1000000", "PASVU_FFMPEG": "/nowhere/ffmpeg"}
    result = line.run("check", "--json")
    assert result.exit_code == 1
    wrong = {each["subject"] for each in json.loads(result.stdout) if each["level"] == "wrong"}
    assert wrong == {"disque", "ffmpeg"}
    assert "ne va pas" in result.stderr
