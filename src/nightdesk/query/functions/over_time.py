"""Functions that fold a window to a number and that summaries can mostly tell: sums, extremes, ends, counts."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.instant import SECOND
from nightdesk.model.series import Values
from nightdesk.query.buckets import folds
from nightdesk.query.functions import extended
from nightdesk.query.functions.signature import MATRIX, VECTOR, Function, folded
from nightdesk.query.grid import Mask
from nightdesk.query.kernels.compensated import window_means, window_sums
from nightdesk.query.kernels.extremes import window_extremes
from nightdesk.query.selecting import summary_folds
from nightdesk.query.selecting.windows import Block, gathered


def _sum(block: Block) -> Values:
    return window_sums(block.values, block.low, block.high)


def _mean(block: Block) -> Values:
    return window_means(block.values, block.low, block.high)


def _lowest(block: Block) -> Values:
    return window_extremes(block.values, block.low, block.high, np.fmin)


def _highest(block: Block) -> Values:
    return window_extremes(block.values, block.low, block.high, np.fmax)


def _count(block: Block) -> Values:
    return _every_row(block, block.counts)


def _present(block: Block) -> Values:
    return _every_row(block, np.ones(len(block.low)))


def _first(block: Block) -> Values:
    return block.at(block.first)


def _last(block: Block) -> Values:
    return block.at(block.last)


def _instant_of_first(block: Block) -> Values:
    return _every_row(block, block.seconds(block.first))


def _instant_of_last(block: Block) -> Values:
    return _every_row(block, block.seconds(block.last))


def _every_row(block: Block, values: NDArray[np.generic]) -> Values:
    return np.broadcast_to(values.astype(np.float64), (len(block.rows), len(block.low)))


def _instant_of(extreme: Callable[[Block], Values]) -> Callable[[Block], Values]:
    """Make a fold to the instant, in seconds, of the last sample that holds an extreme."""

    def compute(block: Block) -> Values:
        best = extreme(block)
        result = np.zeros(best.shape)
        for cut, cube, inside in gathered(block):
            # Where all are NaN the last stands for the window.
            held = inside & (cube == best[:, cut, None])
            width = held.shape[2]
            final = np.maximum(block.counts[cut] - 1, 0)
            position = np.where(held.any(axis=2), width - 1 - np.argmax(held[:, :, ::-1], axis=2), final)
            sample = np.minimum(block.low[cut] + position, block.values.shape[1] - 1)
            times = np.broadcast_to(block.times, block.values.shape)
            result[:, cut] = np.take_along_axis(times, sample, axis=1) / SECOND
        return result

    return compute


def _moved(before: Values, after: Values) -> Mask:
    still: Mask = np.isnan(before) & np.isnan(after)
    return np.not_equal(before, after) & ~still


def _fell(before: Values, after: Values) -> Mask:
    return np.less(after, before)


def _counted(differs: Callable[[Values, Values], Mask]) -> Callable[[Block], Values]:
    def compute(block: Block) -> Values:
        flags = differs(block.values[:, :-1], block.values[:, 1:])
        total = np.zeros((len(block.rows), flags.shape[1] + 1), dtype=np.int64)
        np.cumsum(flags, axis=1, out=total[:, 1:])
        most = total.shape[1] - 1
        low = np.minimum(block.low, most)
        return (total[:, np.clip(block.high - 1, low, most)] - total[:, low]).astype(np.float64)

    return compute


# fmt: off
ROWS: Final = (
    Function(
        "avg_over_time", (MATRIX,), VECTOR, "Mean of a window's values.", folded(_mean),
        row_by_row=True, summaries=summary_folds.MEAN, buckets=folds.MEAN,
    ),
    Function(
        "changes", (MATRIX,), VECTOR, "How often the value changed in a window; from NaN to NaN is no change.",
        folded(_counted(_moved)), row_by_row=True, beyond=extended.counted(_moved),
    ),
    Function(
        "count_over_time", (MATRIX,), VECTOR, "How many samples a window holds.", folded(_count),
        row_by_row=True, summaries=summary_folds.COUNT, buckets=folds.COUNT,
    ),
    Function(
        "first_over_time", (MATRIX,), VECTOR, "A window's first value.", folded(_first),
        experimental=True, keeps_name=True, row_by_row=True, summaries=summary_folds.FIRST, buckets=folds.FIRST,
    ),
    Function(
        "last_over_time", (MATRIX,), VECTOR, "A window's last value.", folded(_last),
        keeps_name=True, row_by_row=True, summaries=summary_folds.LAST, buckets=folds.LAST,
    ),
    Function(
        "max_over_time", (MATRIX,), VECTOR, "Largest value of a window; NaN only where all are.", folded(_highest),
        row_by_row=True, summaries=summary_folds.HIGHEST, buckets=folds.HIGHEST,
    ),
    Function(
        "min_over_time", (MATRIX,), VECTOR, "Smallest value of a window; NaN only where all are.", folded(_lowest),
        row_by_row=True, summaries=summary_folds.LOWEST, buckets=folds.LOWEST,
    ),
    Function(
        "present_over_time", (MATRIX,), VECTOR, "1 for every series with a sample in the window.", folded(_present),
        row_by_row=True, summaries=summary_folds.PRESENT, buckets=folds.PRESENT,
    ),
    Function(
        "resets", (MATRIX,), VECTOR, "How often the value fell in a window.",
        folded(_counted(_fell)), row_by_row=True, beyond=extended.counted(_fell),
    ),
    Function(
        "sum_over_time", (MATRIX,), VECTOR, "Sum of a window's values.", folded(_sum),
        row_by_row=True, summaries=summary_folds.SUM, buckets=folds.SUM,
    ),
    Function(
        "ts_of_first_over_time", (MATRIX,), VECTOR, "Instant of a window's first sample, in seconds.",
        folded(_instant_of_first), experimental=True, row_by_row=True, buckets=folds.INSTANT_OF_FIRST,
    ),
    Function(
        "ts_of_last_over_time", (MATRIX,), VECTOR, "Instant of a window's last sample, in seconds.",
        folded(_instant_of_last), experimental=True, row_by_row=True, buckets=folds.INSTANT_OF_LAST,
    ),
    Function(
        "ts_of_max_over_time", (MATRIX,), VECTOR, "Instant of the last sample that holds a window's largest value.",
        folded(_instant_of(_highest), walks=True), experimental=True, row_by_row=True,
    ),
    Function(
        "ts_of_min_over_time", (MATRIX,), VECTOR, "Instant of the last sample that holds a window's smallest value.",
        folded(_instant_of(_lowest), walks=True), experimental=True, row_by_row=True,
    ),
)
# fmt: on
