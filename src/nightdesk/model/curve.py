"""Equity over time and returns: two types, so that nobody guesses which of them an array is.

Here Decimal money becomes float64, once; statistics are computed on floats, sums of money are not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.ledger import CashFlow, EquityMark, ReturnMark
from nightdesk.model.series import Values

Instants = NDArray[np.int64]
"""Instants in nanoseconds since the epoch, strictly ascending, shape (points,)."""


class Basis(Enum):
    """What a curve was made of; every figure says it."""

    MARKED = "marked to market"
    """Equity marks: open positions are in them at their market price."""
    REALISED = "realised only"
    """Closed trades on a starting balance: what is open is not in it."""
    REPORTED = "returns as reported"
    """Returns that a source gave; there is no money in them."""


@dataclass(frozen=True, slots=True, eq=False)
class Returns:
    """Simple returns: `values[i]` is the return of the period that ends at `times[i]`."""

    times: Instants
    values: Values
    basis: Basis

    def __post_init__(self) -> None:
        """Refuse arrays of different lengths: a shifted row would be a wrong return."""
        _check(self.times, self.values)

    def __len__(self) -> int:
        return len(self.values)

    @classmethod
    def from_marks(cls, marks: Sequence[ReturnMark]) -> "Returns":
        """Take return marks in ascending order of their instants."""
        times = np.array([mark.at for mark in marks], dtype=np.int64)
        return cls(times, np.array([mark.value for mark in marks], dtype=np.float64), Basis.REPORTED)


@dataclass(frozen=True, slots=True, eq=False)
class EquityCurve:
    """Equity at instants, in one currency; `flows[i]` came in (or went out, negative) since the point before."""

    times: Instants
    values: Values
    flows: Values
    currency: str
    basis: Basis

    def __post_init__(self) -> None:
        """Refuse arrays of different lengths: a shifted row would be a wrong equity."""
        _check(self.times, self.values)
        _check(self.times, self.flows)

    def __len__(self) -> int:
        return len(self.values)

    @classmethod
    def from_marks(cls, marks: Sequence[EquityMark], flows: Sequence[CashFlow]) -> "EquityCurve":
        """Take marks of one currency in ascending order, and the flows of their time; flows before the first fall away.

        A flow belongs to the first mark at or after it; one after the last mark is in no mark yet and is left out.
        """
        times = np.array([mark.at for mark in marks], dtype=np.int64)
        values = np.array([float(mark.equity) for mark in marks], dtype=np.float64)
        moved = np.zeros(len(times), dtype=np.float64)
        for flow in flows:
            index = int(np.searchsorted(times, flow.at))
            if 0 < index < len(times):
                moved[index] += float(flow.amount)
        return cls(times, values, moved, marks[0].currency if marks else "", Basis.MARKED)

    def returns(self) -> Returns:
        """Return the time-weighted returns between the points; n points give n - 1.

        Money that comes in counts from the start of its period, money that goes out until its end:
        r = (E + out) / (E_before + in) - 1. Where the divisor is zero or below, the return is NaN.
        """
        paid_in, paid_out = np.maximum(self.flows[1:], 0), np.maximum(-self.flows[1:], 0)
        base = self.values[:-1] + paid_in
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.where(base > 0, (self.values[1:] + paid_out) / base - 1, np.nan)
        return Returns(self.times[1:], values, self.basis)


def _check(times: Instants, values: Values) -> None:
    if len(times) != len(values):
        raise ValueError("times and values must have one length")
    if len(times) > 1 and not bool(np.all(np.diff(times) > 0)):
        raise ValueError("times must be strictly ascending")
