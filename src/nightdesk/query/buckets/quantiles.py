"""Quantiles of windows from the sketches of their buckets: the values between which they lie are within 1 %."""

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.buckets import Column, Sketches
from nightdesk.model.series import Values
from nightdesk.model.sketch import codes_of, values_of
from nightdesk.query.buckets.windows import BucketWindows
from nightdesk.query.grid import Indices
from nightdesk.query.selecting.windows import CELLS_A_TURN

Whole = NDArray[np.int64]
_CODE_BITS = 20


def window_quantiles(windows: BucketWindows, wanted: Values, lows: Values, highs: Values) -> Values:
    """Interpolate the quantiles `wanted`, shape (steps,), of every window; answers (rows, steps).

    `lows` and `highs` are the extremes of the windows, which are told exactly. NaN counts as smaller than all.
    """
    present = windows.counts - windows.total(Column.MISSING)
    rank = np.clip(np.nan_to_num(wanted, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0) * np.maximum(windows.counts - 1, 0)
    lower = np.floor(rank).astype(np.int64)
    upper = np.minimum(lower + 1, np.maximum(windows.counts - 1, 0))
    missing = windows.counts - present
    below, above = _values_of_rank(windows, (lower - missing, upper - missing))
    low, high = (
        _within(value, place - missing, present, lows, highs) for value, place in ((below, lower), (above, upper))
    )
    weight = rank - lower
    result = low * (1 - weight) + high * weight
    result = np.where(wanted < 0, -np.inf, np.where(wanted > 1, np.inf, result))
    return np.where(np.isnan(wanted) | (windows.counts == 0), np.nan, result)


def _within(value: Values, rank: Whole, present: Whole, lows: Values, highs: Values) -> Values:
    """Return values of a rank, of which the first and the last are known; NaN where the rank is that of a NaN."""
    told = np.where(rank == 0, lows, np.where(rank == present - 1, highs, np.clip(value, lows, highs)))
    return np.where(rank < 0, np.nan, told)


def _values_of_rank(windows: BucketWindows, ranks: tuple[Whole, Whole]) -> tuple[Values, Values]:
    """Look up values by rank among those of a window that are not NaN; both ranks in one go over the sketches."""
    entries = _every_cell(windows)
    buckets = len(windows.buckets.ends)
    rows, steps = windows.counts.shape
    row = np.arange(rows)[:, None] * buckets
    begins = entries.cells.searchsorted((row + windows.low).ravel())
    sizes = entries.cells.searchsorted((row + windows.high).ravel()) - begins
    found = np.zeros((2, rows * steps))
    flat = [rank.ravel() for rank in ranks]
    for low, high in _turns(sizes):
        windows_here = np.flatnonzero(sizes[low:high]) + low
        if len(windows_here):
            codes = _looked_up(
                entries, begins[windows_here], sizes[windows_here], [rank[windows_here] for rank in flat]
            )
            found[:, windows_here] = values_of(codes)
    below, above = found.reshape(2, rows, steps)
    return below, above


def _every_cell(windows: BucketWindows) -> Sketches:
    """Return the sketches of all cells that hold values: of those left out, the lowest value tells the class."""
    buckets = windows.buckets
    kept = buckets.sketches
    assert kept is not None
    weights = np.asarray(buckets[Column.COUNT] - buckets[Column.MISSING], dtype=np.int64).ravel()
    plain = weights > 0
    plain[kept.cells] = False
    cells = np.flatnonzero(plain)
    codes = codes_of(np.asarray(buckets[Column.LOW], dtype=np.float64).ravel()[cells])
    all_cells = np.concatenate([kept.cells, cells])
    order = np.argsort(all_cells, kind="stable")
    return Sketches(
        all_cells[order],
        np.concatenate([kept.codes, codes])[order],
        np.concatenate([kept.weights, weights[cells]])[order],
    )


def _looked_up(entries: Sketches, begins: Indices, sizes: Indices, ranks: list[Whole]) -> NDArray[np.int32]:
    """Return the codes at ranks of windows, none empty, whose entries are `sizes` from `begins`; shape (2, windows)."""
    ends = np.cumsum(sizes)
    number = np.repeat(np.arange(len(sizes)), sizes)
    place = np.arange(ends[-1]) - np.repeat(ends - sizes, sizes) + np.repeat(begins, sizes)
    keys = (number.astype(np.int64) << _CODE_BITS) + entries.codes[place] + (1 << (_CODE_BITS - 1))
    order = np.argsort(keys, kind="stable")
    codes, running = entries.codes[place[order]], np.cumsum(entries.weights[place[order]])
    before = np.concatenate([[0], running[ends[:-1] - 1]])
    total = running[ends - 1] - before
    return np.stack([codes[running.searchsorted(before + np.clip(rank, 0, total - 1), side="right")] for rank in ranks])


def _turns(sizes: Indices) -> list[tuple[int, int]]:
    """Cut windows so that no turn has many more entries than `CELLS_A_TURN`."""
    running = np.cumsum(sizes)
    turns, low = [], 0
    while low < len(sizes):
        reached = running[low - 1] if low else 0
        high = max(low + 1, int(running.searchsorted(reached + CELLS_A_TURN, side="right")))
        turns.append((low, high))
        low = high
    return turns
