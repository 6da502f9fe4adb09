"""How far a record's returns scatter, and what their low end looks like."""

from math import sqrt
from statistics import NormalDist

import numpy as np

from nightdesk.analytics.figure import Answer, Reason
from nightdesk.analytics.returns.record import Record

TAIL = 0.05
"""The share of the worst (and the best) returns that the tail figures look at."""


def annual_volatility(record: Record) -> Answer:
    """std(r, ddof = 1) * sqrt(P)."""
    if len(record) < 2:
        return Reason.TOO_FEW_RETURNS
    if record.periods_per_year is None:
        return Reason.NO_PERIODS
    return record.deviation * sqrt(record.periods_per_year)


def downside_risk(record: Record) -> Answer:
    """sqrt(mean(min(r - rf_p, 0)^2)) * sqrt(P); the divisor is all n."""
    if not len(record):
        return Reason.NO_RETURNS
    if record.periods_per_year is None:
        return Reason.NO_PERIODS
    return record.shortfall * sqrt(record.periods_per_year)


def value_at_risk(record: Record) -> Answer:
    """The 5th percentile of r, linear between neighbours; a loss is negative."""
    return record.percentile(TAIL) if len(record) else Reason.NO_RETURNS


def normal_value_at_risk(record: Record) -> Answer:
    """Mean + z(5 %) * std(ddof = 1): what the 5th percentile would be were the returns normal."""
    if len(record) < 2:
        return Reason.TOO_FEW_RETURNS
    return record.mean + NormalDist().inv_cdf(TAIL) * record.deviation


def conditional_value_at_risk(record: Record) -> Answer:
    """Mean of the lowest int((n - 1) * 0.05) + 1 returns."""
    if not len(record):
        return Reason.NO_RETURNS
    return float(record.ascending[: int((len(record) - 1) * TAIL) + 1].mean())


def tail_ratio(record: Record) -> Answer:
    """|95th percentile| / |5th percentile|."""
    if not len(record):
        return Reason.NO_RETURNS
    low = abs(record.percentile(TAIL))
    return abs(record.percentile(1 - TAIL)) / low if low > 0 else Reason.NO_LOW_TAIL


def skew(record: Record) -> Answer:
    """Sample skewness, bias-corrected: g1 * sqrt(n (n - 1)) / (n - 2)."""
    n = len(record)
    if n < 3:
        return Reason.TOO_FEW_RETURNS
    if record.is_constant:
        return Reason.ZERO_VARIANCE
    away = (record.values - record.mean) / record.deviation
    return float(np.sum(away**3)) * n / ((n - 1) * (n - 2))


def kurtosis(record: Record) -> Answer:
    """Sample excess kurtosis, bias-corrected; 0 for a normal distribution."""
    n = len(record)
    if n < 4:
        return Reason.TOO_FEW_RETURNS
    if record.is_constant:
        return Reason.ZERO_VARIANCE
    squared = ((record.values - record.mean) / record.deviation) ** 2
    fourth = float(squared @ squared) * n * (n + 1) / ((n - 1) * (n - 2) * (n - 3))
    return fourth - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))
