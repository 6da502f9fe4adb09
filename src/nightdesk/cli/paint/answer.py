"""Answers of queries for people: a table, or a plot over time."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nightdesk.cli.answers import QueryAnswer
from nightdesk.cli.paint.paint import clock_time, labels_text, printable
from nightdesk.cli.paint.plot import Line, plot
from nightdesk.model.go_numbers import api_text


def print_answer(console: Console, answer: QueryAnswer, now: int) -> None:
    """Print one line a series: labels, value, and the instant where it is not that of the question."""
    if answer.kind == "string":
        console.print(Text(printable(answer.text)))
    elif not answer.rows:
        console.print(Text("no series answers", "dim"))
    else:
        _print_table(console, answer, now)
    _print_notes(console, answer)


def _print_table(console: Console, answer: QueryAnswer, now: int) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    for row in answer.rows:
        name = Text(printable(labels_text(row.labels)))
        for time, value in zip(row.times, row.values, strict=True):
            table.add_row(name, api_text(value), clock_time(time, now) if answer.kind == "matrix" else "")
            name = Text("")
    console.print(table)


def print_plot(console: Console, answer: QueryAnswer, start: int, end: int, step: int, columns: int) -> None:
    """Print a plot over [start, end] ms that fits into so many columns."""
    if not answer.rows:
        console.print(Text("no series answers in this span", "dim"))
    else:
        lines = [Line(printable(labels_text(row.labels)), row.times, row.values) for row in answer.rows]
        for text in plot(lines, start, end, step, width=max(20, min(columns - 16, 120))):
            console.print(text, no_wrap=True, overflow="ellipsis", crop=True)
    _print_notes(console, answer)


def _print_notes(console: Console, answer: QueryAnswer) -> None:
    for note in answer.notes:
        console.print(Text(f"note: {printable(note)}", "yellow"))
