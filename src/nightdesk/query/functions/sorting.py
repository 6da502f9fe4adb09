"""Order of an instant answer: by value or by label. A range answer is always in order of labels."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightdesk.model.labels import Labels
from nightdesk.query.functions.signature import Invocation
from nightdesk.query.grid import Grid
from nightdesk.query.names import without_going_name

_CHUNKS: Final = re.compile(r"[0-9]+|[^0-9]+")


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

    def key(row: int) -> tuple[list[_Natural], Labels]:
        labels = without_going_name(grid.labels[row])
        return [_natural(labels.get(name)) for name in names], labels

    return grid.rows(np.array(sorted(range(len(grid)), key=key, reverse=reverse), dtype=np.intp))


@dataclass(frozen=True, slots=True)
class _Natural:
    """A value in runs of digits and of anything else: two runs of digits compare as numbers, the rest as text."""

    chunks: tuple[str, ...]

    def __lt__(self, other: "_Natural") -> bool:
        for mine, theirs in zip(self.chunks, other.chunks, strict=False):
            numbers = mine[0].isdigit() and theirs[0].isdigit()
            if numbers and int(mine) != int(theirs):
                return int(mine) < int(theirs)
            if not numbers and mine != theirs:
                return mine < theirs
        return len(self.chunks) < len(other.chunks)


def _natural(text: str) -> _Natural:
    return _Natural(tuple(_CHUNKS.findall(text)))
