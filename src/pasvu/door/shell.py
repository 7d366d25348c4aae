"""What every command shares: the house it opens, how it shows, how it says no."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from pasvu.channel.settings import Settings, load
from pasvu.door.house import House, opened

F = TypeVar("F", bound=Callable[..., Any])

CONSOLE_ACTOR = "console"
"""Who acts in the journal when a command does: whoever may run it may read the whole home."""

home_option = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    expose_value=False,
    callback=lambda context, _param, value: _remember(context, value),
    help="The folder that holds all data (PASVU_HOME).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, and nothing else.")


def _remember(context: click.Context, value: Path | None) -> None:
    if value is not None:
        context.ensure_object(dict)["home"] = value


def settings() -> Settings:
    """The settings of this run."""
    found = click.get_current_context().ensure_object(dict)
    return load(found.get("home"))


def house() -> AbstractContextManager[House]:
    """The house of this run, opened."""
    return opened(settings())


def show(document: Any, as_json: bool, human: Callable[[], None]) -> None:
    """Write the document as JSON, or let `human` write for eyes."""
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        human()


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write rows for eyes; an unknown value is a dash."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        drawn.add_row(*("–" if cell is None else str(cell) for cell in row))
    Console().print(drawn)


def say(sentence: str) -> None:
    """Tell the person something that is not the result."""
    click.echo(sentence, err=True)


def log_to_stderr(verbose: bool) -> None:
    """Logs go to stderr: stdout is for results."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
