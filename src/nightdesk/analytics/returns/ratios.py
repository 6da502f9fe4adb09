"""Reward against risk; each ratio's convention is the one most libraries agree on, and stands in the catalogue."""

from math import erfc, sqrt

import numpy as np

from nightdesk.analytics.figure import Answer, Reason
from nightdesk.analytics.returns.drawdown import max_drawdown, ulcer_index
from nightdesk.analytics.returns.growth import annual_return, total_return
from nightdesk.analytics.returns.record import SAME, Record
from nightdesk.analytics.returns.risk import kurtosis, skew


def sharpe_ratio(record: Record) -> Answer:
    """mean(r - rf_p) / std(ddof = 1) * sqrt(P)."""
    if len(record) < 2:
        return Reason.TOO_FEW_RETURNS
    if record.periods_per_year is None:
        return Reason.NO_PERIODS
    if record.is_constant:
        return Reason.ZERO_VARIANCE
    return (record.mean - record.rate_per_period) / record.deviation * sqrt(record.periods_per_year)


def autocorrelation_penalty(record: Record) -> Answer:
    """sqrt(1 + 2 sum over k of (1 - k/n) rho^k), rho = |correlation of each return with the next|.

    How much a standard deviation understates the risk of returns that follow one another.
    """
    if len(record) < 3:
        return Reason.TOO_FEW_RETURNS
    before, after = record.values[:-1], record.values[1:]
    left, right = before - before.mean(), after - after.mean()
    spread = sqrt(float(left @ left) * float(right @ right))
    if record.is_constant or spread <= SAME**2:
        return Reason.ZERO_VARIANCE
    rho = min(1.0, abs(float(left @ right)) / spread)
    k = np.arange(1, len(record))
    return sqrt(1 + 2 * float(np.sum((1 - k / len(record)) * rho**k)))


def smart_sharpe_ratio(record: Record) -> Answer:
    """The Sharpe ratio with the deviation times the penalty for autocorrelation."""
    sharpe, penalty = sharpe_ratio(record), autocorrelation_penalty(record)
    if isinstance(sharpe, Reason):
        return sharpe
    return penalty if isinstance(penalty, Reason) else float(sharpe) / float(penalty)


def sortino_ratio(record: Record) -> Answer:
    """mean(r - rf_p) / sqrt(mean(min(r - rf_p, 0)^2)) * sqrt(P); the divisor is all n."""
    if len(record) < 2:
        return Reason.TOO_FEW_RETURNS
    if record.periods_per_year is None:
        return Reason.NO_PERIODS
    if record.is_constant:
        return Reason.ZERO_VARIANCE
    if record.shortfall == 0:
        return Reason.NO_LOSS
    return (record.mean - record.rate_per_period) / record.shortfall * sqrt(record.periods_per_year)


def calmar_ratio(record: Record) -> Answer:
    """Annual return / |max drawdown|."""
    return _against(annual_return(record), max_drawdown(record))


def recovery_factor(record: Record) -> Answer:
    """Total return / |max drawdown|, signed: a record that lost has a negative one."""
    return _against(total_return(record), max_drawdown(record))


def ulcer_performance_index(record: Record) -> Answer:
    """(Annual return - rf) / ulcer index."""
    growth = annual_return(record)
    return _against(growth if isinstance(growth, Reason) else float(growth) - record.risk_free, ulcer_index(record))


def _against(reward: Answer, risk: Answer) -> Answer:
    if isinstance(reward, Reason):
        return reward
    if isinstance(risk, Reason):
        return risk
    return float(reward) / abs(float(risk)) if risk else Reason.NO_DRAWDOWN


def omega_ratio(record: Record) -> Answer:
    """Sum of (r - rf_p) above 0 / sum of (rf_p - r) above 0."""
    if not len(record):
        return Reason.NO_RETURNS
    over = record.values - record.rate_per_period
    losses = -float(np.minimum(over, 0).sum())
    return float(np.maximum(over, 0).sum()) / losses if losses > 0 else Reason.NO_LOSS


def gain_to_pain_ratio(record: Record) -> Answer:
    """Sum(r) / |sum of r below 0|, on the record's own periods; the Omega ratio at 0 less 1."""
    if not len(record):
        return Reason.NO_RETURNS
    losses = -float(np.minimum(record.values, 0).sum())
    return float(record.values.sum()) / losses if losses > 0 else Reason.NO_LOSS


def probabilistic_sharpe_ratio(record: Record) -> Answer:
    """Probability that the true Sharpe ratio is above 0 (Bailey and Lopez de Prado, 2012).

    norm.cdf(SR sqrt(n - 1) / sqrt(1 - skew SR + (k - 1)/4 SR^2)); SR is of one period, k the kurtosis (3 for normal).
    """
    lean, peaked = skew(record), kurtosis(record)
    if isinstance(lean, Reason):
        return lean
    if isinstance(peaked, Reason):
        return peaked
    ratio = (record.mean - record.rate_per_period) / record.deviation
    spread = 1 - float(lean) * ratio + (float(peaked) + 2) / 4 * ratio**2
    if spread <= 0:
        return Reason.LOPSIDED
    return 0.5 * erfc(-ratio * sqrt(len(record) - 1) / sqrt(spread) / sqrt(2))
