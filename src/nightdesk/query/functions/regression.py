"""Straight lines and smoothing through a window: deriv, predict_linear, double_exponential_smoothing."""

import math
from typing import Final

import numpy as np

from nightdesk.errors import QueryError
from nightdesk.model.go_numbers import go_text
from nightdesk.model.instant import SECOND
from nightdesk.model.series import Values
from nightdesk.query.functions.signature import MATRIX, SCALAR, VECTOR, Function, Invocation, folded
from nightdesk.query.grid import Grid, Mask
from nightdesk.query.kernels.running_sum import summed
from nightdesk.query.selecting.windows import Block, gathered


def _predict_linear(call: Invocation) -> Grid:
    ahead = call.scalar(1)

    def compute(block: Block) -> Values:
        slope, mean, middle = _lines(block)
        since = (call.steps - block.instants(block.first)) / SECOND
        return mean + slope * (since - middle + ahead)

    return call.windows(0).compute(compute, minimum=2, walks=True)


def _lines(block: Block) -> tuple[Values, Values, Values]:
    """Fit a line to every window: slope a second, mean value, and mean instant in seconds since the first sample.

    Values are taken relative to the window's first and instants to their mean, so that nothing large cancels; a
    constant window has slope exactly 0; an infinite value, or a sum beyond what a number can be, makes its line NaN.
    """
    shape = (len(block.rows), len(block.low))
    slope, mean, middle = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    first = block.at(block.first)
    last = block.values.shape[1] - 1
    for cut, cube, inside in gathered(block):
        count = np.maximum(block.counts[cut], 1)
        indices = np.minimum(block.low[cut, None] + np.arange(inside.shape[1]), last)
        times = block.times[:, indices]
        seconds = np.where(inside, (times - times[:, :, :1]) / SECOND, 0.0)
        average = summed(seconds) / count
        x = np.where(inside, seconds - average[:, :, None], 0.0)
        y = np.where(inside, cube - first[:, cut, None], 0.0)
        rise = summed(y)
        together = summed(y * x)
        known = np.isfinite(rise) & np.isfinite(together)
        slope[:, cut] = np.where(known, together / summed(np.square(x)), np.nan)
        mean[:, cut] = first[:, cut] + rise / count
        middle[:, cut] = average
    return slope, mean, middle


def _smoothed(call: Invocation) -> Grid:
    smoothing, trend = call.scalar(1), call.scalar(2)
    occupied = call.windows(0).occupied()
    _check_factor(smoothing[occupied], "smoothing")
    _check_factor(trend[occupied], "trend")

    def compute(block: Block) -> Values:
        result = np.zeros((len(block.rows), len(block.low)))
        for cut, cube, inside in gathered(block):
            result[:, cut] = _smooth(cube, inside, smoothing[cut], trend[cut])
        return result

    return call.windows(0).compute(compute, minimum=2, walks=True)


def _smooth(cube: Values, inside: Mask, smoothing: Values, trend: Values) -> Values:
    if cube.shape[2] < 2:
        return np.zeros(cube.shape[:2])
    before, now = np.zeros(cube.shape[:2]), cube[:, :, 0]
    slope = cube[:, :, 1] - now
    for position in range(1, cube.shape[2]):
        here = inside[:, position]
        if position > 1:
            slope = np.where(here, trend * (now - before) + (1 - trend) * slope, slope)
        following = smoothing * cube[:, :, position] + (1 - smoothing) * (now + slope)
        before, now = np.where(here, now, before), np.where(here, following, now)
    return now


def _check_factor(values: Values, name: str) -> None:
    for value in values.tolist():
        # NaN passes, as in Prometheus: it makes the answer NaN.
        if value <= 0 or value >= 1:
            got = f"{value:f}" if math.isfinite(value) else go_text(value)
            raise QueryError(f"invalid {name} factor. Expected: 0 < {name[0]}f < 1, got: {got}")


# fmt: off
ROWS: Final = (
    Function(
        "deriv", (MATRIX,), VECTOR, "Slope a second of the least-squares line through a window.",
        folded(lambda block: _lines(block)[0], minimum=2, walks=True), row_by_row=True,
    ),
    Function(
        "predict_linear", (MATRIX, SCALAR), VECTOR,
        "Value that the least-squares line through a window reaches some seconds from the evaluation.",
        _predict_linear, row_by_row=True,
    ),
    *(
        Function(
            name, (MATRIX, SCALAR, SCALAR), VECTOR, says, _smoothed, experimental=True, row_by_row=True,
        )
        for name, says in (
            ("double_exponential_smoothing", "Holt's smoothing of a window with two factors: its value at the end."),
            ("holt_winters", "The same, as Prometheus 2.x calls it."),
        )
    ),
)
# fmt: on
