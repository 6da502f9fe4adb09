"""How the values of a window are spread: variance, deviations, quantiles. They look at every sample."""

from typing import Final

import numpy as np

from nightdesk.model.series import Values
from nightdesk.query.buckets import folds
from nightdesk.query.functions.signature import MATRIX, SCALAR, VECTOR, Function, Invocation, folded
from nightdesk.query.grid import Grid
from nightdesk.query.kernels.quantiles import WIDE, note_bad_quantiles, quantile_of_rows, quantile_of_sorted
from nightdesk.query.kernels.running_sum import summed
from nightdesk.query.selecting.windows import Block, gathered


def _variance(block: Block) -> Values:
    # Values are taken relative to the window's first: equal values then give exactly 0.
    result = np.zeros((len(block.rows), len(block.low)))
    first = block.at(block.first)
    for cut, cube, inside in gathered(block):
        count = np.maximum(block.counts[cut], 1)
        offset = np.where(inside, cube - first[:, cut, None], 0.0)
        mean = summed(offset) / count
        spread = np.where(inside, offset - mean[:, :, None], 0.0)
        result[:, cut] = summed(np.square(spread)) / count
    return result


def _deviation(block: Block) -> Values:
    return np.sqrt(_variance(block))


def _quantile(call: Invocation) -> Grid:
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

    return call.windows(1).compute(compute, walks=True)


def _is_plain(block: Block, wanted: Values) -> bool:
    """Tell whether every window is wide and holds numbers only, and every quantile lies in 0..1."""
    return bool(
        (block.counts >= WIDE).all() and ((wanted >= 0) & (wanted <= 1)).all() and not np.isnan(block.values).any()
    )


def _median_deviation(block: Block) -> Values:
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


# fmt: off
ROWS: Final = (
    Function(
        "mad_over_time", (MATRIX,), VECTOR, "Median distance of a window's values from their median.",
        folded(_median_deviation, walks=True), experimental=True, row_by_row=True,
    ),
    Function(
        "quantile_over_time", (SCALAR, MATRIX), VECTOR, "The q-quantile of a window's values, interpolated.",
        _quantile, row_by_row=True, buckets=folds.QUANTILE,
    ),
    Function(
        "stddev_over_time", (MATRIX,), VECTOR, "Population standard deviation of a window's values.",
        folded(_deviation, walks=True), row_by_row=True,
    ),
    Function(
        "stdvar_over_time", (MATRIX,), VECTOR, "Population variance of a window's values.",
        folded(_variance, walks=True), row_by_row=True,
    ),
)
# fmt: on
