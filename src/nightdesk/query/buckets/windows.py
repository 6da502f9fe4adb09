"""Windows over buckets: a window holds the buckets that end in it, so its edges are those of buckets."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.buckets import Buckets, Column
from nightdesk.model.series import Times, Values
from nightdesk.query.grid import Indices, Mask


@dataclass(frozen=True, eq=False)
class BucketWindows:
    """Step j's window holds buckets `low[j]:high[j]`; `start` and `end` (ms) are the edges that it has in truth."""

    buckets: Buckets
    start: Times
    end: Times
    low: Indices
    high: Indices

    @classmethod
    def of(cls, buckets: Buckets, start: Times, end: Times, resolution: int) -> "BucketWindows":
        """Cut the windows (start[j], end[j]]; edges before `exact_since` are rounded down to the resolution."""
        low = buckets.ends.searchsorted(start, side="right")
        high = np.maximum(buckets.ends.searchsorted(end, side="right"), low)
        phase = int(end[-1]) % resolution
        true_start, true_end = (_rounded(edge, resolution, phase, buckets.exact_since) for edge in (start, end))
        return cls(buckets, true_start, true_end, low, high)

    @cached_property
    def held(self) -> Mask:
        """Which buckets hold samples, shape (rows, buckets)."""
        return self.buckets[Column.COUNT] > 0

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Samples in each window, shape (rows, steps)."""
        return self.total(Column.COUNT)

    @cached_property
    def first(self) -> Indices:
        """Each window's first bucket that holds samples, shape (rows, steps); some bucket where none does."""
        width = self.held.shape[1]
        places = np.where(self.held, np.arange(width), width)
        following = np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1]
        return np.asarray(np.minimum(following.take(np.minimum(self.low, width - 1), axis=1), width - 1))

    @cached_property
    def last(self) -> Indices:
        """Each window's last bucket that holds samples, shape (rows, steps); some bucket where none does."""
        places = np.where(self.held, np.arange(self.held.shape[1]), -1)
        before = np.maximum.accumulate(places, axis=1)
        return np.asarray(np.maximum(before.take(np.maximum(self.high - 1, 0), axis=1), 0))

    def total(self, column: Column) -> NDArray[np.int64]:
        """Sum a column of counts in each window, shape (rows, steps)."""
        told = self.buckets[column]
        running = np.zeros((told.shape[0], told.shape[1] + 1), dtype=np.int64)
        np.cumsum(told, axis=1, out=running[:, 1:])
        return np.asarray(running.take(self.high, axis=1) - running.take(self.low, axis=1))

    def at(self, column: Column, places: Indices) -> Values:
        """Return a column's values at buckets by number, shape (rows, steps)."""
        return np.take_along_axis(np.asarray(self.buckets[column], dtype=np.float64), places, axis=1)

    def instants(self, column: Column, places: Indices) -> Times:
        """Return instants at buckets by number, shape (rows, steps)."""
        return np.asarray(np.take_along_axis(self.buckets[column], places, axis=1), dtype=np.int64)


def _rounded(edges: Times, resolution: int, phase: int, exact_since: int) -> Times:
    """Return where edges are: from `exact_since` on the buckets end at a phase, so that edges of it stay."""
    down = edges // resolution * resolution
    shifted = np.maximum((edges - phase) // resolution * resolution + phase, exact_since)
    return np.where(edges >= exact_since, shifted, down)
