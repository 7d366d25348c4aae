"""The command line: every command is a few lines that call one use case."""

from __future__ import annotations

import sys

import click

from pasvu import __version__
from pasvu.channel.errors import PasVuError
from pasvu.door.commands import accounts, deciding, figures, keeping, looking, publishing, receiving, running
from pasvu.door.shell import home_option, log_to_stderr


class Spoken(click.Group):
    """A group whose known failures are one sentence on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, and say what went wrong without a traceback when it is known."""
        try:
            return super().invoke(ctx)
        except PasVuError as known:
            click.echo(str(known), err=True)
            sys.exit(1)


@click.group(cls=Spoken, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@home_option
@click.option("--verbose", is_flag=True, help="Log everything to stderr.")
@click.version_option(__version__, prog_name="pasvu")
def main(verbose: bool) -> None:
    """Pas vu à la télé: from the recording to the views, for an alternative video channel."""
    log_to_stderr(verbose)


for module in (running, receiving, looking, deciding, publishing, figures, accounts, keeping):
    for command in module.COMMANDS:
        main.add_command(command)
