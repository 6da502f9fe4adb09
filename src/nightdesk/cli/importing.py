"""What `trades import`, `equity import` and `returns import` share: their options, the way in, and the summary."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.exits import FOUND
from nightdesk.cli.import_words import Words, with_words
from nightdesk.cli.options import DEFAULT_DATA, Data, Json, NoColor

if TYPE_CHECKING:
    from nightdesk.app.trading.importing import Asked, Imported, LedgerDoor

PROGRESS_EVERY: Final = 20_000
"""Rows between two lines of progress."""

File = Annotated[Path | None, typer.Argument(metavar="FILE", help="What to import.")]


class OnlyImport(StrEnum):
    """What a command that only imports can do."""

    IMPORT = "import"


def import_command(kind: str, text: str) -> Callable[..., None]:
    """Return the command that imports rows of a kind and does nothing else; `text` is its help."""

    @with_words
    def command(
        *,
        action: Annotated[OnlyImport, typer.Argument(metavar="ACTION", help="import.")],  # noqa: ARG001 - there is one
        file: File = None,
        data: Data = DEFAULT_DATA,
        words: Words,
        json: Json = False,
        no_color: NoColor = False,
    ) -> None:
        run_import(kind, file, data, words, json=json, no_color=no_color)

    command.__name__, command.__doc__ = kind, text
    return command


def run_import(kind: str, file: Path | None, data: Path, words: Words, *, json: bool, no_color: bool) -> None:
    """Import a file and print what became of it; leaves with 1 where nothing of it could be read."""
    from nightdesk.app.trading.importing import import_file
    from nightdesk.errors import BadPayload

    if file is None:
        raise typer.BadParameter("name the file to import", param_hint="FILE")
    asked = _asked(kind, file.expanduser(), words)
    try:
        with _door(data.expanduser()) as door:
            imported = import_file(door, asked, _teller())
    except BadPayload as error:
        print(f"nightdesk: {error}", file=sys.stderr)  # noqa: T201 - the exit code is not that of a refusal
        raise typer.Exit(FOUND) from None
    _print(file, imported, json=json, no_color=no_color)


def _asked(kind: str, file: Path, words: Words) -> "Asked":
    from nightdesk.app.trading.importing import Asked
    from nightdesk.model.trade import Mode
    from nightdesk.trades.sources.cells import exact_number, zone_of
    from nightdesk.trades.sources.mapping import RowKind
    from nightdesk.trades.sources.reading import RowFault, Stated
    from nightdesk.trades.sources.table import mapping_of

    if words.mode not in ("", *(mode.value for mode in Mode)):
        raise typer.BadParameter("write live, paper or backtest", param_hint="--mode")
    if words.timezone:
        zone_of(words.timezone)
    try:
        balance = exact_number(words.starting_balance) if words.starting_balance else None
    except RowFault as fault:
        raise typer.BadParameter(str(fault), param_hint="--starting-balance") from None
    if balance is not None and balance <= 0:
        raise typer.BadParameter("a balance to begin with is above zero", param_hint="--starting-balance")
    stated = Stated(
        account=words.account,
        bot=words.bot,
        mode=Mode(words.mode) if words.mode else None,
        currency=words.currency,
        timezone=words.timezone,
    )
    return Asked(file, RowKind(kind), stated, mapping_of(words.mapping), balance)


@contextmanager
def _door(data: Path) -> Iterator["LedgerDoor"]:
    """Give the desk that runs on a folder, or else the folder itself, made where it is missing, under its lock."""
    desk = RunningDesk.on(data)
    if desk is not None:
        from nightdesk.cli.ledger_door import DeskDoor

        yield DeskDoor(desk)
        return
    from nightdesk.app.trading.offline import open_ledger

    with open_ledger(data) as trading:
        yield trading


def _teller() -> Callable[[int], None]:
    """Return what tells of progress on the standard error, so that --json stays one document."""
    told = 0

    def tell(rows: int) -> None:
        nonlocal told
        if rows - told >= PROGRESS_EVERY:
            told = rows
            print(f"{rows:,} rows", file=sys.stderr)  # noqa: T201 - progress for people

    return tell


def _print(file: Path, imported: "Imported", *, json: bool, no_color: bool) -> None:
    from nightdesk.cli.paint.paint import console, print_json, printable

    taken = imported.taken
    if json:
        print_json(
            {
                "file": str(file),
                "rows": imported.rows,
                "added": taken.added,
                "known": taken.known,
                "corrected": taken.corrected,
                "set_aside": imported.set_aside,
                "set_aside_rows": [{"row": each.row, "reason": each.reason} for each in imported.shown],
                "portfolios": list(imported.portfolios),
                "notes": list(imported.notes),
            }
        )
        return
    out = console(no_color=no_color)
    read = ", ".join(f"{count:,} {noun}" for noun, count in imported.rows.items()) or "no rows"
    lines = [
        f"{file.name}: {read}; for {'; '.join(imported.portfolios) or 'nobody'}",
        (
            f"{taken.added:,} added, {taken.known:,} known, {taken.corrected:,} corrected,"
            f" {imported.set_aside:,} set aside"
        ),
        *(f"set aside: row {each.row}: {each.reason}" for each in imported.shown),
    ]
    hidden = imported.set_aside - len(imported.shown)
    if hidden:
        lines.append(f"and {hidden:,} more set aside: nightdesk trades set-aside")
    for line in [*lines, *imported.notes]:
        out.print(printable(line), soft_wrap=True, markup=False)
