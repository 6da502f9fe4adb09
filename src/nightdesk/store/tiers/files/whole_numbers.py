"""Values as whole numbers, every bit of them: decimals moved by the places of their series, others by order of bits.

What is near as a value is near as a number, so numbers are stored less what is expected of them.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.series import Values
from nightdesk.store.samples.packed.decimals import MOST_PLACES

Rows = NDArray[np.intp]
"""The series of each value, never falling."""
Places = NDArray[np.int32]
Numbers = NDArray[np.int64]
FLOATS: Final = -1
"""The number of decimal places of a series some of whose values need more than `MOST_PLACES`, or are no decimals."""
_MOST: Final = 2.0**53
_POWERS: Final = np.array([10.0**number for number in range(MOST_PLACES + 1)])
_BITS_OF_MAGNITUDE: Final = np.int64(2**63 - 1)


def places_of(values: Values, rows: Rows, series: int) -> Places:
    """Return how many decimal places the values of each series need, `FLOATS` where no number of them tells all."""
    places = np.full(series, FLOATS, dtype=np.int32)
    open_rows = np.ones(series, dtype=np.bool_)
    for number in range(MOST_PLACES + 1):
        looked_at = open_rows[rows]
        if not looked_at.any():
            break
        fits = np.ones(series, dtype=np.bool_)
        fits[rows[looked_at][~_fit(values[looked_at], number)]] = False
        found = fits & open_rows
        places[found] = number
        open_rows &= ~found
    return places


def numbers_of(values: Values, rows: Rows, places: Places) -> Numbers:
    """Return values as whole numbers; `values_of` gives back those that fit their places.

    A guess that does not fit is told as some number near it, 0 where it is none: the same one on every machine.
    """
    moved = _moved(values, _factors(places)[rows])
    floats = (places == FLOATS)[rows]
    moved[floats] = _ordered(values[floats])
    return moved


def values_of(numbers: Numbers, rows: Rows, places: Places) -> Values:
    """Undo `numbers_of`."""
    values = numbers / _factors(places)[rows]
    floats = (places == FLOATS)[rows]
    values[floats] = _of_ordered(numbers[floats])
    return np.asarray(values)


def guess(values: Values) -> Values:
    """Return what is expected of values, 0 for what is not finite: what NaN looks like differs between machines."""
    return np.where(np.isfinite(values), values, 0.0)


def rounded(values: Values, rows: Rows, places: Places) -> Values:
    """Return sums of decimals rid of what rounding left: the nearest decimal where that is within 1e-12 of them."""
    factors = _factors(places)[rows]
    with np.errstate(all="ignore"):
        nearest = np.rint(values * factors) / factors
        close = np.abs(nearest - values) <= 1e-12 * np.abs(values)
    return np.where((places[rows] >= 0) & close, nearest, values)


def row_starts(rows: Rows) -> NDArray[np.intp]:
    """Return where each series that has values begins."""
    return np.flatnonzero(np.diff(rows, prepend=-1))


def running(steps: Sequence[Numbers], bases: Numbers, rows: Rows) -> Numbers:
    """Add up steps within each series, from its base on. Raises ValueError where these do not fit together."""
    climbed = np.cumsum(np.sum(steps, axis=0, dtype=np.int64), dtype=np.int64)
    starts = row_starts(rows)
    if len(bases) != len(starts):
        raise ValueError("bases are missing")
    before = np.where(starts > 0, climbed[np.maximum(starts, 1) - 1], 0) if len(starts) else starts
    return np.asarray(climbed + np.repeat(bases - before, np.diff(starts, append=len(rows))), dtype=np.int64)


def _factors(places: Places) -> Values:
    return _POWERS[np.maximum(places, 0)]


def _moved(values: Values, factors: Values) -> Numbers:
    with np.errstate(all="ignore"):
        moved = np.rint(values * factors)
        return np.where(np.abs(moved) < _MOST, moved, 0.0).astype(np.int64)


def _ordered(values: Values) -> Numbers:
    """Return the bits of doubles as integers in the order of the values."""
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    return np.asarray(bits ^ ((bits >> 63) & _BITS_OF_MAGNITUDE))


def _of_ordered(numbers: Numbers) -> Values:
    return np.asarray((numbers ^ ((numbers >> 63) & _BITS_OF_MAGNITUDE)).view(np.float64))


def _fit(values: Values, places: int) -> NDArray[np.bool_]:
    with np.errstate(all="ignore"):
        moved = np.rint(values * 10.0**places)
        back = moved / 10.0**places
        # Bits, not values: -0.0 equals 0.0, and would come back as such.
        same = back.view(np.uint64) == np.ascontiguousarray(values).view(np.uint64)
        return np.asarray(same & (np.abs(moved) < _MOST) & ~((moved == 0) & np.signbit(moved)))
