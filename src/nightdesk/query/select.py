"""Selectors: what a reader gives, laid on the steps."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nightdesk.model.instant import SECOND
from nightdesk.model.series import Series, Times, Values, stale_mask
from nightdesk.query.grid import Grid, Indices, Mask
from nightdesk.seams import Budget


class Selected(NamedTuple):
    """An instant vector and, of the same shape, the instants of its samples in seconds."""

    grid: Grid
    sample_times: Values


def latest(series: Sequence[Series], at: Times, lookback: int, budget: Budget) -> Selected:
    """Take each series' latest sample in (at - lookback, at], nothing where that is a stale marker."""
    shape = (len(series), len(at))
    values, present = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    times = np.zeros(shape)
    shared: dict[int, list[int]] = {}
    for row, one in enumerate(series):
        shared.setdefault(id(one.times), []).append(row)
    for turn, rows in enumerate(shared.values()):
        if turn % 256 == 0:
            budget.check()
        position, fresh = _positions(series[rows[0]].times, at, lookback)
        if not fresh.any():
            continue
        taken = _taken(series, rows, position)
        values[rows] = taken
        present[rows] = fresh & ~stale_mask(taken)
        times[rows] = series[rows[0]].times[position] / SECOND
    return Selected(Grid.of([one.labels for one in series], values, present), times)


def _positions(times: Times, at: Times, lookback: int) -> tuple[Indices, Mask]:
    position = np.searchsorted(times, at, side="right") - 1
    found = np.maximum(position, 0)
    return found, (position >= 0) & (times[found] > at - lookback)


def _taken(series: Sequence[Series], rows: list[int], position: Indices) -> Values:
    if len(position) == 1:
        # One instant: a look into each series is cheaper than laying them side by side.
        only = int(position[0])
        return np.array([series[row].values[only] for row in rows])[:, None]
    if len(rows) == 1:
        return series[rows[0]].values[position][None, :]
    return np.stack([series[row].values for row in rows])[:, position]
