"""A record of returns, ready to be asked: what several statistics share is worked out once.

Notation of the catalogue: r are n simple returns, P periods a year, W is wealth that starts with 1 BEFORE the first
return, so that a loss on the first day is a drawdown.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.analytics.returns.annualising import demand_periods
from nightdesk.model.curve import Basis, Instants, Returns

Floats = NDArray[np.float64]
ROUNDING: Final = 1e-12
"""A relative difference of wealth below this is what the product of some 10,000 factors loses by rounding."""
SAME: Final = 1e-14
"""Returns no further apart are the same: the ratio of two amounts of equity is not known better."""


@dataclass(frozen=True, eq=False)
class Record:
    """Returns without gaps, with what is known of their time; NaN never enters."""

    times: Instants
    """When each period ends, ns."""
    values: Floats
    started_at: int | None = None
    """When the first period began, ns; None where nobody said."""
    periods_per_year: float | None = None
    periods_assumed: bool = False
    risk_free: float = 0.0
    """A rate A YEAR; each period's share is (1 + rf)^(1/P) - 1."""
    basis: Basis = Basis.REPORTED
    deepest: float | None = None
    """The deepest drawdown where it is known between the ends of periods too: after each closed trade."""
    skipped: int = 0
    """Returns that were no number and were left out; they are in no n."""

    def __post_init__(self) -> None:
        """Refuse periods a year that are none: every annualised figure would be nonsense. Raises Refused."""
        demand_periods(self.periods_per_year)

    @classmethod
    def of(
        cls,
        returns: Returns,
        *,
        started_at: int | None = None,
        periods_per_year: float | None = None,
        periods_assumed: bool = False,
        risk_free: float = 0.0,
        deepest: float | None = None,
    ) -> "Record":
        """Take returns; NaN and infinities are left out and counted."""
        fine = np.isfinite(returns.values)
        return cls(
            times=returns.times[fine],
            values=returns.values[fine],
            started_at=started_at,
            periods_per_year=periods_per_year,
            periods_assumed=periods_assumed,
            risk_free=risk_free,
            basis=returns.basis,
            deepest=deepest,
            skipped=int(len(fine) - np.count_nonzero(fine)),
        )

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def is_constant(self) -> bool:
        """True where every return is the same: by range, for a computed deviation may be 1e-19 instead of 0."""
        return len(self.values) > 0 and bool(self.values.max() - self.values.min() <= SAME)

    @cached_property
    def mean(self) -> float:
        """Arithmetic mean of the returns."""
        return float(self.values.mean())

    @cached_property
    def deviation(self) -> float:
        """Sample standard deviation, ddof = 1; exactly 0 where all returns are the same."""
        return 0.0 if self.is_constant else float(self.values.std(ddof=1))

    @cached_property
    def rate_per_period(self) -> float:
        """The risk-free rate of one period; 0 where the periods a year are not known."""
        if self.risk_free == 0 or self.periods_per_year is None:
            return 0.0
        return float((1 + self.risk_free) ** (1 / self.periods_per_year) - 1)

    @cached_property
    def shortfall(self) -> float:
        """Root mean square of what falls short of the risk-free rate, over all n returns."""
        short = np.minimum(self.values - self.rate_per_period, 0)
        return float(np.sqrt(np.mean(short * short)))

    @cached_property
    def wealth(self) -> Floats:
        """W, shape (n + 1,): 1, then the product of 1 + r; once below zero it stays there, for nothing grows."""
        grown = np.empty(len(self.values) + 1)
        grown[0] = 1.0
        np.cumprod(1 + self.values, out=grown[1:])
        below = np.flatnonzero(grown < 0)
        if len(below):
            grown[below[0] :] = grown[below[0]]
        return grown

    @cached_property
    def outlived(self) -> bool:
        """True where returns go on after wealth fell below zero: of what, nobody can say."""
        wealth = self.wealth
        return len(wealth) > 1 and bool(wealth[-2] < 0 or (wealth[-1] < 0 and self.skipped))

    @cached_property
    def drawdowns(self) -> Floats:
        """W over its running maximum - 1, shape (n + 1,); never above 0, and below -1 where wealth became negative.

        What rounding leaves of a full recovery is 0, else one fall would swallow the next.
        """
        depths = self.wealth / np.maximum.accumulate(self.wealth) - 1
        depths[depths > -ROUNDING] = 0.0
        return depths

    @cached_property
    def ascending(self) -> Floats:
        """The returns from the lowest to the highest."""
        return np.sort(self.values)

    def percentile(self, share: float) -> float:
        """Return the percentile at a share in [0, 1], linear between neighbours (numpy's and R's type 7)."""
        at = share * (len(self.values) - 1)
        low = int(at)
        high = min(low + 1, len(self.values) - 1)
        below, above = float(self.ascending[low]), float(self.ascending[high])
        return below + (above - below) * (at - low)
