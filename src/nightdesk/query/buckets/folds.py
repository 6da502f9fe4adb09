"""What can be told of a window from its buckets; rows of functions (`functions.table`) say which takes what."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightdesk.model.buckets import Column
from nightdesk.model.instant import SECOND
from nightdesk.model.series import Values
from nightdesk.query.buckets.quantiles import window_quantiles
from nightdesk.query.buckets.windows import BucketWindows
from nightdesk.query.kernels.compensated import window_sums
from nightdesk.query.kernels.extrapolation import Edges, extrapolated, sums_between
from nightdesk.query.kernels.extremes import window_extremes

Wanted = Values | None
"""The quantile wanted at each step, for the one function that takes such."""


@dataclass(frozen=True, slots=True)
class BucketFold:
    """How a function is told from buckets: the columns it takes, and `compute`, which answers (rows, steps)."""

    columns: frozenset[Column]
    compute: Callable[[BucketWindows, Wanted], Values]
    minimum: int = 1
    """Samples that a window needs."""
    sketches: bool = False
    """Takes sketches too, and a quantile for each step."""


def _sum(windows: BucketWindows, _: Wanted) -> Values:
    sums = np.where(windows.held, windows.buckets[Column.SUM], 0.0)
    return np.where(windows.total(Column.MISSING) > 0, np.nan, window_sums(sums, windows.low, windows.high))


def _mean(windows: BucketWindows, _: Wanted) -> Values:
    return _sum(windows, None) / np.maximum(windows.counts, 1)


def _count(windows: BucketWindows, _: Wanted) -> Values:
    return windows.counts.astype(np.float64)


def _present(windows: BucketWindows, _: Wanted) -> Values:
    return np.ones(windows.counts.shape)


def _lowest(windows: BucketWindows, _: Wanted) -> Values:
    lows = np.where(windows.held, windows.buckets[Column.LOW], np.nan)
    return window_extremes(lows, windows.low, windows.high, np.fmin)


def _highest(windows: BucketWindows, _: Wanted) -> Values:
    highs = np.where(windows.held, windows.buckets[Column.HIGH], np.nan)
    return window_extremes(highs, windows.low, windows.high, np.fmax)


def _first(windows: BucketWindows, _: Wanted) -> Values:
    return windows.at(Column.FIRST, windows.first)


def _last(windows: BucketWindows, _: Wanted) -> Values:
    return windows.at(Column.LAST, windows.last)


def _first_seconds(windows: BucketWindows, _: Wanted) -> Values:
    return windows.instants(Column.FIRST_TIME, windows.first) / SECOND


def _last_seconds(windows: BucketWindows, _: Wanted) -> Values:
    return windows.instants(Column.LAST_TIME, windows.last) / SECOND


def _moved(*, counter: bool, per_second: bool) -> Callable[[BucketWindows, Wanted], Values]:
    def compute(windows: BucketWindows, _: Wanted) -> Values:
        edges = Edges(
            first=_first(windows, None),
            change=_last(windows, None) - _first(windows, None),
            begun=windows.instants(Column.FIRST_TIME, windows.first),
            ended=windows.instants(Column.LAST_TIME, windows.last),
            counts=windows.counts,
        )
        if counter:
            edges.change[:] += _lost(windows)
        return extrapolated(edges, windows.start, windows.end, counter=counter, per_second=per_second)

    return compute


def _lost(windows: BucketWindows) -> Values:
    """Return what a counter lost in the resets of each window, between buckets and inside them."""
    buckets, held = windows.buckets, windows.held
    inside = np.where(held, buckets[Column.LOST], 0.0)
    places = np.maximum.accumulate(np.where(held, np.arange(held.shape[1]), -1), axis=1)
    before = np.concatenate([np.full((len(held), 1), -1), places[:, :-1]], axis=1)
    stood = np.take_along_axis(np.asarray(buckets[Column.LAST]), np.maximum(before, 0), axis=1)
    fell = held & (before >= 0) & (buckets[Column.FIRST] < stood)
    border = np.where(fell, stood, 0.0)
    total = sums_between(inside, windows.low, windows.high)
    # The border before a window's first bucket is not in it; where that bucket is empty, nor that of its first sample.
    total += sums_between(border, np.minimum(windows.low + 1, windows.high), windows.high)
    beyond = np.take_along_axis(border, windows.first, axis=1)
    return np.where(windows.first > windows.low, total - beyond, total)


def _quantile(windows: BucketWindows, wanted: Wanted) -> Values:
    assert wanted is not None
    return window_quantiles(windows, wanted, _lowest(windows, None), _highest(windows, None))


_EDGES: Final = {Column.FIRST, Column.LAST, Column.FIRST_TIME, Column.LAST_TIME}


def _fold(compute: Callable[[BucketWindows, Wanted], Values], *columns: Column) -> BucketFold:
    return BucketFold(frozenset({Column.COUNT, *columns}), compute)


def _rate(*, counter: bool, per_second: bool) -> BucketFold:
    columns = frozenset({Column.COUNT, *_EDGES, *({Column.LOST} if counter else ())})
    return BucketFold(columns, _moved(counter=counter, per_second=per_second), minimum=2)


SUM: Final = _fold(_sum, Column.SUM, Column.MISSING)
MEAN: Final = _fold(_mean, Column.SUM, Column.MISSING)
COUNT: Final = _fold(_count)
PRESENT: Final = _fold(_present)
LOWEST: Final = _fold(_lowest, Column.LOW)
HIGHEST: Final = _fold(_highest, Column.HIGH)
FIRST: Final = _fold(_first, Column.FIRST)
LAST: Final = _fold(_last, Column.LAST)
INSTANT_OF_FIRST: Final = _fold(_first_seconds, Column.FIRST_TIME)
INSTANT_OF_LAST: Final = _fold(_last_seconds, Column.LAST_TIME)
RATE: Final = _rate(counter=True, per_second=True)
INCREASE: Final = _rate(counter=True, per_second=False)
DELTA: Final = _rate(counter=False, per_second=False)
QUANTILE: Final = BucketFold(
    frozenset({Column.COUNT, Column.MISSING, Column.LOW, Column.HIGH}), _quantile, sketches=True
)
