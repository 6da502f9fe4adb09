"""Rows of a vector in groups, and the vector in strips of some steps, so that work on it takes little beside it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightdesk.model.label_rows import LabelRows, bytes_made
from nightdesk.model.labels import Labels
from nightdesk.query.grid import Grid, Indices, Mask
from nightdesk.query.language.tree import Aggregate
from nightdesk.query.names import NAMES, seen
from nightdesk.seams.samples import Budget

_CELLS: Final = 1 << 18
"""Cells of a strip: an aggregation works with some ten arrays of its size."""
_LEAST_STEPS: Final = 8
"""Steps of a strip, at least: as many numbers as a cache line holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """Rows of a vector in groups: group g holds rows `order[starts[g] : starts[g] + sizes[g]]`, each in their order."""

    labels: list[Labels]
    order: Indices
    starts: Indices
    sizes: Indices

    @classmethod
    def of(cls, grid: Grid, node: Aggregate) -> "Partition":
        """Group the rows as `by` or `without` says, groups in order of first sight."""
        labels = grid.labels
        if isinstance(labels, LabelRows):
            key = ("groups", node.without, node.grouping)
            return labels.derived(key, lambda rows: cls._of(rows, node), lambda made: made.bytes)
        return cls._of(labels, node)

    @classmethod
    def _of(cls, rows: list[Labels], node: Aggregate) -> "Partition":
        key = _key(node)
        found: dict[tuple[tuple[str, str], ...], int] = {}
        groups = np.array([found.setdefault(key(labels), len(found)) for labels in rows], dtype=np.intp)
        sizes = np.bincount(groups, minlength=len(found))
        labels = [Labels.from_sorted(pairs) for pairs in found]
        labels = LabelRows(labels, bytes_made(labels)) if isinstance(rows, LabelRows) else labels
        return cls(labels, np.argsort(groups, kind="stable"), np.cumsum(sizes) - sizes, sizes)

    @property
    def bytes(self) -> int:
        """Bytes of a partition of rows that remember it."""
        labels = self.labels.bytes if isinstance(self.labels, LabelRows) else 0
        return labels + self.order.nbytes + self.starts.nbytes + self.sizes.nbytes

    def groups(self, budget: Budget) -> Iterator[tuple[int, Indices]]:
        """Yield each group's number and rows, with a look at the budget now and then."""
        for group, (start, size) in enumerate(zip(self.starts.tolist(), self.sizes.tolist(), strict=True)):
            if group % 64 == 0:
                budget.check()
            yield group, self.order[start : start + size]

    def any(self, rows: Mask) -> Mask:
        """Tell of each group whether any of its rows is marked; shapes (rows, ...) to (groups, ...)."""
        return np.logical_or.reduceat(rows[self.order], self.starts, axis=0)


def strips(rows: int, steps: int, budget: Budget) -> Iterator[slice]:
    """Cut the steps of so many rows into strips, with a look at the budget between them."""
    width = max(_LEAST_STEPS, _CELLS // max(1, rows))
    for start in range(0, steps, width):
        if start:
            budget.check()
        yield slice(start, min(start + width, steps))


def _key(node: Aggregate) -> Callable[[Labels], tuple[tuple[str, str], ...]]:
    names = seen(frozenset(node.grouping))
    if node.without:
        left_out = names | NAMES
        return lambda labels: tuple(pair for pair in labels.pairs if pair[0] not in left_out)
    if not names:
        return lambda _: ()
    return lambda labels: tuple(pair for pair in labels.pairs if pair[0] in names)
