"""Returns by month and year, compounded by the account's calendar; and over a trailing window."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from nightdesk.analytics.local_days import DayRule
from nightdesk.analytics.returns.record import Floats, Record
from nightdesk.model.curve import Instants


@dataclass(frozen=True, slots=True)
class CalendarReturn:
    """The compounded return of a month, or of a whole year."""

    year: int
    month: int | None
    """1 to 12; None for a year."""
    value: float
    periods: int
    """Returns in it: a first or last month may be a part of one."""


def monthly(record: Record, rule: DayRule) -> tuple[CalendarReturn, ...]:
    """Return each calendar month that holds an end of a period, by the account's days."""
    months = _days(record, rule).astype("datetime64[M]").astype(np.int64)
    return tuple(
        CalendarReturn(1970 + key // 12, key % 12 + 1, value, count)
        for key, value, count in _compounded(record, months)
    )


def yearly(record: Record, rule: DayRule) -> tuple[CalendarReturn, ...]:
    """Return each calendar year that holds an end of a period, by the account's days."""
    years = _days(record, rule).astype("datetime64[Y]").astype(np.int64)
    return tuple(CalendarReturn(1970 + key, None, value, count) for key, value, count in _compounded(record, years))


def _days(record: Record, rule: DayRule) -> NDArray[np.datetime64]:
    return rule.days(record.times).astype("datetime64[D]")


def _compounded(record: Record, keys: Instants) -> list[tuple[int, float, int]]:
    if not len(record):
        return []
    starts = np.concatenate(([0], np.flatnonzero(np.diff(keys)) + 1))
    values = np.multiply.reduceat(1 + record.values, starts) - 1
    counts = np.diff(np.append(starts, len(keys)))
    return [(int(keys[at]), float(value), int(n)) for at, value, n in zip(starts, values, counts, strict=True)]


def rolling_volatility(record: Record, window: int) -> Floats:
    """std(ddof = 1) * sqrt(P) of each trailing window of periods, NaN until one is full or where P is not known."""
    return _rolling(record, window, lambda part: part.std(axis=1, ddof=1))


def rolling_sharpe(record: Record, window: int) -> Floats:
    """The Sharpe ratio of each trailing window, NaN until one is full, at zero variance, or where P is not known."""

    def ratio(part: Floats) -> Floats:
        flat = part.max(axis=1) == part.min(axis=1)
        deviation = np.where(flat, np.nan, part.std(axis=1, ddof=1))
        return np.asarray((part.mean(axis=1) - record.rate_per_period) / deviation)

    return _rolling(record, window, ratio)


def rolling_sortino(record: Record, window: int) -> Floats:
    """The Sortino ratio of each trailing window, NaN until one is full, without a loss, or where P is not known."""

    def ratio(part: Floats) -> Floats:
        over = part - record.rate_per_period
        short = np.sqrt(np.mean(np.minimum(over, 0) ** 2, axis=1))
        return np.asarray(over.mean(axis=1) / np.where(short == 0, np.nan, short))

    return _rolling(record, window, ratio)


def _rolling(record: Record, window: int, take: Callable[[Floats], Floats]) -> Floats:
    """Return sqrt(P) times what `take` makes of all windows, shape (windows, periods); NaN where none is full yet."""
    found = np.full(len(record), np.nan)
    if window < 2 or len(record) < window or record.periods_per_year is None:
        return found
    parts = np.lib.stride_tricks.sliding_window_view(record.values, window)
    found[window - 1 :] = take(parts) * sqrt(record.periods_per_year)
    return found
