"""Sketches of cells: made of samples, merged into those of larger cells. See `model.sketch` for the classes."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.buckets import Sketches
from nightdesk.model.series import Values
from nightdesk.model.sketch import Codes, codes_of

_CODE_BITS: Final = 18
_BIAS: Final = 1 << (_CODE_BITS - 1)
_MASK: Final = (1 << _CODE_BITS) - 1

Cells = NDArray[np.int64]


def sketched(values: Values, groups: NDArray[np.intp], lows: Values, highs: Values) -> Sketches:
    """Sketch samples: column j of `values` (rows, samples) falls into bucket `groups[j]` of `lows`, (rows, buckets).

    NaN counts nowhere. Cells whose lowest and highest value are in one class are left out.
    """
    low, high = codes_of(np.nan_to_num(lows, nan=0.0, posinf=np.inf, neginf=-np.inf)), codes_of(
        np.nan_to_num(highs, nan=0.0, posinf=np.inf, neginf=-np.inf)
    )  # fmt: skip
    varied = low != high
    taken = varied[:, groups] & ~np.isnan(values)
    rows, columns = np.nonzero(taken)
    cells = rows * lows.shape[1] + groups[columns]
    keys = _keys(cells, codes_of(values[rows, columns]))
    keys.sort()
    begins = np.flatnonzero(np.diff(keys, prepend=-1))
    return _of_keys(keys[begins], np.diff(begins, append=len(keys)))


def merged(sketches: Sketches, cells: Cells, counts: Cells, lows: Values) -> Sketches:
    """Merge sketches whose cells were renumbered; `cells`, `counts` and `lows` tell of those that were left out.

    Arrays need not be sorted. Cells that hold one class are left out of the result.
    """
    keys = np.concatenate([_keys(sketches.cells, sketches.codes), _keys(cells, codes_of(lows))])
    weights = np.concatenate([sketches.weights, counts])
    order = np.argsort(keys, kind="stable")
    keys, weights = keys[order], weights[order]
    begins = np.flatnonzero(np.diff(keys, prepend=-1))
    together = np.add.reduceat(weights, begins) if len(begins) else weights
    return without_plain(_of_keys(keys[begins], together))


def without_plain(sketches: Sketches) -> Sketches:
    """Leave out cells that hold one class."""
    cells = sketches.cells
    same_as_before = np.diff(cells, prepend=-1) == 0
    same_as_after = np.append(same_as_before[1:], False)
    kept = same_as_before | same_as_after
    return Sketches(cells[kept], sketches.codes[kept], sketches.weights[kept])


def no_sketches() -> Sketches:
    """Return sketches of nothing."""
    nothing = np.empty(0, dtype=np.int64)
    return Sketches(nothing, np.empty(0, dtype=np.int32), nothing)


def _keys(cells: Cells, codes: Codes) -> NDArray[np.int64]:
    return (cells.astype(np.int64) << _CODE_BITS) + (codes + _BIAS)


def _of_keys(keys: NDArray[np.int64], weights: NDArray[np.int64]) -> Sketches:
    return Sketches(keys >> _CODE_BITS, ((keys & _MASK) - _BIAS).astype(np.int32), weights.astype(np.int64))
