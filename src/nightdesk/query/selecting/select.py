"""Selectors: what a reader gives, laid on the steps."""

from typing import NamedTuple

import numpy as np

from nightdesk.model.instant import SECOND
from nightdesk.model.series import Times, Values, has_nan, stale_mask
from nightdesk.query.grid import Grid, Indices, Mask
from nightdesk.query.kernels.columns import columns
from nightdesk.query.selecting.reading import Reading
from nightdesk.seams.samples import Budget


class Selected(NamedTuple):
    """An instant vector and, where they were asked for, the instants of its samples in seconds, of the same shape."""

    grid: Grid
    sample_times: Values | None


def latest(reading: Reading, at: Times, lookback: int, budget: Budget, *, with_times: bool = False) -> Selected:
    """Take each series' latest sample in (at - lookback, at], nothing where that is a stale marker."""
    shape = (len(reading), len(at))
    values, present = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    times = np.zeros(shape) if with_times else None
    for turn, (panel, rows) in enumerate(zip(reading.panels, reading.places, strict=True)):
        if turn % 256 == 0:
            budget.check()
        position, fresh = _positions(panel.times, at, lookback)
        present[rows] = fresh
        values[rows] = columns(panel.values, position)
        if times is not None:
            times[rows] = panel.times[position] / SECOND
    if has_nan(values):
        present &= ~stale_mask(values)
    return Selected(Grid.of(reading.labels, values, present), times)


def _positions(times: Times, at: Times, lookback: int) -> tuple[Indices, Mask]:
    if len(at) == 1 and times[-1] <= at[0]:
        # An instant query reads no further than its instant: the last sample is the one.
        last = len(times) - 1
        return np.array([last]), np.array([times[last] > at[0] - lookback])
    position = times.searchsorted(at, side="right") - 1
    found = np.maximum(position, 0)
    return found, (position >= 0) & (times[found] > at - lookback)
