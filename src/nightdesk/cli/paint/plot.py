"""A plot of lines in a terminal: two by four Braille dots a character, axes with numbers and times, a legend."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.text import Text

from nightdesk.cli.paint.paint import number

_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bit of each dot in a Braille character, by row and column."""

STYLES: Final = ("cyan", "yellow", "green", "magenta", "blue", "red", "bright_cyan", "bright_yellow")
MARKS: Final = "abcdefgh"
"""A letter stands with each colour in the legend and at the line's last dot, so that no colour is needed to read it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: instants in milliseconds with values; a NaN or infinite value breaks the line."""

    name: str
    times: Sequence[int]
    values: Sequence[float]


def plot(lines: Sequence[Line], start: int, end: int, step: int, *, width: int = 72, height: int = 12) -> list[Text]:
    """Draw at most eight lines over [start, end] ms; points more than one `step` apart are not joined."""
    shown = lines[: len(MARKS)]
    finite = [value for line in shown for value in line.values if math.isfinite(value)]
    if not finite:
        return [Text("nothing to plot: no finite value")]
    low, high = min(finite), max(finite)
    canvas = _Canvas(width, height, (start, end), _padded(low, high))
    for style, line in enumerate(shown):
        canvas.draw(line, step, style)
    for style, line in enumerate(shown):
        canvas.mark(line, style)
    ticks = canvas.ticks_of_flat(low) if low == high else canvas.ticks()
    return [*canvas.rows(ticks), *_legend(shown, len(lines))]


def _padded(low: float, high: float) -> tuple[float, float]:
    """Widen a flat line's range, so that it is drawn in the middle."""
    if low < high:
        return low, high
    margin = abs(low) * 0.05 or 1.0
    return low - margin, high + margin


class _Canvas:
    """Dots by position; the last line drawn gives a character its colour, a letter stands over dots."""

    def __init__(self, width: int, height: int, times: tuple[int, int], values: tuple[float, float]) -> None:
        self._width, self._height = width, height
        self._times, self._values = times, values
        self._bits = [[0] * width for _ in range(height)]
        self._styles = [[0] * width for _ in range(height)]
        self._marks: dict[tuple[int, int], int] = {}
        """Letters by row and column of their character."""

    def draw(self, line: Line, step: int, style: int) -> None:
        last: tuple[int, int] | None = None
        last_time = 0
        for time, value in zip(line.times, line.values, strict=True):
            dot = self._place(time, value)
            if dot is not None:
                joined = last is not None and time - last_time <= step * 1.5
                for column, row in _between(last if joined and last else dot, dot):
                    self._set(column, row, style)
                last_time = time
            last = dot

    def mark(self, line: Line, style: int) -> None:
        """Write the line's letter over its last dot; left of the letters of lines that end there too."""
        ends = [dot for dot in map(self._place, line.times, line.values) if dot is not None and self._holds(dot)]
        if not ends:
            return
        row, column = ends[-1][1] // 4, ends[-1][0] // 2
        while (row, column) in self._marks and column > 0:
            column -= 1
        self._marks[row, column] = style

    def ticks(self) -> dict[int, str]:
        """Return the numbers beside the rows: every fourth, and the last."""
        (low, high), last = self._values, self._height - 1
        rows = (row for row in range(self._height) if row % 4 == 0 or row == last)
        return {row: number(low + (high - low) * (last - row) / last) for row in rows}

    def ticks_of_flat(self, value: float) -> dict[int, str]:
        """Return the numbers where all lines lie on one value: its own, and the edges."""
        low, high = self._values
        return {0: number(high), self._height - 1: number(low), self._row_of(value) // 4: number(value)}

    def rows(self, ticks: Mapping[int, str]) -> Iterator[Text]:
        """Yield the drawing with its axes and the numbers beside them, top first."""
        margin = max(map(len, ticks.values()))
        for row in range(self._height):
            text = Text(f"{ticks.get(row, ''):>{margin}} ┤", "dim")
            for column, (bits, style) in enumerate(zip(self._bits[row], self._styles[row], strict=True)):
                mark = self._marks.get((row, column))
                if mark is None:
                    text.append(chr(0x2800 + bits) if bits else " ", STYLES[style])
                else:
                    text.append(MARKS[mark], STYLES[mark])
            yield text
        first, last = (datetime.fromtimestamp(time / 1000).astimezone() for time in self._times)
        form = "%H:%M:%S" if first.date() == last.date() else "%m-%d %H:%M"
        left, right = first.strftime(form), last.strftime(form)
        yield Text(f"{' ' * margin} └{'─' * self._width}", "dim")
        yield Text(f"{' ' * (margin + 2)}{left}{right:>{max(1, self._width - len(left))}}", "dim")

    def _place(self, time: int, value: float) -> tuple[int, int] | None:
        """Return column and row of a point's dot, which may lie outside; None for what is no finite number."""
        if not math.isfinite(value):
            return None
        start, end = self._times
        across = (time - start) / (end - start) if end > start else 0.5
        return round(across * (self._width * 2 - 1)), self._row_of(value)

    def _row_of(self, value: float) -> int:
        low, high = self._values
        return round((high - value) / (high - low) * (self._height * 4 - 1))

    def _holds(self, dot: tuple[int, int]) -> bool:
        return 0 <= dot[0] < self._width * 2 and 0 <= dot[1] < self._height * 4

    def _set(self, column: int, row: int, style: int) -> None:
        if self._holds((column, row)):
            self._bits[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
            self._styles[row // 4][column // 2] = style


def _between(first: tuple[int, int], last: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the dots of a straight line, both ends included."""
    steps = max(abs(last[0] - first[0]), abs(last[1] - first[1]), 1)
    for step in range(steps + 1):
        yield (
            round(first[0] + (last[0] - first[0]) * step / steps),
            round(first[1] + (last[1] - first[1]) * step / steps),
        )


def _legend(shown: Sequence[Line], count: int) -> Iterator[Text]:
    for style, line in enumerate(shown):
        yield Text.assemble(
            (f"  {MARKS[style]} ", STYLES[style]), line.name, (f"  last {number(line.values[-1])}", "dim")
        )
    if count > len(shown):
        yield Text(f"  and {count - len(shown)} more lines; narrow the query, or use --json", "dim")
