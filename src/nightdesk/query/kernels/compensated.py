"""Sums that keep what rounding loses, so that 1 + 1e100 + 1 - 1e100 is 2 (Prometheus: Kahan-Neumaier).

See `running_sum` for one addition; here are sums of windows and of groups.
"""

import math
from typing import Final

import numpy as np

from nightdesk.model.series import Values
from nightdesk.query.grid import Indices, Mask
from nightdesk.query.kernels.extraction import MOST, Extracted, extracted, powers_above
from nightdesk.query.kernels.running_sum import RunningSum
from nightdesk.query.kernels.tiles import even_sums, evenly_placed

_CHUNK: Final = 1 << 14
"""Cells that fit the second-level cache with their four companions."""
_CELLS: Final = 1 << 16
"""Cells of groups at a time: their parts need no more than a few megabytes beside them."""
_FEWEST_STEPS: Final = 16
_DOUBT: Final = 2.0**-50
"""Share of the largest value, times how many there are, below which a sum has lost its digits."""
_FEW: Final = 512
"""Samples of windows, or windows, that are added one by one before the calls of numpy for many would have begun."""


@np.errstate(all="ignore")
def group_sums(values: Values, sizes: Indices) -> Values:
    """Sum rows in groups: the first `sizes[0]` rows, the next `sizes[1]`, ...; shapes (rows, steps) to (groups, steps).

    No group is empty.
    """
    starts = np.cumsum(sizes) - sizes
    sums = np.empty((len(sizes), values.shape[1]))
    width = max(_FEWEST_STEPS, _CELLS // max(1, len(values)))
    for start in range(0, values.shape[1], width):
        steps = slice(start, start + width)
        sums[:, steps] = _sums_of_groups(values[:, steps], sizes, starts)
    return sums


def _sums_of_groups(values: Values, sizes: Indices, starts: Indices) -> Values:
    rest = np.abs(values)
    bounds = np.add.reduceat(rest, starts, axis=0)
    if not (bounds < MOST).all():
        return _sums_pair_by_pair(values, sizes)
    powers = powers_above(bounds)
    if len(sizes) > 1:
        powers = np.repeat(powers, sizes, axis=0)
    leading, rest = extracted(values, powers, Extracted(np.empty(values.shape), rest))
    sums: Values = np.add.reduceat(leading, starts, axis=0) + np.add.reduceat(rest, starts, axis=0)
    return sums


def _sums_pair_by_pair(values: Values, sizes: Indices) -> Values:
    """Sum groups of which one has an infinity, a NaN or a sum beyond all bounds: the error of each addition is kept.

    Neighbours are added until one row a group is left: few numpy calls, however the sizes are spread.
    """
    running = RunningSum(values, np.zeros(values.shape))
    while sizes.max(initial=0) > 1:
        rank = np.arange(len(running.total)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        left = np.flatnonzero(rank % 2 == 0)
        alone = rank[left] + 1 == np.repeat(sizes, sizes)[left]
        right = np.minimum(left + 1, len(rank) - 1)
        paired = RunningSum(running.total[left], running.lost[left])
        if alone.any():
            paired.add(np.where(alone[:, None], 0.0, running.total[right]))
            paired.lost += np.where(alone[:, None], 0.0, running.lost[right])
        else:
            paired.add(running.total[right])
            paired.lost += running.lost[right]
        running, sizes = paired, (sizes + 1) // 2
    return running.result()


@np.errstate(all="ignore")
def window_sums(values: Values, low: Indices, high: Indices) -> Values:
    """Sum windows `low[j]:high[j]` of every row; shapes (rows, samples), (steps,), (steps,) to (rows, steps).

    Windows at even distances share tiles. Other sums are differences of running totals that carry what rounding lost,
    which is twice a float's precision, whatever the width of the windows. Where that is not enough (1e100 beside 1) a
    row is summed window by window.
    """
    even = evenly_placed(low, high)
    if even is None:
        return _any_sums(values, low, high)
    sums = np.zeros((len(values), len(low)))
    first, last = even.steps.start, even.steps.stop
    sums[:, even.steps], doubtful = even_sums(values, int(low[first]), last - first, even)
    if doubtful.any():
        sums[doubtful, even.steps] = _any_sums(values[doubtful], low[even.steps], high[even.steps])
    for steps in (slice(0, first), slice(last, len(low))):
        begin, end = int(low[steps].min(initial=values.shape[1])), int(high[steps].max(initial=0))
        if begin < end:
            sums[:, steps] = _any_sums(values[:, begin:end], low[steps] - begin, high[steps] - begin)
    return sums


def _any_sums(values: Values, low: Indices, high: Indices) -> Values:
    if len(values) * max(len(low), int((high - low).sum())) <= _FEW:
        few = _few_sums(values, low, high)
        if few is not None:
            return few
    finite = np.isfinite(values)
    if finite.all():
        return _finite_sums(values, low, high)
    sums = _finite_sums(np.where(finite, values, 0.0), low, high)
    rises, falls = _count(values == np.inf, low, high), _count(values == -np.inf, low, high)
    sums = np.where(rises, np.inf, np.where(falls, -np.inf, sums))
    return np.where((rises & falls) | _count(np.isnan(values), low, high), np.nan, sums)


def _few_sums(values: Values, low: Indices, high: Indices) -> Values | None:
    """Sum few and short windows exactly; None where infinities meet, a sum overflows or next to nothing is left of it.

    Of what cancels nearly out, compensated sums as Prometheus has them tell something else than the exact one.
    """
    ends = list(zip(low.tolist(), high.tolist(), strict=True))
    windows = [row[begin:end].tolist() for row in values for begin, end in ends]
    try:
        sums = [math.fsum(window) for window in windows]
    except (OverflowError, ValueError):
        return None
    for window, total in zip(windows, sums, strict=True):
        if window and abs(total) < max(map(abs, window)) * len(window) * _DOUBT:
            return None
    return np.array(sums, dtype=np.float64).reshape(len(values), len(low))


def _count(mask: Mask, low: Indices, high: Indices) -> Mask:
    """Tell which windows hold any marked sample."""
    running = np.zeros((mask.shape[0], mask.shape[1] + 1), dtype=np.int64)
    np.cumsum(mask, axis=1, out=running[:, 1:])
    return np.greater(running.take(high, axis=1), running.take(low, axis=1))


def _finite_sums(values: Values, low: Indices, high: Indices) -> Values:
    total = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=total[:, 1:])
    before, after = total[:, :-1], total[:, 1:]
    bent = after - before
    lost = np.zeros(total.shape)
    np.cumsum((before - (after - bent)) + (values - bent), axis=1, out=lost[:, 1:])
    end, begin = total.take(high, axis=1), total.take(low, axis=1)
    difference = end - begin
    bent = difference - end
    error = (end - (difference - bent)) - (begin + bent)
    sums: Values = difference + (error + (lost.take(high, axis=1) - lost.take(low, axis=1)))
    # A row that lost nothing has exact totals. Others are good to about 2^-100 of their largest total.
    largest = np.abs(total).max(axis=1)
    doubtful = (np.abs(sums) < (largest * values.shape[1] * _DOUBT)[:, None]) & (high > low)
    rows = np.flatnonzero((doubtful.any(axis=1) & lost.any(axis=1)) | ~np.isfinite(largest))
    if len(rows):
        sums[rows] = _sums_one_by_one(values[rows], low, high)
    return sums


def _sums_one_by_one(values: Values, low: Indices, high: Indices) -> Values:
    rows, steps = len(values), len(low)
    sums = np.zeros((rows, steps))
    width = int((high - low).max(initial=0))
    height = max(1, _CHUNK // max(1, steps))
    last = max(0, values.shape[1] - 1)
    for start in range(0, rows, height):
        part = values[start : start + height]
        running = RunningSum.zeros((len(part), steps))
        for offset in range(width):
            indices = low + offset
            inside = indices < high
            here = part[:, np.minimum(indices, last)]
            running.add(here if inside.all() else np.where(inside, here, 0.0))
        sums[start : start + height] = running.result()
    return sums


@np.errstate(all="ignore")
def window_means(values: Values, low: Indices, high: Indices) -> Values:
    """Average windows; where a sum of finite values overflows, the values are divided first."""
    counts = np.maximum(high - low, 1).astype(np.float64)
    means: Values = window_sums(values, low, high) / counts
    overflown = np.isinf(means)
    if not overflown.any():
        return means
    for row in np.flatnonzero(overflown.any(axis=1)).tolist():
        for step in np.flatnonzero(overflown[row]).tolist():
            window = values[row : row + 1, low[step] : high[step]]
            if np.isfinite(window).all():
                ends = np.array([0]), np.array([window.shape[1]])
                means[row, step] = window_sums(window / window.shape[1], *ends)[0, 0]
    return means
