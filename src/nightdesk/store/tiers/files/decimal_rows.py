"""Values of series as arrays: those of a series that are decimals travel as integers, which compress better."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.series import Values
from nightdesk.store.samples.packed.decimals import MOST_PLACES
from nightdesk.store.tiers.files.arrays import Array

Rows = NDArray[np.intp]
Places = NDArray[np.int32]
FLOATS: Final = -1
"""The number of decimal places of a series some of whose values need more than `MOST_PLACES`."""
_MOST: Final = 2.0**53


def packed(values: Values, rows: Rows, series: int, expected: Values | None = None) -> list[Array]:
    """Return the places of each series, then an array for each number of places in use, rising.

    `rows`, never falling, names the series of each value. Decimals travel less what is `expected` of each, which
    whoever reads must know: small numbers, where that is near. Every bit comes back.
    """
    places = places_of(values, rows, series)
    arrays: list[Array] = [places]
    for number in np.unique(places[rows]).tolist():
        mine = places[rows] == number
        chosen = values[mine]
        arrays.append(chosen if number == FLOATS else _moved(chosen, number) - _base(expected, mine, number))
    return arrays


def unpacked(arrays: Sequence[Array], rows: Rows, expected: Values | None = None) -> Values:
    """Undo `packed`, given the same `expected`. Raises ValueError, IndexError where the arrays do not fit together."""
    places, *classes = arrays
    numbers = np.unique(places[rows]).tolist()
    values = np.empty(len(rows))
    for number, array in zip(numbers, classes, strict=True):
        mine = places[rows] == number
        values[mine] = array if number == FLOATS else (array + _base(expected, mine, number)) / 10.0**number
    return values


def _moved(values: Values, places: int) -> NDArray[np.int64]:
    return np.rint(values * 10.0**places).astype(np.int64)


def _base(expected: Values | None, mine: NDArray[np.bool_], places: int) -> NDArray[np.int64] | int:
    """Return what decimals travel less of, 0 for what is no whole number of moderate size."""
    if expected is None:
        return 0
    with np.errstate(all="ignore"):
        moved = np.rint(expected[mine] * 10.0**places)
        return np.where(np.abs(moved) < _MOST, moved, 0.0).astype(np.int64)


def places_of(values: Values, rows: Rows, series: int) -> Places:
    """Return how many decimal places the values of each series need, `FLOATS` where it is more than 9."""
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


def rounded(values: Values, rows: Rows, places: Places) -> Values:
    """Return sums of decimals rid of what rounding left: the nearest decimal where that is within 1e-12 of them."""
    number = np.maximum(places[rows], 0)
    with np.errstate(all="ignore"):
        nearest = np.rint(values * 10.0**number) / 10.0**number
        close = np.abs(nearest - values) <= 1e-12 * np.abs(values)
    return np.where((places[rows] >= 0) & close, nearest, values)


def _fit(values: Values, places: int) -> NDArray[np.bool_]:
    with np.errstate(all="ignore"):
        moved = np.rint(values * 10.0**places)
        back = moved / 10.0**places
        # Bits, not values: -0.0 equals 0.0, and would come back as such.
        same = back.view(np.uint64) == np.ascontiguousarray(values).view(np.uint64)
        return np.asarray(same & (np.abs(moved) < _MOST) & ~((moved == 0) & np.signbit(moved)))
