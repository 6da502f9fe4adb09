"""The command line `nightdesk`: the table of its commands, and what an error looks like."""

import inspect
import os
import sys
from typing import Annotated, Final

import typer

from nightdesk.cli.commands.alerts import alerts
from nightdesk.cli.commands.channels import channels
from nightdesk.cli.commands.check import check
from nightdesk.cli.commands.doctor import doctor
from nightdesk.cli.commands.down import down
from nightdesk.cli.commands.equity import equity
from nightdesk.cli.commands.login import login
from nightdesk.cli.commands.query import query
from nightdesk.cli.commands.reload import reload
from nightdesk.cli.commands.report import report
from nightdesk.cli.commands.returns import returns
from nightdesk.cli.commands.samples import samples
from nightdesk.cli.commands.snapshot import snapshot
from nightdesk.cli.commands.status import status
from nightdesk.cli.commands.system import system
from nightdesk.cli.commands.trades import trades
from nightdesk.cli.commands.up import up
from nightdesk.cli.commands.verify import verify
from nightdesk.cli.commands.version import version
from nightdesk.cli.commands.vitals import vitals
from nightdesk.cli.exits import exit_code
from nightdesk.cli.nearest import Commands
from nightdesk.errors import NightdeskError

COMMANDS: Final = (
    up,
    down,
    reload,
    login,
    status,
    vitals,
    query,
    alerts,
    channels,
    check,
    doctor,
    trades,
    equity,
    returns,
    report,
    system,
    samples,
    snapshot,
    verify,
    version,
)

app: Final = typer.Typer(
    name="nightdesk",
    cls=Commands,
    help="The night desk of an automated trading system: it watches, wakes the right person, and says what it cost.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_release(asked: bool) -> None:  # noqa: FBT001 - as typer calls it
    if asked:
        version()
        raise typer.Exit


@app.callback()
def options(
    *,
    _: Annotated[
        bool, typer.Option("--version", help="Print the release.", is_eager=True, callback=_tell_release)
    ] = False,
) -> None:
    """Take what stands before a command."""


for command in COMMANDS:
    # The mark keeps the help text's formatter from running the examples together.
    app.command(help=inspect.cleandoc(command.__doc__ or "").replace("Examples:\n", "\b\nExamples:\n"))(command)


def main() -> None:
    """Run the command line and leave with its exit code; an error of ours is one sentence, never a traceback."""
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except NightdeskError as error:
        _tell(str(error))
        sys.exit(exit_code(error))
    except OSError as error:
        # Of a file it would be a fault of ours; standard output alone has no name.
        if error.filename is not None:
            raise
        _tell(f"standard output takes no more: {error.strerror}")
        # Nor may the interpreter try once more while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _tell(what: str) -> None:
    print(f"nightdesk: {what}", file=sys.stderr)  # noqa: T201 - the one place where errors reach a person
