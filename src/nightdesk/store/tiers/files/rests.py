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
    scales = np.where(magnitudes > 0, scales, 0).astype(np.int8)
    own, order = _in_order(scales, rows)
    begins = np.flatnonzero(np.diff(own, prepend=0))
    return [scales.astype(np.int32), *np.split(rests[order], begins)[1:]]


def from_scales(arrays: Iterator[Array], rows: Rows) -> Numbers:
    """Undo `by_scale`, taking from `arrays` what it gave. Raises ValueError, IndexError where that is not there."""
    own, order = _in_order(_next(arrays).astype(np.int8), rows)
    rests = np.zeros(len(rows), dtype=np.int64)
    told = int(np.count_nonzero(own))
    if told:
        steps = np.count_nonzero(np.diff(own, prepend=0))
        rests[order[len(own) - told :]] = np.concatenate([_next(arrays) for _ in range(steps)])
    return rests


def _in_order(scales: NDArray[np.int8], rows: Rows) -> tuple[NDArray[np.int8], NDArray[np.intp]]:
    """Return the scale of each rest, rising, and the places of these."""
    own = scales[rows]
    order = np.argsort(own, kind="stable")
    return own[order], order


def _next(arrays: Iterator[Array]) -> Array:
    for array in arrays:
        return array
    raise ValueError("an array is missing")
