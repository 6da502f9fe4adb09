"""`nightdesk equity`: import equity marks, deposits and withdrawals."""

from enum import StrEnum
from typing import Annotated

import typer

from nightdesk.cli.importing import (
    Account,
    Balance,
    Bot,
    Currency,
    File,
    MappingName,
    ModeName,
    Words,
    Zone,
    run_import,
)
from nightdesk.cli.options import DEFAULT_DATA, Data, Json, NoColor


class Action(StrEnum):
    """What to do."""

    IMPORT = "import"


def equity(
    *,
    action: Annotated[Action, typer.Argument(metavar="ACTION", help="import.")],  # noqa: ARG001 - there is one
    file: File = None,
    data: Data = DEFAULT_DATA,
    mapping: MappingName = "",
    starting_balance: Balance = "",
    account: Account = "main",
    bot: Bot = None,
    mode: ModeName = "",
    currency: Currency = "",
    timezone: Zone = "",
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Import what an account was worth, or money put in and taken out.

    A CSV with a column of times and one named Equity, or any other by a mapping; a mapping of kind "flows" reads
    deposits and withdrawals, which are never profit. Marks of one instant are kept once; a later import corrects them.
    Equity belongs to the account, unless a bot is named, and to the mode of all else in it, unless --mode says so.

    Examples:
        nightdesk equity import equity.csv
        nightdesk equity import --mapping deposits.toml --currency EUR deposits.csv
    """
    words = Words(mapping, account, bot, mode, currency, timezone, starting_balance)
    run_import("equity", file, data, words, json=json, no_color=no_color)
