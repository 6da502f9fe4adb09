"""Functions that fold a window to a number: the `*_over_time` family, changes and resets."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.instant import SECOND
from nightdesk.model.series import Values
from nightdesk.query.functions.signature import Invocation
from nightdesk.query.grid import Grid
from nightdesk.query.kernels.compensated import window_means, window_sums
from nightdesk.query.kernels.extremes import window_extremes
from nightdesk.query.kernels.quantiles import WIDE, note_bad_quantiles, quantile_of_rows, quantile_of_sorted
from nightdesk.query.selecting.windows import Block, gathered


def sum_over_time(call: Invocation) -> Grid:
    """Sum of a window's values."""
    return _folded(call, lambda block: window_sums(block.values, block.low, block.high))


def avg_over_time(call: Invocation) -> Grid:
    """Mean of a window's values."""
    return _folded(call, lambda block: window_means(block.values, block.low, block.high))


def count_over_time(call: Invocation) -> Grid:
    """How many samples a window holds."""
    return _folded(call, lambda block: _every_row(block, block.counts))


def present_over_time(call: Invocation) -> Grid:
    """1 for every series with a sample in the window."""
    return _folded(call, lambda block: _every_row(block, np.ones(len(block.low))))


def min_over_time(call: Invocation) -> Grid:
    """Smallest value of a window; NaN only where all are."""
    return _folded(call, lambda block: _reduced(block, np.fmin))


def max_over_time(call: Invocation) -> Grid:
    """Largest value of a window; NaN only where all are."""
    return _folded(call, lambda block: _reduced(block, np.fmax))


def last_over_time(call: Invocation) -> Grid:
    """A window's last value; keeps the metric's name."""
    return call.windows(0).compute(lambda block: block.at(block.last))


def first_over_time(call: Invocation) -> Grid:
    """A window's first value; keeps the metric's name."""
    return call.windows(0).compute(lambda block: block.at(block.first))


def stdvar_over_time(call: Invocation) -> Grid:
    """Population variance of a window's values."""
    return _folded(call, _variance, walks=True)


def stddev_over_time(call: Invocation) -> Grid:
    """Population standard deviation of a window's values."""
    return _folded(call, lambda block: np.sqrt(_variance(block)), walks=True)


def quantile_over_time(call: Invocation) -> Grid:
    """The q-quantile of a window's values, interpolated; q may differ from step to step."""
    wanted = call.scalar(0)
    note_bad_quantiles(wanted[call.windows(1).occupied()], call.notes, call.span(0))

    def compute(block: Block) -> Values:
        if _is_plain(block, wanted):
            windows = zip(wanted.tolist(), block.low.tolist(), block.high.tolist(), strict=True)
            return np.stack([quantile_of_rows(rank, block.values[:, low:high]) for rank, low, high in windows], axis=1)
        result = np.zeros((len(block.rows), len(block.low)))
        for cut, cube, inside in gathered(block):
            ordered = np.sort(np.where(inside, cube, np.nan), axis=2)
            missing = np.isnan(cube) & inside
            result[:, cut] = quantile_of_sorted(wanted[cut], ordered, block.counts[cut], missing.sum(axis=2))
        return result

    return call.windows(1).compute(compute, walks=True).without_name()


def _is_plain(block: Block, wanted: Values) -> bool:
    """Tell whether every window is wide and holds numbers only, and every quantile lies in 0..1."""
    return bool(
        (block.counts >= WIDE).all() and ((wanted >= 0) & (wanted <= 1)).all() and not np.isnan(block.values).any()
    )


def mad_over_time(call: Invocation) -> Grid:
    """Median absolute deviation from the median of a window's values."""

    def compute(block: Block) -> Values:
        result = np.zeros((len(block.rows), len(block.low)))
        for cut, cube, inside in gathered(block):
            counts = block.counts[cut]
            half = np.full(len(counts), 0.5)
            values = np.where(inside, cube, np.nan)
            none = np.zeros((len(block.rows), len(counts)), dtype=np.intp)
            middle = quantile_of_sorted(half, np.sort(values, axis=2), counts, none)
            distance = np.sort(np.abs(values - middle[:, :, None]), axis=2)
            result[:, cut] = quantile_of_sorted(half, distance, counts, none)
            result[:, cut][(np.isnan(cube) & inside).any(axis=2)] = np.nan
        return result

    return _folded(call, compute, walks=True)


