"""Long lines on a narrow terminal: words go on below, indented, so that the left edge stays a list of names."""

from typing import Final

from rich.console import Console
from rich.text import Text

from nightdesk.cli.paint.paint import PIPE_WIDTH

_LEAST: Final = 20
"""Columns that words get beside the indent, which gives way on a narrow terminal."""


def print_folded(console: Console, line: Text, indent: int) -> None:
    """Print one line within the console's width; what does not fit goes on below, `indent` columns in.

    From the width of a pipe on it stays one line: a program that reads lines gets each whole.
    """
    if console.width >= PIPE_WIDTH:
        console.print(line, soft_wrap=True)
        return
    indent = min(indent, max(0, console.width - _LEAST))
    head, rest = line.divide([indent])
    edge = head
    for part in rest.wrap(console, max(_LEAST, console.width - indent), overflow="fold"):
        part.rstrip()  # the blank at which it was folded
        console.print(Text.assemble(edge, part), soft_wrap=True)
        edge = Text(" " * indent)
