"""Sums of windows that lie at even distances: summed once in tiles that the windows share, then tile by tile.

Windows of 20 samples every 4 samples are 5 tiles of 4: every sample is added once, and every window costs 5 additions
instead of 20. No sum reaches beyond its window, so nothing is lost to what lies before it.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from nightdesk.model.series import Values
from nightdesk.query.grid import Indices
from nightdesk.query.kernels.running_sum import RunningSum

_MOST_TILES: Final = 16
"""A window of more tiles is cheaper as the difference of two running totals."""
_CELLS: Final = 1 << 15
"""Cells at a time: they and their companions stay in the second-level cache."""


class Even(NamedTuple):
    """Windows `steps` of those asked for begin `stride` samples apart and hold `width` samples each."""

    steps: slice
    stride: int
    width: int


def evenly_placed(low: Indices, high: Indices) -> Even | None:
    """Return the longest run of windows at even distances, None where it is not most of them or its tiles are many."""
    counts, strides = high - low, np.diff(low)
    if len(low) < 8:
        return None
    middle = len(low) // 2
    stride, width = int(strides[middle]), int(counts[middle])
    if stride < 1 or width < 2 or width // math.gcd(stride, width) > _MOST_TILES:
        return None
    # One past the last odd place before the middle, and the first one from there on.
    odd = np.flatnonzero((strides != stride) | (counts[1:] != width))
    after = int(odd.searchsorted(middle))
    first = int(odd[after - 1]) + 1 if after else 0
    last = int(odd[after]) if after < len(odd) else len(low) - 1
    first += int(counts[first] != width)
    steps = slice(first, last + 1)
    return Even(steps, stride, width) if 4 * (last + 1 - first) >= 3 * len(low) else None


def even_sums(values: Values, begin: int, count: int, even: Even) -> Values:
    """Sum `count` windows, the first of which begins at sample `begin`; shapes (rows, samples) to (rows, count)."""
    sums = np.empty((len(values), count))
    height = max(1, _CELLS // max(1, values.shape[1]))
    for start in range(0, len(values), height):
        rows = slice(start, start + height)
        sums[rows] = _tiled(values[rows], begin, count, even)
    return sums


def _tiled(values: Values, begin: int, count: int, even: Even) -> Values:
    size = math.gcd(even.stride, even.width)
    apart, across = even.stride // size, even.width // size
    number = (count - 1) * apart + across
    samples = values[:, begin : begin + number * size].reshape(len(values), number, size)
    tiles = RunningSum(samples[:, :, 0], np.zeros(samples.shape[:2]))
    for offset in range(1, size):
        tiles.add(samples[:, :, offset])
    if across == 1:
        return RunningSum(tiles.total[:, ::apart], tiles.lost[:, ::apart]).result()
    windows = RunningSum.zeros((len(values), count))
    reach = (count - 1) * apart + 1
    for tile in range(across):
        windows.add(tiles.total[:, tile : tile + reach : apart])
        windows.lost += tiles.lost[:, tile : tile + reach : apart]
    return windows.result()
