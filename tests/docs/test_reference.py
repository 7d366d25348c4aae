"""The reference says all there is: every command, option and setting, and the states as the code has them."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from pasvu.channel.settings import ENV_PREFIX, Settings
from pasvu.channel.states import EPISODE_MOVES, PUBLICATION_MOVES, EpisodeState, PublicationState
from pasvu.door.cli import main as pasvu

from .pages import ROOT

COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
MAP = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")


def commands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from commands(command, inner)
        else:
            yield inner.command_path, command


ALL = list(commands(pasvu, click.Context(pasvu, info_name="pasvu")))


def section(path: str) -> str:
    _, found, rest = COMMANDS.partition(f"## {path}\n")
    assert found, f"docs/commands.md has no section « {path} »"
    return rest.split("\n## ")[0]


@pytest.mark.parametrize(("path", "command"), ALL, ids=[path for path, _ in ALL])
def test_every_command_and_option_is_documented(path: str, command: click.Command) -> None:
    text = section(path)
    assert (command.help or "nothing").splitlines()[0] in text
    for parameter in command.params:
        if isinstance(parameter, click.Option) and "--home" not in parameter.opts:
            assert all(spelled in text for spelled in parameter.opts), parameter.opts


@pytest.mark.parametrize(("path", "command"), ALL, ids=[path for path, _ in ALL])
def test_home_is_taken_everywhere_as_the_page_says(path: str, command: click.Command) -> None:
    assert any("--home" in parameter.opts for parameter in command.params)
    assert "Every command takes `--home DIR`" in COMMANDS


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    field = Settings.model_fields[name]
    row = next(line for line in SETTINGS.splitlines() if line.startswith(f"| `{name}` |"))
    assert f"`{ENV_PREFIX}{name.upper()}`" in row
    assert field.description
    assert field.description in row
    if field.default not in (None, "", False):
        assert f"`{field.default}`" in row


@pytest.mark.parametrize("moves", [EPISODE_MOVES, PUBLICATION_MOVES], ids=["episode", "publication"])
def test_the_map_has_every_move(moves: dict[EpisodeState, set[EpisodeState]] | dict[PublicationState, object]) -> None:
    table = next(part for part in MAP.split("| State | ")[1:] if all(f"\n| `{state}` |" in part for state in moves))
    for state, after in moves.items():
        row = next(line for line in table.splitlines() if line.startswith(f"| `{state}` |"))
        named = {word.strip(" `") for word in row.split("|")[3].split(",") if "`" in word}
        assert named == {str(each) for each in after}  # type: ignore[attr-defined]


def test_the_pages_are_as_the_code_writes_them() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "write_reference.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_stale_page_is_noticed() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "write_reference.py"))
    between_marks = script["between_marks"]
    assert between_marks(SETTINGS, script["settings_table"](), "settings.md") == SETTINGS
    assert between_marks(SETTINGS, "| else |", "settings.md") != SETTINGS
    with pytest.raises(SystemExit, match="lost its marks"):
        between_marks("no mark here", "", "settings.md")
