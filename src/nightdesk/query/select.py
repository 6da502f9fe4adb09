"""Selectors: what a reader gives, laid on the steps."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nightdesk.model.instant import SECOND
from nightdesk.model.series import Series, Times, Values, stale_mask
from nightdesk.query.grid import Grid, Indices, Mask
from nightdesk.seams import Budget


class Selected(NamedTuple):
    """An instant vector and, where they were asked for, the instants of its samples in seconds, of the same shape."""

    grid: Grid
    sample_times: Values | None


def latest(series: Sequence[Series], at: Times, lookback: int, budget: Budget, *, with_times: bool = False) -> Selected:
    """Take each series' latest sample in (at - lookback, at], nothing where that is a stale marker."""
    shape = (len(series), len(at))
    values, present = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    times = np.zeros(shape) if with_times else None
    for turn, rows in enumerate(_sharing(series)):
        if turn % 256 == 0:
            budget.check()
        own = series[rows[0]].times
        position, fresh = _positions(own, at, lookback)
        present[rows] = fresh
        values[rows] = _taken(series, rows, position)
        if times is not None:
            times[rows] = own[position] / SECOND
    present &= ~stale_mask(values)
    return Selected(Grid.of([one.labels for one in series], values, present), times)


def _sharing(series: Sequence[Series]) -> list[list[int]]:
    """Group the series that share one array of timestamps."""
    shared: dict[int, list[int]] = {}
    for row, one in enumerate(series):
        shared.setdefault(id(one.times), []).append(row)
    return list(shared.values())


def _positions(times: Times, at: Times, lookback: int) -> tuple[Indices, Mask]:
    if len(at) == 1 and len(times) > 0 and times[-1] <= at[0]:
        # An instant query reads no further than its instant: the last sample is the one.
        last = len(times) - 1
        return np.array([last]), np.array([times[last] > at[0] - lookback])
    position = times.searchsorted(at, side="right") - 1
    found = np.maximum(position, 0)
    return found, (position >= 0) & (times[found] > at - lookback)


def _taken(series: Sequence[Series], rows: list[int], position: Indices) -> Values:
    if len(position) == 1:
        # One instant: a look into each series is cheaper than laying them side by side.
        only = int(position[0])
        return np.array([series[row].values[only] for row in rows])[:, None]
    if len(rows) == 1:
        return series[rows[0]].values[position][None, :]
    return np.stack([series[row].values for row in rows]).take(position, axis=1)
