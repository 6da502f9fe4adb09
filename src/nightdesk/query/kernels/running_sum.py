"""A sum that keeps what rounding loses: the error of every addition is taken exactly (Knuth's TwoSum)."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from nightdesk.model.series import Values

_LANES: Final = 8
_BLOCK: Final = 128
"""numpy adds a row of up to this many cells in eight lanes, cell by cell, and then the lanes."""


def summed(values: Values) -> Values:
    """Sum along the last axis so that zeros behind the end of a window change nothing, not the last digit.

    numpy's own sum adds in pairs whose places depend on the width of the array, and so on the windows beside; here
    every width is filled up to whole lanes, and to whole blocks where there are several.
    """
    *shape, width = values.shape
    unit = _LANES if width <= _BLOCK else _BLOCK
    filled = np.zeros((*shape, -(-width // unit) * unit))
    filled[..., :width] = values
    if width <= _BLOCK:
        return np.asarray(filled.sum(axis=-1))
    blocks = filled.reshape(*shape, -1, _BLOCK).sum(axis=-1)
    return np.asarray(np.cumsum(blocks, axis=-1)[..., -1])


@dataclass(slots=True)
class RunningSum:
    """A sum in the making: `total` and what rounding lost, arrays of one shape."""

    total: Values
    lost: Values

    @classmethod
    def zeros(cls, shape: tuple[int, ...]) -> "RunningSum":
        """Start from nothing."""
        return cls(np.zeros(shape), np.zeros(shape))

    def add(self, values: Values) -> None:
        """Add an array of the sum's shape."""
        total = self.total + values
        bent = total - self.total
        self.lost += (self.total - (total - bent)) + (values - bent)
        self.total = total

    def result(self) -> Values:
        """Return the sum; once it is infinite or NaN there is nothing to correct."""
        return np.where(np.isfinite(self.total), self.total + self.lost, self.total)
