"""Aggregations without a parameter: sum, avg, min, max, count, group, stddev, stdvar.

Steps know no other, so each strip of them is folded by itself: the arrays it takes stay small, whatever the width.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from nightdesk.model.series import Values
from nightdesk.query.aggregations.partition import Partition, strips
from nightdesk.query.grid import Grid, Mask
from nightdesk.query.kernels.compensated import group_sums
from nightdesk.seams.samples import Budget


def folded(operator: str, grid: Grid, partition: Partition, budget: Budget) -> tuple[Values, Mask]:
    """Fold each group's rows into one; values and what is present, both of shape (groups, steps)."""
    fold, steps = _FOLDS[operator], grid.values.shape[1]
    values = np.empty((len(partition.labels), steps))
    present = np.empty(values.shape, dtype=np.bool_)
    for cut in strips(len(grid), steps, budget):
        if cut == slice(0, steps):
            return fold(_Strip(grid.values, grid.present, partition)), partition.any(grid.present)
        strip = _Strip(grid.values[:, cut], grid.present[:, cut], partition)
        values[:, cut], present[:, cut] = fold(strip), partition.any(strip.present)
    return values, present


class _Strip:
    """Some steps of a vector, as views; rows are in the order of the vector."""

    __slots__ = ("partition", "present", "values")

    def __init__(self, values: Values, present: Mask, partition: Partition) -> None:
        self.values, self.present, self.partition = values, present, partition

    def filled(self, missing: float) -> Values:
        """Return the values in order of group, and a number where there is none."""
        return np.where(self.present, self.values, missing)[self.partition.order]

    def sums(self, values: Values) -> Values:
        """Sum values that are in order of group."""
        return group_sums(values, self.partition.sizes)

    def spread(self, values: Values) -> Values:
        """Give each row, in order of group, the value of its group."""
        return np.repeat(values, self.partition.sizes, axis=0)


_Fold: TypeAlias = Callable[[_Strip], Values]


def _sum(strip: _Strip) -> Values:
    return strip.sums(strip.filled(0.0))


def _count(strip: _Strip) -> Values:
    partition = strip.partition
    counts = np.add.reduceat(strip.present[partition.order].astype(np.int64), partition.starts, axis=0)
    return counts.astype(np.float64)


def _group(strip: _Strip) -> Values:
    return np.ones((len(strip.partition.labels), strip.values.shape[1]))


def _avg(strip: _Strip) -> Values:
    counts = np.maximum(_count(strip), 1.0)
    means = _sum(strip) / counts
    # A sum of finite values may overflow where their mean does not: then divide before adding.
    overflown = np.isinf(means) & ~strip.partition.any(np.isinf(strip.values) & strip.present)
    if overflown.any():
        means = np.where(overflown, strip.sums(strip.filled(0.0) / strip.spread(counts)), means)
    return means


def _min(strip: _Strip) -> Values:
    return np.fmin.reduceat(strip.filled(np.nan), strip.partition.starts, axis=0)


def _max(strip: _Strip) -> Values:
    return np.fmax.reduceat(strip.filled(np.nan), strip.partition.starts, axis=0)


def _stdvar(strip: _Strip) -> Values:
    # Relative to each group's smallest value: equal values then give exactly 0.
    counts = np.maximum(_count(strip), 1.0)
    order = strip.partition.order
    present = strip.present[order]
    offset = np.where(present, strip.values[order] - strip.spread(_min(strip)), 0.0)
    mean = strip.spread(strip.sums(offset) / counts)
    return strip.sums(np.where(present, np.square(offset - mean), 0.0)) / counts


def _stddev(strip: _Strip) -> Values:
    return np.sqrt(_stdvar(strip))


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
