"""`nightdesk trades`: import trades and fills, list them, show the rows that could not be read."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.import_words import Words, with_words
from nightdesk.cli.importing import File, run_import
from nightdesk.cli.options import DEFAULT_DATA, Data, Json, NoColor


class Action(StrEnum):
    """What to do."""

    IMPORT = "import"
    LIST = "list"
    SET_ASIDE = "set-aside"


@with_words
def trades(
    *,
    action: Annotated[Action, typer.Argument(metavar="ACTION", help="import, list or set-aside.")],
    file: File = None,
    data: Data = DEFAULT_DATA,
    words: Words,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most rows that list and set-aside show.")] = 20,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Import trades and fills, list them, or show the rows that could not be read.

    A freqtrade database (read beside its bot), a freqtrade back-test, the trades of backtesting.py and vectorbt,
    reports of NautilusTrader, fills of pyfolio, or any CSV by a mapping. Importing a file again, or one that grew,
    adds only what is new; no import raises an alert. A row that cannot be read is set aside with its reason, and the
    rest is imported. It works with a desk running on the data folder and without.

    Examples:
        nightdesk trades import tradesv3.sqlite
        nightdesk trades import --mapping broker.toml fills.csv.gz
        nightdesk trades import --starting-balance 10000 tradesv3.sqlite
        nightdesk trades list --limit 5
    """
    if action is Action.IMPORT:
        run_import("trades", file, data, words, json=json, no_color=no_color)
        return
    from nightdesk.cli.paint.ledger import set_aside_lines, trade_lines
    from nightdesk.cli.paint.paint import console, print_json

    path = "/api/desk/trades" if action is Action.LIST else "/api/desk/ledger/set-aside"
    answer = _asked(data.expanduser(), path, limit)
    if json:
        print_json(answer)
        return
    lines = trade_lines(answer) if action is Action.LIST else set_aside_lines(answer)
    out = console(no_color=no_color)
    for line in lines:
        out.print(line, soft_wrap=True, markup=False)


def _asked(data: Path, path: str, limit: int) -> Any:
    """Ask the desk that runs, or answer from the folder in the same words."""
    desk = RunningDesk.on(data)
    if desk is not None:
        return desk.get(path, limit=limit)
    from nightdesk.cli.ledger_answers import from_folder

    return from_folder(data, path, limit)
