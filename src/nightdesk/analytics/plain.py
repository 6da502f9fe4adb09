"""Two statistics for whoever holds plain numbers: returns in, a float out, or None where there is nothing to say."""

from collections.abc import Iterable

import numpy as np

from nightdesk.analytics.figure import Answer, Reason
from nightdesk.analytics.returns.drawdown import max_drawdown
from nightdesk.analytics.returns.ratios import sharpe_ratio
from nightdesk.analytics.returns.record import Floats, Record


def sharpe_of(returns: Iterable[float], periods_per_year: float, risk_free: float = 0.0) -> float | None:
    """Return mean(r - rf_p) / std(ddof = 1) * sqrt(P); None below two returns or at zero variance.

    `returns` are simple returns of equal periods; NaN are left out. `risk_free` is a rate A YEAR.
    """
    values = _numbers(returns)
    times = np.arange(len(values))
    return _plain(sharpe_ratio(Record(times, values, periods_per_year=periods_per_year, risk_free=risk_free)))


def max_drawdown_of(returns: Iterable[float]) -> float | None:
    """Return min(W / cummax(W) - 1), W starting with 1 before the first return; None without returns."""
    values = _numbers(returns)
    return _plain(max_drawdown(Record(np.arange(len(values)), values)))


def max_drawdown_of_equity(equity: Iterable[float]) -> float | None:
    """Return the same of points of equity without flows; None below two points or where the first is not above 0."""
    points = _numbers(equity)
    if len(points) < 2 or points[0] <= 0:
        return None
    return float(np.minimum(points / np.maximum.accumulate(points) - 1, 0).min())


def _numbers(values: Iterable[float]) -> Floats:
    array = np.array(list(values), dtype=np.float64)
    return array[np.isfinite(array)]


def _plain(answer: Answer) -> float | None:
    return None if isinstance(answer, Reason) else float(answer)
