"""Sums of windows that lie at even distances: summed once in tiles that the windows share, then tile by tile.

Windows of 20 samples every 4 samples are 5 tiles of 4: every sample is added once, and every window costs 5 additions
instead of 20. No sum reaches beyond its window; but all samples of a row are split at one digit (see `extraction`), so
that a window of far smaller values than the row's largest is in doubt.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from nightdesk.model.series import Values
from nightdesk.query.grid import Indices, Mask
from nightdesk.query.kernels.extraction import MOST, Extracted, extracted, powers_above

_MOST_TILES: Final = 16
"""A window of more tiles is cheaper as the difference of two running totals."""
_CELLS: Final = 1 << 16
"""Cells at a time: they and their companions stay in the second-level cache."""
_DOUBT: Final = 2.0**-48
"""Times the square of a window's width: the share of its bound below which a sum may be off in its last digits."""


class Even(NamedTuple):
    """Windows `steps` of those asked for begin `stride` samples apart and hold `width` samples each."""

    steps: slice
    stride: int
    width: int

    @property
    def size(self) -> int:
        """How many samples a tile holds: windows begin and end where tiles do."""
        return math.gcd(self.stride, self.width)


def evenly_placed(low: Indices, high: Indices) -> Even | None:
    """Return the longest run of windows at even distances, None where it is not most of them or its tiles are many."""
    counts, strides = high - low, low[1:] - low[:-1]
    if len(low) < 8:
        return None
    middle = len(low) // 2
    stride, width = int(strides[middle]), int(counts[middle])
    if stride < 1 or width < 2 or width // math.gcd(stride, width) > _MOST_TILES:
        return None
    # One past the last odd place before the middle, and the first one from there on.
    odd = ((strides != stride) | (counts[1:] != width)).nonzero()[0]
    after = int(odd.searchsorted(middle))
    first = int(odd[after - 1]) + 1 if after else 0
    last = int(odd[after]) if after < len(odd) else len(low) - 1
    first += int(counts[first] != width)
    steps = slice(first, last + 1)
    return Even(steps, stride, width) if 4 * (last + 1 - first) >= 3 * len(low) else None


def even_sums(values: Values, begin: int, count: int, even: Even) -> tuple[Values, Mask]:
    """Sum `count` windows, the first of which begins at sample `begin`; shapes (rows, samples) to (rows, count).

    Tells too of which rows some sum is in doubt: values of another magnitude lie elsewhere in the row, or infinities.
    """
    number = (count - 1) * (even.stride // even.size) + even.width // even.size
    values = values[:, begin : begin + number * even.size]
    sums, doubtful = np.empty((len(values), count)), np.empty(len(values), dtype=np.bool_)
    height = max(1, _CELLS // max(1, values.shape[1]))
    for start in range(0, len(values), height):
        rows = slice(start, start + height)
        sums[rows], doubtful[rows] = _tiled(values[rows], count, even)
    return sums, doubtful


def _tiled(values: Values, count: int, even: Even) -> tuple[Values, Mask]:
    largest = np.maximum(values.max(axis=1), -values.min(axis=1))
    bounds = np.where(largest < MOST / even.width, largest * even.width, 0.0)
    parts = np.empty((2, *values.shape))
    extracted(values, powers_above(bounds)[:, None], Extracted(*parts))
    tiles = _runs(parts, even.size, even.size, values.shape[1] // even.size)
    windows = _runs(tiles, even.width // even.size, even.stride // even.size, count)
    sums = windows[0] + windows[1]
    # What plain addition may have lost of the rest, beside the last digit of the sum; nothing where there is no rest.
    doubtful = np.abs(sums).min(axis=1) < bounds * (even.width**2 * _DOUBT)
    if doubtful.any():
        doubtful &= parts[1].any(axis=1)
    return sums, doubtful | ~(largest < MOST / even.width)


def _runs(matrices: Values, length: int, stride: int, count: int) -> Values:
    """Sum runs of `length` neighbours, `stride` apart, along the last axis, which `count` of them come from."""
    reach = (count - 1) * stride + 1
    if length == 1:
        return matrices[..., :reach:stride]
    sums: Values = matrices[..., :reach:stride] + matrices[..., 1 : 1 + reach : stride]
    for place in range(2, length):
        sums += matrices[..., place : place + reach : stride]
    return sums
