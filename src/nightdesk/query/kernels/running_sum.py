"""A sum that keeps what rounding loses: the error of every addition is taken exactly (Knuth's TwoSum)."""

from dataclasses import dataclass

import numpy as np

from nightdesk.model.series import Values


def summed(values: Values) -> Values:
    """Sum along the last axis from first to last: zeros behind the end of a window change no digit.

    numpy's own sum adds in pairs whose places depend on the width, so that a window's sum would differ in the last
    digit with what lies beside it.
    """
    totals: Values = np.cumsum(values, axis=-1)[..., -1] if values.shape[-1] else np.zeros(values.shape[:-1])
    return totals


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
