"""A sketch of values by magnitude: each value counts in a class, whose middle is within 1 % of every value in it.

The classes are those of DDSketch (Masson, Rim, Lee: DDSketch, VLDB 2019): class i of a sign holds magnitudes in
(gamma^(i-1), gamma^i] with gamma = (1 + a) / (1 - a) and a the relative error. Sketches are merged exactly, by adding
what the classes count. A class is told by its code, an integer that rises with the value: zero is 0, infinities are
the ends. NaN has no code.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.series import Values

Codes = NDArray[np.int32]

RELATIVE_ERROR: Final = 0.01
GAMMA_LOG: Final = math.log1p(RELATIVE_ERROR) - math.log1p(-RELATIVE_ERROR)
"""The logarithm of the ratio of two classes."""
_LOG_MIDDLE: Final = math.log(2.0) - math.log1p(math.exp(GAMMA_LOG))
OFFSET: Final = 40_000
"""Larger than any class of a finite double either way, so that a code of its sign is never 0."""
MOST_CODE: Final = 2 * OFFSET
"""The code of +Inf; that of -Inf is its negative."""


def codes_of(values: Values) -> Codes:
    """Return the codes of values, same shape; none may be NaN."""
    with np.errstate(divide="ignore"):
        classes = np.log(np.abs(values))
    classes /= GAMMA_LOG
    np.ceil(classes, out=classes)
    # Zero has the logarithm -Inf, infinity +Inf: they land on codes that no other value has.
    np.clip(classes, -OFFSET, OFFSET, out=classes)
    classes += OFFSET
    return np.asarray(np.copysign(classes, values).astype(np.int32))


def values_of(codes: Codes) -> Values:
    """Return the middle of the classes, within `RELATIVE_ERROR` of every value in them; same shape."""
    with np.errstate(over="ignore"):
        middles = np.exp((np.abs(codes) - float(OFFSET)) * GAMMA_LOG + _LOG_MIDDLE)
    middles = np.where(codes == 0, 0.0, np.where(np.abs(codes) >= MOST_CODE, np.inf, middles))
    return np.asarray(np.copysign(middles, codes))