def ts_of_first_over_time(call: Invocation) -> Grid:
    """Instant of a window's first sample, in seconds."""
    return _folded(call, lambda block: _every_row(block, block.seconds(block.first)))


def ts_of_last_over_time(call: Invocation) -> Grid:
    """Instant of a window's last sample, in seconds."""
    return _folded(call, lambda block: _every_row(block, block.seconds(block.last)))


def ts_of_min_over_time(call: Invocation) -> Grid:
    """Instant of the last sample that holds a window's smallest value, in seconds."""
    return _folded(call, lambda block: _instant_of_extreme(block, np.fmin), walks=True)


def ts_of_max_over_time(call: Invocation) -> Grid:
    """Instant of the last sample that holds a window's largest value, in seconds."""
    return _folded(call, lambda block: _instant_of_extreme(block, np.fmax), walks=True)


def changes(call: Invocation) -> Grid:
    """How often the value changed in a window; from NaN to NaN is no change."""

    def moved(before: Values, after: Values) -> NDArray[np.bool_]:
        still: NDArray[np.bool_] = np.isnan(before) & np.isnan(after)
        return np.not_equal(before, after) & ~still

    return _folded(call, lambda block: _counted(block, moved))


def resets(call: Invocation) -> Grid:
    """How often the value fell in a window."""
    return _folded(call, lambda block: _counted(block, np.greater))


# ------------------------------------------------------------------- the folds


def _folded(call: Invocation, compute: Callable[[Block], Values], *, walks: bool = False) -> Grid:
    return call.windows(0).compute(compute, walks=walks).without_name()


def _every_row(block: Block, values: NDArray[np.generic]) -> Values:
    return np.broadcast_to(values.astype(np.float64), (len(block.rows), len(block.low)))


def _reduced(block: Block, fold: np.ufunc) -> Values:
    return window_extremes(block.values, block.low, block.high, fold)


def _variance(block: Block) -> Values:
    # Values are taken relative to the window's first: equal values then give exactly 0.
    result = np.zeros((len(block.rows), len(block.low)))
    first = block.at(block.first)
    for cut, cube, inside in gathered(block):
        count = np.maximum(block.counts[cut], 1)
        offset = np.where(inside, cube - first[:, cut, None], 0.0)
        mean = offset.sum(axis=2) / count
        spread = np.where(inside, offset - mean[:, :, None], 0.0)
        result[:, cut] = np.square(spread).sum(axis=2) / count
    return result


def _counted(block: Block, differs: Callable[[Values, Values], NDArray[np.bool_]]) -> Values:
    flags = differs(block.values[:, :-1], block.values[:, 1:])
    total = np.zeros((len(block.rows), flags.shape[1] + 1), dtype=np.int64)
    np.cumsum(flags, axis=1, out=total[:, 1:])
    most = total.shape[1] - 1
    low = np.minimum(block.low, most)
    return (total[:, np.clip(block.high - 1, low, most)] - total[:, low]).astype(np.float64)


def _instant_of_extreme(block: Block, fold: np.ufunc) -> Values:
    extreme = _reduced(block, fold)
    result = np.zeros(extreme.shape)
    for cut, cube, inside in gathered(block):
        best = extreme[:, cut, None]
        # Where all are NaN the last stands for the window.
        held = inside & (cube == best)
        width = held.shape[2]
        final = np.maximum(block.counts[cut] - 1, 0)
        position = np.where(held.any(axis=2), width - 1 - np.argmax(held[:, :, ::-1], axis=2), final)
        sample = np.minimum(block.low[cut] + position, block.values.shape[1] - 1)
        times = np.broadcast_to(block.times, block.values.shape)
        result[:, cut] = np.take_along_axis(times, sample, axis=1) / SECOND
    return result
