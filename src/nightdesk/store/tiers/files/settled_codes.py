"""The class of a value in a sketch, nearly: worked out in whole numbers, so that every machine finds the same one.

`codes_of` takes logarithms, whose last bit differs between machines. What a file leaves out because its reader can work
it out must not: it is told beside these codes, which differ from the others near the borders of classes alone.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.series import Values
from nightdesk.model.sketch import GAMMA_LOG, MOST_CODE, OFFSET

_BITS: Final = 16
"""Of the mantissa that count: a step of them is a thousandth of a class."""
_SCALE: Final = 24
_STEPS: Final = np.rint(np.log2(1.0 + (np.arange(1 << _BITS) + 0.5) / (1 << _BITS)) * (1 << _SCALE)).astype(np.int64)
"""The binary logarithm of each, in 1 / 2**24; none lies so near to a half that it rounds elsewhere."""
_CLASS: Final = round(GAMMA_LOG / float(np.log(2.0)) * (1 << 2 * _SCALE))
"""That of the ratio of two classes, in 1 / 2**48: the errors of some 35,000 classes add up to nothing."""


def settled_codes(values: Values) -> NDArray[np.int64]:
    """Return codes of values, same shape, within 1 of `codes_of` for normal numbers; those of NaN mean nothing."""
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    exponents = ((bits >> 52) & 0x7FF) - 1023
    logarithms = (exponents << _SCALE) + _STEPS[(bits >> (52 - _BITS)) & ((1 << _BITS) - 1)]
    # 2**11 * 2**24 * 2**24 stays below 2**63.
    classes = np.clip(-((-logarithms << _SCALE) // _CLASS), -OFFSET, OFFSET) + OFFSET
    classes = np.where(np.isinf(values), MOST_CODE, np.where(values == 0, 0, classes))
    return np.where(bits < 0, -classes, classes)
