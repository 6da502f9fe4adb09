"""Values that are whole numbers once they are moved by a few decimal places: as integers they compress better."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.series import Values

MOST_PLACES: Final = 9
_MOST: Final = 2.0**53
"""Beyond it float64 does not hold every integer."""
_TRIED: Final = 24
"""Values of each series that are looked at before all of them are."""

Integers = NDArray[np.int64]


def places_of(values: Values) -> NDArray[np.int64]:
    """Return how many decimal places each row of (series x instants) seems to need, -1 for more than 9.

    A few values of each row are looked at, so `scaled` has the last word.
    """
    columns = np.unique(np.linspace(0, values.shape[1] - 1, _TRIED).astype(np.int64))
    some = np.ascontiguousarray(values[:, columns])
    places = np.full(len(some), -1, dtype=np.int64)
    for candidate in range(MOST_PLACES + 1):
        left = np.flatnonzero(places < 0)
        if not len(left):
            break
        _, fits = _tried(some[left], candidate)
        places[left[fits]] = candidate
    return places


def scaled(values: Values, places: int) -> tuple[Integers, NDArray[np.bool_]]:
    """Return the rows times 10 ** places as integers, and which rows come back in every bit."""
    moved, fits = _tried(values, places)
    with np.errstate(invalid="ignore"):
        return moved.astype(np.int64), fits


def unscale(integers: Integers, places: int, target: Values) -> None:
    """Undo `scaled`. Division rounds correctly, so the float64 nearest to the decimal number comes out again."""
    if places:
        np.divide(integers, 10.0**places, out=target)
    else:
        target[:] = integers


def _tried(values: Values, places: int) -> tuple[Values, NDArray[np.bool_]]:
    scale = 10.0**places
    with np.errstate(invalid="ignore", over="ignore"):
        moved = np.rint(values * scale) if places else np.rint(values)
        back = moved / scale if places else moved
    # Bits, not values: -0.0 equals 0.0, and would come back as such.
    fits = (back.view(np.uint64) == values.view(np.uint64)).all(axis=1)
    fits &= (np.abs(moved) < _MOST).all(axis=1)
    # The integer 0 comes back as 0.0.
    return moved, fits & ~((moved == 0) & np.signbit(moved)).any(axis=1)
