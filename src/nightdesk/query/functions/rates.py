"""How fast a series moves: rate, increase, delta, irate, idelta. Formulas: Prometheus 3, functions.go."""

from collections.abc import Callable
from typing import Final

import numpy as np

from nightdesk.model.instant import SECOND
from nightdesk.model.series import Values
from nightdesk.query.buckets import folds
from nightdesk.query.functions import extended
from nightdesk.query.functions.signature import MATRIX, VECTOR, Function, Invocation, folded
from nightdesk.query.grid import Grid, Indices
from nightdesk.query.kernels.extrapolation import Edges, extrapolated, sums_between
from nightdesk.query.selecting.windows import Block, Windows


def _moved(*, counter: bool, per_second: bool) -> Callable[[Invocation], Grid]:
    def compute(call: Invocation) -> Grid:
        windows = call.windows(0)
        return windows.compute(
            lambda block: _extrapolate(block, windows, counter=counter, per_second=per_second), minimum=2
        )

    return compute


def _extrapolate(block: Block, windows: Windows, *, counter: bool, per_second: bool) -> Values:
    first = block.at(block.first)
    change = block.at(block.last)
    change -= first
    if counter:
        _add_resets(block, change)
    edges = Edges(first, change, block.instants(block.first), block.instants(block.last), block.counts)
    return extrapolated(edges, windows.start, windows.end, counter=counter, per_second=per_second)


def _add_resets(block: Block, change: Values) -> None:
    """Add to `change` what the counter stood at before each reset inside a window."""
    fell = block.values[:, 1:] < block.values[:, :-1]
    affected = np.flatnonzero(fell.any(axis=1))
    if not len(affected):
        return
    lost = np.where(fell[affected], block.values[affected, :-1], 0.0)
    # lost[k] lies between samples k and k + 1: in a window low..high it counts for low <= k < high - 1.
    change[affected] += sums_between(lost, block.low, np.maximum(block.high - 1, block.low))


def _speed_at_end(block: Block) -> Values:
    last, before = _last_two(block)
    times = block.instants(block.last) - block.instants(_before_last(block))
    # After a reset the counter began at zero, so its whole value is the increase.
    return np.where(last < before, last, last - before) / (times / SECOND)


def _step_at_end(block: Block) -> Values:
    last, before = _last_two(block)
    return last - before


def _last_two(block: Block) -> tuple[Values, Values]:
    return block.at(block.last), block.at(_before_last(block))


def _before_last(block: Block) -> Indices:
    return np.maximum(block.high - 2, 0)


# fmt: off
ROWS: Final = (
    Function(
        "rate", (MATRIX,), VECTOR, "Increase a second of a counter, extrapolated to the window's edges.",
        _moved(counter=True, per_second=True), row_by_row=True, of_counter=True,
        buckets=folds.RATE, beyond=extended.moved(counter=True, per_second=True),
    ),
    Function(
        "increase", (MATRIX,), VECTOR, "Increase of a counter, extrapolated to the window's edges.",
        _moved(counter=True, per_second=False), row_by_row=True, of_counter=True,
        buckets=folds.INCREASE, beyond=extended.moved(counter=True, per_second=False),
    ),
    Function(
        "delta", (MATRIX,), VECTOR, "Difference of a gauge, extrapolated to the window's edges.",
        _moved(counter=False, per_second=False), row_by_row=True,
        buckets=folds.DELTA, beyond=extended.moved(counter=False, per_second=False),
    ),
    Function(
        "irate", (MATRIX,), VECTOR, "Increase a second of a counter between a window's last two samples.",
        folded(_speed_at_end, minimum=2), row_by_row=True,
    ),
    Function(
        "idelta", (MATRIX,), VECTOR, "Difference between a window's last two samples.",
        folded(_step_at_end, minimum=2), row_by_row=True,
    ),
)
# fmt: on
