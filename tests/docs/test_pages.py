"""The pages are true: links lead somewhere, named files exist, commands and make targets can be typed as written."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest

from pasvu.channel.settings import Settings
from pasvu.channel.typography import fine
from pasvu.door.cli import main as pasvu

from . import pages
from .pages import ROOT

PAGES = pages.pages()
NAMES = [pages.name_of(page) for page in PAGES]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
# Named because they are written in the home or on another machine, not in the project.
ELSEWHERE = {"pasvu.toml", "pasvu-home/pasvu.toml"}

# A file is named from the project's folder, or from a room or a platform when the page speaks of it.
SOURCE = ROOT / "src" / "pasvu"
PLACES = (ROOT, SOURCE, SOURCE / "publish")
FILE_NAMES = {path.name for folder in (SOURCE, ROOT / "scripts", ROOT / "docs") for path in folder.rglob("*")}
FILE_NAMES |= {path.name for path in ROOT.iterdir()}

# Not « page », which is the browser's.
each_page = pytest.mark.parametrize("leaf", PAGES, ids=NAMES)


def test_the_pages_that_are_promised_exist() -> None:
    wanted = ["README", "CONTRIBUTING", "CHANGELOG", "docs/guide.fr", "docs/map", "docs/glossary", "docs/settings"]
    wanted += ["docs/commands", "docs/operations", "docs/add-a-platform", "docs/panel", "docs/decisions/README"]
    assert {f"{name}.md" for name in wanted} <= set(NAMES)
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in (ROOT / "LICENSE").read_text(encoding="utf-8")


@each_page
def test_links_lead_somewhere(leaf: Path) -> None:
    text = leaf.read_text(encoding="utf-8")
    for link in pages.links(text):
        target, _, anchor = link.partition("#")
        there = (leaf.parent / target).resolve() if target else leaf
        assert there.exists(), f"{pages.name_of(leaf)} links to {link}, which is not there"
        if anchor:
            assert anchor in pages.anchors(there.read_text(encoding="utf-8")), f"no heading for {link}"


@each_page
def test_named_files_exist(leaf: Path) -> None:
    for name in pages.files_named(leaf.read_text(encoding="utf-8")) - ELSEWHERE:
        if "/" in name:
            assert any((place / name).exists() for place in (*PLACES, leaf.parent)), f"{name} is not there"
        elif leaf.name != "add-a-platform.md":  # which lists the files of a platform that is still to be written
            assert name in FILE_NAMES, f"{name} is not there"


def calls() -> list[tuple[str, tuple[str, ...]]]:
    found = {
        (pages.name_of(page), tuple(call)) for page in PAGES for call in pages.pasvu_calls(page.read_text("utf-8"))
    }
    return sorted(found)


CALLS = calls()


def test_calls_are_found() -> None:
    # The next test would be empty, and true, if the pages' calls were no longer recognised.
    assert len(CALLS) > 30
    assert ("docs/commands.md", ("episode", "approve", "une-nuit")) in CALLS


@pytest.mark.parametrize(("leaf", "call"), CALLS, ids=[f"{leaf}: {' '.join(call)}" for leaf, call in CALLS])
def test_calls_can_be_typed_as_written(
    leaf: str, call: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = [_there(word) for word in call]
    command: click.Command = pasvu
    context = click.Context(pasvu, info_name="pasvu")
    while isinstance(command, click.Group) and words:
        command.parse_args(context, words)
        rest = [*context._protected_args, *context.args]
        found = command.get_command(context, rest[0])
        assert found is not None, f"{leaf}: there is no `pasvu {' '.join(call)}`"
        command, words = found, rest[1:]
        context = click.Context(command, info_name=found.name, parent=context)
    if words:  # else it is only named: `pasvu restore`
        command.parse_args(context, words)


def _there(word: str) -> str:
    """The word as written; a file that it names is put where the call finds it."""
    if word != "FILE" and not re.search(r"\.\w{2,4}$", word):
        return word
    inside = Path(word.lstrip("~/"))
    inside.parent.mkdir(parents=True, exist_ok=True)
    inside.touch()
    return str(inside)


@each_page
def test_make_targets_exist(leaf: Path) -> None:
    text = leaf.read_text(encoding="utf-8")
    spoken = [line.split("#")[0] for fence in pages.fences(text, "sh") for line in fence.splitlines()]
    spoken += pages.SPAN.findall(pages.prose(text))
    named = {found[1] for line in spoken if (found := re.match(r"\s*make ([a-z]+)", line))}
    assert named <= TARGETS


def test_the_readme_shows_the_two_commands_first() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first = next(pages.fences(readme, "sh"))
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["make run", "make test"]
    assert readme.index("make run") < 1200
    assert readme.index("docs/images/board.png") < readme.index("make run")


@each_page
def test_settings_in_examples_exist(leaf: Path) -> None:
    text = leaf.read_text(encoding="utf-8")
    for fence in pages.fences(text, "toml"):
        assert set(tomllib.loads(fence)) <= set(Settings.model_fields)
    for name in re.findall(r"PASVU_([A-Z_]+)", text):
        known = name.lower().removesuffix("_file")
        assert name in ("NAME", "CAMPAIGN", "") or {name.lower(), known} & set(Settings.model_fields), name


def test_french_is_set_as_french() -> None:
    guide = (ROOT / "docs" / "guide.fr.md").read_text(encoding="utf-8")
    for number, line in enumerate(pages.prose(guide).splitlines(), 1):
        plain = pages.SPAN.sub("", line)
        assert plain == fine(plain), f"docs/guide.fr.md, line {number}: a plain space before or after punctuation"
        assert "'" not in plain, f"docs/guide.fr.md, line {number}: a straight apostrophe"


def test_every_promise_names_a_test_that_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d)\. .+\| (.+) \|$", readme, re.MULTILINE)
    assert [number for number, _ in rows] == list("123456")
    for _, cell in rows:
        named = re.findall(r"\((tests/[\w/]+\.py)\)", cell)
        assert named
        for test in named:
            assert "def test_" in (ROOT / test).read_text(encoding="utf-8")
