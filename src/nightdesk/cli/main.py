"""The command line `nightdesk`: the table of its commands, and what an error looks like."""

import inspect
import sys
from typing import Final

import typer

from nightdesk.cli.alerts import alerts
from nightdesk.cli.channels import channels
from nightdesk.cli.check import check
from nightdesk.cli.doctor import doctor
from nightdesk.cli.down import down
from nightdesk.cli.equity import equity
from nightdesk.cli.exits import exit_code
from nightdesk.cli.login import login
from nightdesk.cli.query import query
from nightdesk.cli.reload import reload
from nightdesk.cli.report import report
from nightdesk.cli.returns import returns
from nightdesk.cli.status import status
from nightdesk.cli.system import system
from nightdesk.cli.trades import trades
from nightdesk.cli.up import up
from nightdesk.cli.version import version
from nightdesk.cli.vitals import vitals
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
    version,
)

app: Final = typer.Typer(
    name="nightdesk",
    help="The night desk of an automated trading system: it watches, wakes the right person, and says what it cost.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in COMMANDS:
    # The mark keeps the help text's formatter from running the examples together.
    app.command(help=inspect.cleandoc(command.__doc__ or "").replace("Examples:\n", "\b\nExamples:\n"))(command)


def main() -> None:
    """Run the command line and leave with its exit code; an error of ours is one sentence, never a traceback."""
    try:
        app()
    except NightdeskError as error:
        print(f"nightdesk: {error}", file=sys.stderr)  # noqa: T201 - the one place where errors reach a person
        sys.exit(exit_code(error))
