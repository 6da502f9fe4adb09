"""Order of an instant answer: by value or by label. A range answer is always in order of labels."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightdesk.model.labels import Labels
from nightdesk.query.functions.signature import STRING, VECTOR, Function, Invocation
from nightdesk.query.grid import Grid
from nightdesk.query.names import without_going_name

_CHUNKS: Final = re.compile(r"[0-9]+|[^0-9]+")


def _by_value(*, reverse: bool) -> Callable[[Invocation], Grid]:
    direction = -1.0 if reverse else 1.0

    def compute(call: Invocation) -> Grid:
        grid = call.grid(0)
        # numpy puts NaN last whatever the direction, as Prometheus does.
        with np.errstate(invalid="ignore"):
            keys = grid.values[:, -1] * direction
        return grid.rows(np.argsort(keys, kind="stable"))

    return compute


def _by_label(*, reverse: bool) -> Callable[[Invocation], Grid]:
    def compute(call: Invocation) -> Grid:
        grid = call.grid(0)
        names = [call.text(index) for index in range(1, len(call))]

        def key(row: int) -> tuple[list[_Natural], Labels]:
            labels = without_going_name(grid.labels[row])
            return [_natural(labels.get(name)) for name in names], labels

        return grid.rows(np.array(sorted(range(len(grid)), key=key, reverse=reverse), dtype=np.intp))

    return compute


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


# fmt: off
ROWS: Final = (
    Function(
        "sort", (VECTOR,), VECTOR, "By value, smallest first, NaN last.", _by_value(reverse=False), keeps_name=True,
    ),
    Function(
        "sort_by_label", (VECTOR, STRING), VECTOR, "By labels' values in natural order (`a2` before `a10`).",
        _by_label(reverse=False), optional=1, repeats=None, experimental=True, keeps_name=True,
    ),
    Function(
        "sort_by_label_desc", (VECTOR, STRING), VECTOR, "By labels' values in natural order, backwards.",
        _by_label(reverse=True), optional=1, repeats=None, experimental=True, keeps_name=True,
    ),
    Function(
        "sort_desc", (VECTOR,), VECTOR, "By value, largest first, NaN last.", _by_value(reverse=True), keeps_name=True,
    ),
)
# fmt: on
