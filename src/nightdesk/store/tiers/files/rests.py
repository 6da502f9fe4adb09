"""What is left of numbers when what is expected of them is taken off: series of like scale share an array.

A packer that sees small and large rests mixed spends the bits of the large ones on all; sorted by scale it does not.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.store.tiers.files.arrays import Array
from nightdesk.store.tiers.files.whole_numbers import Numbers, Rows

_FINEST: Final = -5
"""Series whose rests are smaller than 2**-5 in the mean share an array."""


def by_scale(rests: Numbers, rows: Rows, series: int) -> list[Array]:
    """Return the scale of each series, 0 where all rests are, and then an array for each other scale in use, rising."""
    magnitudes = np.bincount(rows, np.abs(rests.astype(np.float64)), series)
    means = magnitudes / np.maximum(np.bincount(rows, minlength=series), 1)
    with np.errstate(divide="ignore"):
        scales = np.maximum(np.floor(np.log2(means)), _FINEST) - _FINEST + 1
    scales = np.where(magnitudes > 0, scales, 0).astype(np.int32)
    own = scales[rows]
    return [scales, *(rests[own == scale] for scale in _in_use(own))]


def from_scales(arrays: Iterator[Array], rows: Rows) -> Numbers:
    """Undo `by_scale`, taking from `arrays` what it gave. Raises ValueError, IndexError where that is not there."""
    own = _next(arrays)[rows]
    rests = np.zeros(len(rows), dtype=np.int64)
    for scale in _in_use(own):
        rests[own == scale] = _next(arrays)
    return rests


def _in_use(scales: NDArray[np.int32]) -> list[int]:
    return [scale for scale in np.unique(scales).tolist() if scale]


def _next(arrays: Iterator[Array]) -> Array:
    for array in arrays:
        return array
    raise ValueError("an array is missing")
