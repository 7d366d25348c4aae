"""Write the tables of docs that the code knows better; `--check` fails when they are stale.

Only what stands between the two marks of a page is written; the rest of the page is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, TypeVar, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from pasvu.channel.settings import ENV_PREFIX, Settings
from pasvu.channel.states import EPISODE_MOVES, EPISODE_WORDS, PUBLICATION_MOVES, PUBLICATION_WORDS
from pasvu.door.cli import main as pasvu

State = TypeVar("State", bound=str)

DOCS = Path(__file__).resolve().parent.parent / "docs"
BEGIN = "<!-- written by scripts/write_reference.py: begin -->"
END = "<!-- written by scripts/write_reference.py: end -->"

# Said once, at the top of the page.
EVERYWHERE = frozenset({"--home", "--help"})

# Where the type alone would say too much, or Python's own words.
TYPES = {"Path": "path", "str": "text", "float": "number", "int": "whole number", "bool": "`true` or `false`"}


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are stale."""
    stale = []
    for page, written in (
        ("settings.md", settings_table()),
        ("commands.md", commands_list()),
        ("map.md", states_tables()),
    ):
        path = DOCS / page
        before = path.read_text(encoding="utf-8")
        after = between_marks(before, written, page)
        if before == after:
            continue
        if "--check" in arguments:
            stale.append(page)
        else:
            path.write_text(after, encoding="utf-8")
    for page in stale:
        print(f"docs/{page} is stale: run `.venv/bin/python scripts/write_reference.py`.", file=sys.stderr)
    return 1 if stale else 0


def between_marks(text: str, written: str, page: str) -> str:
    """The page with `written` between its marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"docs/{page} has lost its marks: {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{written.strip()}\n\n{END}{after}"


def settings_table() -> str:
    """Every setting: name, default, kind, meaning."""
    lines = ["| Setting | In the environment | Default | Kind | |", "|---|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        lines.append(
            f"| `{name}` | `{ENV_PREFIX}{name.upper()}` | {default_of(field)} | {kind_of(field)} "
            f"| {cell(field.description or '')} |"
        )
    return "\n".join(lines)


def default_of(field: FieldInfo) -> str:
    """The default as it would be typed; a dash where there is none."""
    if field.default is None or field.default == "":
        return "–"
    said = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
    return f"`{said}`"


def kind_of(field: FieldInfo) -> str:
    """The kind of value in words."""
    names = str(field.annotation).replace("pathlib.", "")
    if isinstance(field.annotation, type):
        names = field.annotation.__name__
    if get_origin(field.annotation) is Literal:
        return " or ".join(f"`{word}`" for word in get_args(field.annotation))
    return next(words for name, words in TYPES.items() if name in names)


def commands_list() -> str:
    """Every command with its usage, what it does and its options."""
    with click.Context(pasvu, info_name="pasvu", **pasvu.context_settings) as top:
        sections = ["\n\n".join(section(command, context)) for command, context in leaves(pasvu, top)]
        top_options = option_lines(pasvu, top)
    return "\n\n".join(["## pasvu", "`pasvu [OPTIONS] COMMAND`", "\n".join(top_options), *sections])


def leaves(group: click.Group, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """Every command that does something, in the order of the road."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from leaves(command, inner)
        else:
            yield command, inner


def section(command: click.Command, context: click.Context) -> list[str]:
    """One command."""
    options = option_lines(command, context, leave_out=EVERYWHERE)
    arguments = [piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]"]
    usage = " ".join([context.command_path, *arguments, *(["[OPTIONS]"] if options else [])])
    lines = [f"## {context.command_path}", f"`{usage}`", (command.help or "").strip()]
    if options:
        lines.append("\n".join(options))
    return lines


def option_lines(command: click.Command, context: click.Context, leave_out: frozenset[str] = frozenset()) -> list[str]:
    """Each option with what it takes and what for."""
    lines = []
    for option in command.get_params(context):
        if not isinstance(option, click.Option) or leave_out.intersection(option.opts):
            continue
        record = option.get_help_record(context)
        assert record is not None
        spelled, meant = record
        lines.append(f"- `{spelled}`" + (f": {' '.join(meant.split())}" if meant else ""))
    return lines


def states_tables() -> str:
    """Every state of an episode and of a publication, and where each may go."""
    episode = state_lines(EPISODE_MOVES, EPISODE_WORDS)
    publication = state_lines(PUBLICATION_MOVES, PUBLICATION_WORDS)
    return "\n\n".join(
        ("Episode:", episode, "Publication, that is an episode on one platform:", publication),
    )


def state_lines(moves: Mapping[State, Iterable[State]], words: Mapping[State, str]) -> str:
    """One table; moves stand in the order in which states are declared."""
    lines = ["| State | In French | May become |", "|---|---|---|"]
    for state in moves:
        after = ", ".join(f"`{each}`" for each in moves if each in set(moves[state]))
        lines.append(f"| `{state}` | {words[state]} | {after or 'nothing: the end of the road'} |")
    return "\n".join(lines)


def cell(text: str) -> str:
    """Text that does not end a table's cell."""
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
