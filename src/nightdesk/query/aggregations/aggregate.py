"""Aggregations: sum, avg, min, max, count, group, stddev, stdvar, quantile, count_values."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightdesk.errors import QueryError
from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels, quote
from nightdesk.model.series import Values
from nightdesk.query.grid import Grid, Indices, Mask
from nightdesk.query.kernels.compensated import group_sums
from nightdesk.query.kernels.quantiles import quantile_of_sorted
from nightdesk.query.language.strings import is_utf8
from nightdesk.query.language.tree import Aggregate
from nightdesk.query.names import NAMES, renamed, seen
from nightdesk.seams.samples import Budget


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
            return labels.derived(("groups", node.without, node.grouping), lambda rows: cls._of(rows, node))
        return cls._of(labels, node)

    @classmethod
    def _of(cls, rows: list[Labels], node: Aggregate) -> "Partition":
        key = _key(node)
        found: dict[tuple[tuple[str, str], ...], int] = {}
        groups = np.array([found.setdefault(key(labels), len(found)) for labels in rows], dtype=np.intp)
        sizes = np.bincount(groups, minlength=len(found))
        labels = LabelRows([Labels.from_sorted(pairs) for pairs in found])
        return cls(labels, np.argsort(groups, kind="stable"), np.cumsum(sizes) - sizes, sizes)

    def groups(self, budget: Budget) -> Iterator[tuple[int, Indices]]:
        """Yield each group's number and rows, with a look at the budget now and then."""
        for group, (start, size) in enumerate(zip(self.starts.tolist(), self.sizes.tolist(), strict=True)):
            if group % 64 == 0:
                budget.check()
            yield group, self.order[start : start + size]

    def any(self, rows: Mask) -> Mask:
        """Tell of each group whether any of its rows is marked; shapes (rows, ...) to (groups, ...)."""
        return np.logical_or.reduceat(rows[self.order], self.starts, axis=0)


def _key(node: Aggregate) -> Callable[[Labels], tuple[tuple[str, str], ...]]:
    names = seen(frozenset(node.grouping))
    if node.without:
        left_out = names | NAMES
        return lambda labels: tuple(pair for pair in labels.pairs if pair[0] not in left_out)
    if not names:
        return lambda _: ()
    return lambda labels: tuple(pair for pair in labels.pairs if pair[0] in names)


_Fold = Callable[[Grid, Partition], Values]


def fold(node: Aggregate, grid: Grid) -> Grid:
    """Compute an aggregation without a parameter: one row a group."""
    if not len(grid):
        return grid
    partition = Partition.of(grid, node)
    with np.errstate(all="ignore"):
        values = _FOLDS[node.operator](grid, partition)
    return _grouped(grid, partition, values)


def quantile(node: Aggregate, grid: Grid, wanted: Values, budget: Budget) -> Grid:
    """Compute `quantile(q, v)`; q has shape (steps,)."""
    if not len(grid):
        return grid
    partition = Partition.of(grid, node)
    values = np.zeros((len(partition.labels), grid.values.shape[1]))
    for group, rows in partition.groups(budget):
        present = grid.present[rows]
        held = np.where(present, grid.values[rows], np.nan)
        missing = (np.isnan(held) & present).sum(axis=0)[None, :]
        with np.errstate(all="ignore"):
            values[group] = quantile_of_sorted(wanted, np.sort(held.T, axis=1)[None], present.sum(axis=0), missing)[0]
    return _grouped(grid, partition, values)


def count_values(node: Aggregate, grid: Grid, label: str, budget: Budget, demand: Callable[[int, int], None]) -> Grid:
    """Compute `count_values("label", v)`: how many series of a group have each value.

    Raises:
        QueryError: the label cannot be one.
        QueryLimitExceeded: there are so many values that their counts have no room.
    """
    if not label or not is_utf8(label):
        raise QueryError(f"invalid label name {quote(label)}")
    if not len(grid):
        return grid
    partition = Partition.of(grid, node)
    labels: list[Labels] = []
    counts: list[Values] = []
    steps = grid.values.shape[1]
    for group, rows in partition.groups(budget):
        base = partition.labels[group]
        present = grid.present[rows]
        held = grid.values[rows][present]
        values = np.unique(held)
        demand(len(labels) + len(values), steps)
        labels += [renamed(base, label, _go_decimal(value)) for value in values.tolist()]
        cells = values.searchsorted(held) * steps + np.nonzero(present)[1]
        counts.append(np.bincount(cells, minlength=len(values) * steps).reshape(len(values), steps).astype(np.float64))
    matrix = np.concatenate(counts)
    return Grid.of(labels, matrix, matrix > 0).merged(budget)


def _go_decimal(value: float) -> str:
    """Write a number as Go's 'f' format with the fewest digits that read back."""
    if value != value:
        return "NaN"
    if value in (np.inf, -np.inf):
        return "+Inf" if value > 0 else "-Inf"
    return np.format_float_positional(value, trim="-")


def _grouped(grid: Grid, partition: Partition, values: Values) -> Grid:
    present = partition.any(grid.present)
    refused = partition.any(grid.refused) & ~present[:, -1]
    return Grid(partition.labels, values, present, refused)


# ---------------------------------------------------------------------- folds


def _sum(grid: Grid, partition: Partition) -> Values:
    return group_sums(_filled(grid, partition, 0.0), partition.sizes)


def _filled(grid: Grid, partition: Partition, missing: float) -> Values:
    return np.where(grid.present, grid.values, missing)[partition.order]


def _count(grid: Grid, partition: Partition) -> Values:
    counts = np.add.reduceat(grid.present[partition.order].astype(np.int64), partition.starts, axis=0)
    return counts.astype(np.float64)


def _group(grid: Grid, partition: Partition) -> Values:
    return np.ones((len(partition.labels), grid.values.shape[1]))


def _avg(grid: Grid, partition: Partition) -> Values:
    counts = np.maximum(_count(grid, partition), 1.0)
    means = _sum(grid, partition) / counts
    # A sum of finite values may overflow where their mean does not: then divide before adding.
    overflown = np.isinf(means) & ~partition.any(np.isinf(grid.values) & grid.present)
    if overflown.any():
        each = np.repeat(counts, partition.sizes, axis=0)
        means = np.where(overflown, group_sums(_filled(grid, partition, 0.0) / each, partition.sizes), means)
    return means


def _min(grid: Grid, partition: Partition) -> Values:
    return np.fmin.reduceat(_filled(grid, partition, np.nan), partition.starts, axis=0)


def _max(grid: Grid, partition: Partition) -> Values:
    return np.fmax.reduceat(_filled(grid, partition, np.nan), partition.starts, axis=0)


def _stdvar(grid: Grid, partition: Partition) -> Values:
    # Relative to each group's smallest value: equal values then give exactly 0.
    counts = np.maximum(_count(grid, partition), 1.0)
    present = grid.present[partition.order]
    lowest = np.repeat(_min(grid, partition), partition.sizes, axis=0)
    offset = np.where(present, grid.values[partition.order] - lowest, 0.0)
    mean = np.repeat(group_sums(offset, partition.sizes) / counts, partition.sizes, axis=0)
    spread = np.where(present, np.square(offset - mean), 0.0)
    return group_sums(spread, partition.sizes) / counts


def _stddev(grid: Grid, partition: Partition) -> Values:
    return np.sqrt(_stdvar(grid, partition))


_FOLDS: Final[dict[str, _Fold]] = {
    "sum": _sum,
    "avg": _avg,
    "min": _min,
    "max": _max,
    "count": _count,
    "group": _group,
    "stddev": _stddev,
    "stdvar": _stdvar,
}
