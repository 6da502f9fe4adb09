"""Aggregations: sum, avg, min, max, count, group, stddev, stdvar, quantile, count_values."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import QueryError
from nightdesk.model.go_numbers import go_decimal
from nightdesk.model.labels import METRIC_NAME, Labels, quote
from nightdesk.model.series import Values
from nightdesk.query.aggregations.folds import folded
from nightdesk.query.aggregations.partition import Partition, strips
from nightdesk.query.grid import Grid, Indices, Mask
from nightdesk.query.kernels.quantiles import quantile_of_sorted
from nightdesk.query.language.strings import is_utf8
from nightdesk.query.language.tree import Aggregate
from nightdesk.query.limits import watched
from nightdesk.seams.samples import Budget

Whole: TypeAlias = NDArray[np.int64]


def fold(node: Aggregate, grid: Grid, budget: Budget) -> Grid:
    """Compute an aggregation without a parameter: one row a group."""
    if not len(grid):
        return grid
    partition = Partition.of(grid, node)
    with np.errstate(all="ignore"):
        values, present = folded(node.operator, grid, partition, budget)
    return _grouped(grid, partition, values, present)


def quantile(node: Aggregate, grid: Grid, wanted: Values, budget: Budget) -> Grid:
    """Compute `quantile(q, v)`; q has shape (steps,)."""
    if not len(grid):
        return grid
    partition = Partition.of(grid, node)
    values = np.zeros((len(partition.labels), grid.values.shape[1]))
    for group, rows in partition.groups(budget):
        for cut in strips(len(rows), len(wanted), budget):
            present = grid.present[rows, cut]
            held = np.where(present, grid.values[rows, cut], np.nan)
            missing = (np.isnan(held) & present).sum(axis=0)[None, :]
            held = np.sort(held.T, axis=1)[None]
            with np.errstate(all="ignore"):
                values[group, cut] = quantile_of_sorted(wanted[cut], held, present.sum(axis=0), missing)[0]
    return _grouped(grid, partition, values, partition.any(grid.present))


def count_values(node: Aggregate, grid: Grid, label: str, budget: Budget, demand: Callable[[int, int], None]) -> Grid:
    """Compute `count_values("label", v)`: how many series of a group have each value.

    The label counts as set before the rows are grouped: it replaces one of its name, and where `without` takes it away
    again, as it always takes the name, the series of all values are counted together.

    Raises:
        QueryError: the label cannot be one.
        QueryLimitExceeded: there are so many values that their counts do not fit into memory.
    """
    if not label or not is_utf8(label):
        raise QueryError(f"invalid label name {quote(label)}")
    if not len(grid):
        return grid
    if node.without and label in (METRIC_NAME, *node.grouping):
        return fold(replace(node, operator="count"), grid, budget)
    partition = Partition.of(grid, _regardless_of(label, node))
    labels: list[Labels] = []
    counts: list[Values] = []
    steps = grid.values.shape[1]
    for group, rows in partition.groups(budget):
        base = partition.labels[group]
        keys = np.empty(0, dtype=np.int64)
        for cut in strips(len(rows), steps, budget):
            keys = np.union1d(keys, _keys(grid.values[rows, cut][grid.present[rows, cut]]))
            demand(len(labels) + len(keys), steps)
        values: list[float] = _turned(keys).view(np.float64).tolist()
        labels += [base.merged({label: go_decimal(value)}) for value in watched(values, budget)]
        counts.append(_counted(keys, grid, rows, budget))
    matrix = np.concatenate(counts)
    return Grid.of(labels, matrix, matrix > 0)


def _regardless_of(label: str, node: Aggregate) -> Aggregate:
    """Return an aggregation that groups as another does once all rows have the same value of a label."""
    others = tuple(name for name in node.grouping if name != label)
    return replace(node, grouping=(*others, label) if node.without else others)


def _keys(values: Values) -> Whole:
    """Give each number an integer of its own, in their order; all that is no number shares the last."""
    return _turned(np.where(np.isnan(values), np.nan, values).view(np.int64))


def _turned(bits: Whole) -> Whole:
    """Turn the bits of numbers into integers of the same order, and back (IEEE 754-2019, 5.10, totalOrder).

    So -0 and 0 stay apart, which Prometheus writes as two labels.
    """
    return bits ^ (bits >> 63 & np.iinfo(np.int64).max)


def _counted(keys: Whole, grid: Grid, rows: Indices, budget: Budget) -> Values:
    """Count how often each number, given by its sorted key, stands in some rows; shape (keys, steps)."""
    counts = np.empty((len(keys), grid.values.shape[1]))
    for cut in strips(len(rows), counts.shape[1], budget):
        present, width = grid.present[rows, cut], cut.stop - cut.start
        held = _keys(grid.values[rows, cut][present])
        cells = keys.searchsorted(held) * width + np.nonzero(present)[1]
        counts[:, cut] = np.bincount(cells, minlength=len(keys) * width).reshape(len(keys), width)
    return counts


def _grouped(grid: Grid, partition: Partition, values: Values, present: Mask) -> Grid:
    refused = partition.any(grid.refused) & ~present[:, -1]
    return Grid(partition.labels, values, present, refused)
