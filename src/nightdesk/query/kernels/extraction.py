"""Sums in two parts: the leading digits of all values, which add up without any rounding, and what is left of them.

Error-free vector transformation (Rump, Ogita, Oishi: Accurate floating-point summation, part I, 2008). Adding a large
power of two and taking it off again rounds a value to a multiple of that power's last digit. Such multiples are summed
exactly in any order, as long as their sum stays below the power; what is left of the values is so small that what
plain addition loses of it lies past the last digit of the answer. Three additions a value take the place of the seven
that the error of every single addition costs, and any reduction of numpy can do the rest.
"""

from typing import Final, NamedTuple

import numpy as np

from nightdesk.model.series import Values

MOST: Final = 2.0**1000
"""Bounds from here on have no power of two to spare above them."""


class Extracted(NamedTuple):
    """Values as `leading + rest`, each of the shape of the values; no digit is in neither."""

    leading: Values
    rest: Values


def powers_above(bounds: Values) -> Values:
    """Return powers of two for `extracted`, for values whose magnitudes sum to at most `bounds`, each below `MOST`."""
    # More than twice the bound, so that neither a value nor a rounded sum of them reaches the power itself.
    powers: Values = np.ldexp(1.0, np.frexp(bounds)[1] + 1)
    return powers


def extracted(values: Values, powers: Values, out: Extracted) -> Extracted:
    """Split values, of which those that will be summed share a power of `powers_above`; the parts go into `out`."""
    np.add(values, powers, out=out.leading)
    np.subtract(out.leading, powers, out=out.leading)
    np.subtract(values, out.leading, out=out.rest)
    return out
