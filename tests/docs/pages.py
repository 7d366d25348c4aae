"""What the pages of documentation say, taken apart: links, code fences, commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

WRITTEN = re.compile(r"<!-- written by (\S+): begin -->.*?<!-- written by \1: end -->", re.DOTALL)
FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
# A file is named with a folder or an ending, and never with a placeholder in it.
FILE = re.compile(r"(?:[\w.-]+/)*[\w.-]+\.(?:py|md|toml|lock|yml|html|css|js|sh)")
ROOM = re.compile(r"(?:channel|ingest|publish|web|demo|door)/[\w./]*")


def pages() -> list[Path]:
    """Every page that people read."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def name_of(page: Path) -> str:
    """The page's path from the project's folder."""
    return page.relative_to(ROOT).as_posix()


def fences(text: str, *kinds: str) -> Iterator[str]:
    """The content of the code fences of these kinds."""
    for found in FENCE.finditer(text):
        if found["kind"] in kinds:
            yield found["text"]


def prose(text: str) -> str:
    """The page without its code fences."""
    return FENCE.sub("", text)


def links(text: str) -> list[str]:
    """Targets of the links that stay in the project, with their anchor."""
    found = [link["target"] for link in LINK.finditer(prose(text))]
    return [target for target in found if "://" not in target and not target.startswith("mailto:")]


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def files_named(text: str) -> set[str]:
    """Files and folders of the project that a page names in code spans."""
    found = set()
    for span in SPAN.findall(prose(text)):
        if FILE.fullmatch(span) or ROOM.fullmatch(span):
            found.add(span)
    return found


def pasvu_calls(text: str) -> list[list[str]]:
    """The words after `pasvu` of every call written by hand: fenced lines, and spans that begin so."""
    text = WRITTEN.sub("", text)
    calls = []
    for line in "\n".join(fences(text, "sh", "ini")).splitlines():
        calls += _calls(re.split(r"\s#\s", line)[0].removeprefix("ExecStart="))
    for span in SPAN.findall(prose(text)):
        calls += _calls(span)
    return [call for call in calls if call]


def _calls(line: str) -> list[list[str]]:
    try:
        words = shlex.split(re.sub(r"\$\([^)]*\)", "2026-11-23", line))
    except ValueError:
        return []
    # Settings may stand before the program: NAME=value pasvu …
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words = words[1:]
    if not words or words[0].rsplit("/", 1)[-1] != "pasvu":
        return []
    return [words[1:]]
