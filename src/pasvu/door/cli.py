"""The command line: every command is a few lines that call one use case."""

from __future__ import annotations

import importlib
import sys

import click

from pasvu import __version__
from pasvu.channel.errors import PasVuError
from pasvu.door.shell import home_option, log_to_stderr

# Each command and the module it is in, imported when it is asked for: reading the record stays quick.
COMMANDS = {
    "run": "running", "web": "running", "worker": "running", "init": "running", "check": "running", "demo": "running",
    "ingest": "receiving", "replay": "receiving", "replays": "receiving",
    "incoming": "arriving", "quarantine": "arriving",
    "expected": "expecting",
    "episodes": "looking", "jobs": "looking", "job": "looking",
    "episode": "deciding", "schedule": "deciding", "publish-now": "deciding", "unschedule": "deciding",
    "adopt": "deciding",
    "freeze": "freezing", "quota": "spending",
    "remote": "remote",
    "publish": "publishing", "connect": "publishing", "disconnect": "publishing",
    "views": "figures",
    "user": "accounts",
    "backup": "keeping", "restore": "keeping", "key": "keeping",
}  # fmt: skip


class Spoken(click.Group):
    """A group whose known failures are one sentence on stderr and exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the road."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"pasvu.door.commands.{COMMANDS[cmd_name]}")
        found: dict[str, click.Command] = {command.name: command for command in module.COMMANDS}
        return found[cmd_name]

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, and say what went wrong without a traceback when it is known."""
        try:
            return super().invoke(ctx)
        except PasVuError as known:
            click.echo(str(known), err=True)
            sys.exit(1)
        except BrokenPipeError:
            raise  # whoever read us has read enough: click ends quietly
        except OSError as refused:
            where = f" {refused.filename}" if refused.filename else ""
            click.echo(f"Le système refuse{where} ({refused.strerror}) : vérifiez le dossier et ses droits.", err=True)
            sys.exit(1)


@click.group(cls=Spoken, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@home_option
@click.option("--verbose", is_flag=True, help="Log everything to stderr.")
@click.version_option(__version__, prog_name="pasvu")
def main(verbose: bool) -> None:
    """Pas vu à la télé: from the recording to the views, for an alternative video channel."""
    log_to_stderr(verbose)
