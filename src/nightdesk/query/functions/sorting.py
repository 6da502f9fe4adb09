"""Order of an instant answer: by value or by label. A range answer is always in order of labels."""

import re
from typing import Final

import numpy as np

from nightdesk.model.labels import Labels
from nightdesk.query.functions.signature import Invocation
from nightdesk.query.grid import Grid

_DIGITS: Final = re.compile(r"(\d+)")


def sort(call: Invocation) -> Grid:
    """By value, smallest first, NaN last."""
    return _by_value(call.grid(0), 1.0)


def sort_desc(call: Invocation) -> Grid:
    """By value, largest first, NaN last."""
    return _by_value(call.grid(0), -1.0)


def _by_value(grid: Grid, direction: float) -> Grid:
    # numpy puts NaN last whatever the direction, as Prometheus does.
    return grid.rows(np.argsort(grid.values[:, -1] * direction, kind="stable"))


def sort_by_label(call: Invocation) -> Grid:
    """By labels' values in natural order (`a2` before `a10`), ties by all labels."""
    return _by_label(call, reverse=False)


def sort_by_label_desc(call: Invocation) -> Grid:
    """By labels' values in natural order, backwards."""
    return _by_label(call, reverse=True)


def _by_label(call: Invocation, *, reverse: bool) -> Grid:
    grid = call.grid(0)
    names = [call.text(index) for index in range(1, len(call))]

    def key(row: int) -> tuple[list[list[tuple[int, int, str]]], Labels]:
        labels = grid.labels[row]
        return [_natural(labels.get(name)) for name in names], labels

    return grid.rows(np.array(sorted(range(len(grid)), key=key, reverse=reverse), dtype=np.intp))


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Split a value so that runs of digits compare as numbers, and before letters."""
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in _DIGITS.split(text) if part]
