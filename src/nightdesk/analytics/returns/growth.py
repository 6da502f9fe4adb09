"""What a record earned: in all, a year, a period."""

import numpy as np

from nightdesk.analytics.figure import Answer, Reason
from nightdesk.analytics.returns.record import Record

NANOS_A_YEAR = 365.25 * 86_400e9
"""Of the calendar: 365.25 days."""


def total_return(record: Record) -> Answer:
    """W_n - 1; none where returns go on after more than everything was lost."""
    if not len(record):
        return Reason.NO_RETURNS
    return Reason.TOTAL_LOSS if record.outlived else float(record.wealth[-1]) - 1


def annual_return(record: Record) -> Answer:
    """W_n^(P/n) - 1: geometric, on the number of periods."""
    if not len(record):
        return Reason.NO_RETURNS
    if record.periods_per_year is None:
        return Reason.NO_PERIODS
    return _grown(float(record.wealth[-1]), record.periods_per_year / len(record))


def cagr(record: Record) -> Answer:
    """W_n^(365.25 days / elapsed) - 1: on the calendar, from the start of the first period to the end of the last."""
    if not len(record):
        return Reason.NO_RETURNS
    if record.started_at is None:
        return Reason.START_UNKNOWN
    elapsed = int(record.times[-1]) - record.started_at
    if elapsed <= 0:
        return Reason.NO_ELAPSED_TIME
    return _grown(float(record.wealth[-1]), NANOS_A_YEAR / elapsed)


def _grown(wealth: float, years: float) -> Answer:
    if wealth <= 0:
        return Reason.TOTAL_LOSS
    # expm1 and log keep the digits of small growth; a few hours' gain to the power of a year may exceed any number.
    with np.errstate(over="ignore"):
        return float(np.expm1(np.log(wealth) * years))


def mean_return(record: Record) -> Answer:
    """Arithmetic mean of r."""
    return record.mean if len(record) else Reason.NO_RETURNS


def geometric_mean(record: Record) -> Answer:
    """W_n^(1/n) - 1."""
    return _grown(float(record.wealth[-1]), 1 / len(record)) if len(record) else Reason.NO_RETURNS


def stability(record: Record) -> Answer:
    """R^2 of the least-squares line through the cumulated log returns against the number of the period."""
    if len(record) < 2:
        return Reason.TOO_FEW_RETURNS
    if bool((record.values <= -1).any()):
        return Reason.TOTAL_LOSS
    climbed = np.cumsum(np.log1p(record.values))
    risen = climbed - climbed.mean()
    passed = np.arange(len(record)) - (len(record) - 1) / 2
    spread = float(risen @ risen)
    if spread == 0:
        return Reason.ZERO_VARIANCE
    return float((risen @ passed) ** 2 / (spread * float(passed @ passed)))
