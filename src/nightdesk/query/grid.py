"""What a node yields: a scalar per step, or a grid of series x steps with a mask of what is present."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import QueryError
from nightdesk.model.label_rows import LabelRows, bytes_made
from nightdesk.model.labels import Labels
from nightdesk.model.series import Values
from nightdesk.query.limits import watched
from nightdesk.query.names import with_name_going, without_going_name
from nightdesk.seams.samples import Budget

Mask: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """One number a step; `values` has shape (steps,)."""

    values: Values


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """An instant vector at every step: row i is the series `labels[i]`.

    `values` and `present` have shape (series, steps); a value counts only where it is present. NaN is a value.
    `refused`, shape (series,), marks rows that were looked at and refused at the last step (see `query.answer`):
    such rows stay in the grid, not present, so that every operator carries them along like any other row.
    """

    labels: list[Labels]
    values: Values
    present: Mask
    refused: Mask

    @classmethod
    def of(cls, labels: list[Labels], values: Values, present: Mask) -> "Grid":
        """Build a grid of which nothing was refused."""
        return cls(labels, values, present, np.zeros(len(labels), dtype=np.bool_))

    @classmethod
    def empty(cls, steps: int) -> "Grid":
        """Build a grid of no series."""
        return cls.of([], np.zeros((0, steps)), np.zeros((0, steps), dtype=np.bool_))

    @property
    def known(self) -> Mask:
        """Rows that were present at the last step or refused there, shape (series,)."""
        if self.present.shape[1] == 0:
            return self.refused
        return np.logical_or(self.present[:, -1], self.refused)

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, indices: Indices) -> "Grid":
        """Return some rows, in the order asked."""
        if len(indices) == len(self.labels) and bool((indices == np.arange(len(indices))).all()):
            return self
        labels = self.labels
        if isinstance(labels, LabelRows):
            key = ("rows", indices.tobytes())
            picked = labels.derived(key, lambda rows: _picked(rows, indices), lambda made: made.bytes)
            return self._of_rows(picked, indices)
        return self._of_rows([labels[index] for index in indices.tolist()], indices)

    def _of_rows(self, labels: list[Labels], indices: Indices) -> "Grid":
        return Grid(labels, self.values[indices], self.present[indices], self.refused[indices])

    def where(self, useful: Mask) -> "Grid":
        """Return the rows that a mask of shape (series,) marks."""
        return self if useful.all() else self.rows(np.flatnonzero(useful))

    def pruned(self) -> "Grid":
        """Return the grid without rows that are neither present at any step nor refused."""
        return self.where(self.present.any(axis=1) | self.refused)

    def with_values(self, values: Values) -> "Grid":
        """Return the same series with other values."""
        return Grid(self.labels, values, self.present, self.refused)

    def repeated(self, steps: int) -> "Grid":
        """Return a grid of one step as it is at each of many."""
        if steps == 1:
            return self
        values, present = np.repeat(self.values, steps, axis=1), np.repeat(self.present, steps, axis=1)
        return Grid(self.labels, values, present, self.refused)

    def keeping(self, kept: Mask, unknown: Mask | None = None) -> "Grid":
        """Return what a filter lets through; rows it drops at the last step are refused, save where `unknown`."""
        present = self.present & kept
        refused = self.known & ~present[:, -1]
        if unknown is not None:
            refused &= ~(unknown[:, -1] & self.present[:, -1])
        return Grid(self.labels, self.values, present, refused)

    def without_name(self) -> "Grid":
        """Return the grid with its metric names going: the answer will lack them (see `query.names`)."""
        return Grid(_changed(self.labels, with_name_going), self.values, self.present, self.refused)

    def settled(self, budget: Budget) -> "Grid":
        """Return the grid as an answer shows it: names that were going are gone, rows of one label set are merged.

        Raises:
            QueryError: two rows of one label set are present at the same step.
        """
        return Grid(_changed(self.labels, without_going_name), self.values, self.present, self.refused).merged(budget)

    def merged(self, budget: Budget) -> "Grid":
        """Return the grid with rows of one label set merged where they do not overlap; raises QueryError else."""
        labels = self.labels
        if isinstance(labels, LabelRows) and labels.derived("unique", lambda rows: len(set(rows)) == len(rows), int):
            return self
        first: dict[Labels, int] = {}
        target = [first.setdefault(labels, len(first)) for labels in self.labels]
        if len(first) == len(target):
            return self
        steps = self.values.shape[1]
        values, present = np.zeros((len(first), steps)), np.zeros((len(first), steps), dtype=np.bool_)
        refused = np.zeros(len(first), dtype=np.bool_)
        for row, place in enumerate(watched(target, budget)):
            here = self.present[row]
            if (present[place] & here).any():
                raise QueryError("vector cannot contain metrics with the same labelset")
            values[place, here] = self.values[row, here]
            present[place] |= here
            refused[place] |= self.refused[row]
        if steps:
            refused &= ~present[:, -1]
        return Grid(list(first), values, present, refused)


def _changed(labels: list[Labels], change: Callable[[Labels], Labels]) -> list[Labels]:
    """Change label sets by a function of a module, which is known by itself: rows remember what it made of them."""
    if isinstance(labels, LabelRows):
        changed = labels.derived(
            ("changed", change), lambda rows: _made_other(rows, change), lambda made: 0 if made is None else made.bytes
        )
        return labels if changed is None else changed
    return [change(one) for one in labels]


def _made_other(rows: LabelRows, change: Callable[[Labels], Labels]) -> LabelRows | None:
    """Change label sets; None where all stay as they are."""
    changed = [change(one) for one in rows]
    made = [new for new, old in zip(changed, rows, strict=True) if new is not old]
    return LabelRows(changed, bytes_made(made)) if made else None


def _picked(labels: list[Labels], indices: Indices) -> LabelRows:
    return LabelRows([labels[index] for index in indices.tolist()])


def stacked(grids: Sequence[Grid]) -> Grid:
    """Put grids of the same steps below each other; rows are not merged."""
    return Grid(
        [labels for grid in grids for labels in grid.labels],
        np.concatenate([grid.values for grid in grids]),
        np.concatenate([grid.present for grid in grids]),
        np.concatenate([grid.refused for grid in grids]),
    )


def side_by_side(parts: Sequence[Grid], rows: list[Labels]) -> Grid:
    """Put grids of steps that follow each other beside each other; `rows` are all label sets, in the order wanted.

    What was refused is what the last of the grids refused: its last step is the last of all.
    """
    place = {labels: row for row, labels in enumerate(rows)}
    shape = (len(rows), sum(part.values.shape[1] for part in parts))
    values, present = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    refused, begin = np.zeros(len(rows), dtype=np.bool_), 0
    for part in parts:
        own, end = np.array([place[labels] for labels in part.labels], dtype=np.intp), begin + part.values.shape[1]
        values[own, begin:end], present[own, begin:end] = part.values, part.present
        begin = end
    refused[own] = parts[-1].refused
    return Grid(rows, values, present, refused)
