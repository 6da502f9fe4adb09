"""Days (or whatever the periods are) counted as a trader counts them: only those on which something moved."""

import numpy as np

from nightdesk.analytics.figure import Answer, Reason
from nightdesk.analytics.returns.record import Floats, Record
from nightdesk.analytics.streaks import longest_gain, longest_loss


def _moved(record: Record) -> Floats:
    moved: Floats = record.values[record.values != 0]
    return moved


def period_win_rate(record: Record) -> Answer:
    """Share of gains among the periods whose return is not zero."""
    moved = _moved(record)
    return float(np.mean(moved > 0)) if len(moved) else _still(record)


def average_gain(record: Record) -> Answer:
    """Mean of the returns above zero."""
    gains = record.values[record.values > 0]
    return float(gains.mean()) if len(gains) else (Reason.NO_GAIN if len(record) else Reason.NO_RETURNS)


def average_loss(record: Record) -> Answer:
    """Mean of the returns below zero."""
    losses = record.values[record.values < 0]
    return float(losses.mean()) if len(losses) else (Reason.NO_LOSS if len(record) else Reason.NO_RETURNS)


def period_payoff(record: Record) -> Answer:
    """Mean gain / |mean loss|."""
    gain, loss = average_gain(record), average_loss(record)
    if isinstance(gain, Reason):
        return gain
    return loss if isinstance(loss, Reason) else float(gain) / abs(float(loss))


def best_period(record: Record) -> Answer:
    """The highest return."""
    return float(record.values.max()) if len(record) else Reason.NO_RETURNS


def worst_period(record: Record) -> Answer:
    """The lowest return."""
    return float(record.values.min()) if len(record) else Reason.NO_RETURNS


def longest_winning_run(record: Record) -> Answer:
    """Most gains in a row; a return of zero ends a run."""
    return longest_gain(record.values) if len(record) else Reason.NO_RETURNS


def longest_losing_run(record: Record) -> Answer:
    """Most losses in a row; a return of zero ends a run."""
    return longest_loss(record.values) if len(record) else Reason.NO_RETURNS


def _still(record: Record) -> Reason:
    return Reason.ALL_ZERO if len(record) else Reason.NO_RETURNS
