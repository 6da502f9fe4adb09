"""A tearsheet as text: figures with their units, absent ones with their reason; colour never alone."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from nightdesk.cli.paint.paint import printable, sparkline
from nightdesk.report.tearsheet import Block, Curve, Table, Tearsheet

TREND_COLUMNS = 60


def print_report(console: Console, sheet: Tearsheet) -> None:
    """Print the whole report."""
    console.print(Text(printable(sheet.title), "bold"), soft_wrap=True)
    console.print(Text(printable(sheet.subtitle), "dim"), soft_wrap=True)
    for note in sheet.notes:
        console.print(Text(f"! {printable(note)}", "yellow"), soft_wrap=True)
    for curve in (sheet.equity, sheet.drawdown):
        _print_trend(console, curve)
    for block in sheet.blocks:
        _print_block(console, block)
    for table in sheet.tables:
        _print_table(console, table)
    console.print()
    console.print(Text(printable(sheet.footer), "dim"), soft_wrap=True)


def _print_trend(console: Console, curve: Curve | None) -> None:
    """Draw a curve in one row, equal steps of time from the first point to the last."""
    if curve is None:
        return
    row, at = [], 0
    start, span = curve.times[0], curve.times[-1] - curve.times[0]
    for column in range(TREND_COLUMNS):
        until = start + span * (column + 1) // TREND_COLUMNS
        while at + 1 < len(curve.times) and curve.times[at + 1] <= until:
            at += 1
        row.append(curve.values[at])
    known = [value for value in curve.values if value is not None]
    console.print()
    console.print(Text(f"{printable(curve.title)}", "bold"))
    console.print(Text(sparkline(row, min(known), max(known))))


def _print_block(console: Console, block: Block) -> None:
    """Print figures in columns; the reason stands where a figure without a value has no basis to name."""
    console.print()
    grid = Grid(title=Text(block.title, "bold"), title_justify="left", box=None, pad_edge=False, show_header=False)
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(style="dim", overflow="fold")
    for line in block.lines:
        style = "red" if line.is_bad else ""
        grid.add_row(line.title, Text(printable(line.text), style), printable(line.note or line.basis))
    console.print(grid)


def _print_table(console: Console, table: Table) -> None:
    console.print()
    grid = Grid(title=Text(table.title, "bold"), title_justify="left", box=None, pad_edge=False, header_style="dim")
    for place, head in enumerate(table.heads):
        grid.add_column(head, justify="right" if place else "left", overflow="fold")
    for row in table.rows:
        grid.add_row(*_safe(row))
    console.print(grid)
    if table.note:
        console.print(Text(table.note, "dim"), soft_wrap=True)


def _safe(cells: Sequence[str]) -> list[Text]:
    return [Text(printable(cell)) for cell in cells]
