"""`nightdesk returns`: import reported returns."""

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


def returns(
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
    """Import returns of periods, where a source gives no equity.

    A CSV with a column of dates and one named ret, or any other by a mapping; a return is a ratio (0.01 is one per
    cent) of the period that ends at its date. Figures of money, such as P&L, cannot be made of returns.

    Examples:
        nightdesk returns import returns.csv
        nightdesk returns import --account fund --mode live returns.csv.gz
    """
    words = Words(mapping, account, bot, mode, currency, timezone, starting_balance)
    run_import("returns", file, data, words, json=json, no_color=no_color)
