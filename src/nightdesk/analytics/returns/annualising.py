"""How many periods a year a series has: stated by a person, or told from the calendar it keeps; never its row count.

A year of exchange days is 252 long, a year of days 365, of weeks 52, of months 12. Which of them a series keeps shows
in its distances and in its weekends; where it shows nothing plainly, nothing is assumed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from nightdesk.analytics.local_days import weekday_of
from nightdesk.errors import Refused
from nightdesk.model.curve import Instants

EXCHANGE_DAYS: Final = 252.0
DAYS: Final = 365.0
WEEKS: Final = 52.0
MONTHS: Final = 12.0
MOST_PERIODS: Final = 1_000_000.0
"""A year has some 526,000 minutes; more than this is a slip of the hand."""
_SUNDAYS_OF_A_HABIT: Final = 2
_DAILY: Final = 4
"""Distances of at most four days are a weekend and a holiday."""


@dataclass(frozen=True, slots=True)
class Periods:
    """Periods a year, whether somebody stated them, and the sentence that says so."""

    a_year: float | None
    assumed: bool
    sentence: str


def demand_periods(a_year: float | None) -> None:
    """Let None and a number of periods pass; 0, NaN and infinities are none. Raises Refused."""
    if a_year is not None and not 0 < a_year <= MOST_PERIODS:
        raise Refused(f"periods a year cannot be {a_year:g}: write a number above 0, e.g. 252, 365, 52 or 12")


def stated(a_year: float, by: str) -> Periods:
    """Take what a person stated, e.g. by `--periods-per-year`."""
    return Periods(a_year, assumed=False, sentence=f"{a_year:g} periods a year, as stated by {by}")


def assumed(days: Instants) -> Periods:
    """Look at the numbered days on which periods end, ascending."""
    if not len(days):
        return Periods(None, assumed=True, sentence="no returns, so no periods a year")
    if bool((np.diff(days) == 0).any()):
        return Periods(
            None,
            assumed=True,
            sentence="periods a year not assumed: several returns end on one day; state them (--periods-per-year)",
        )
    distance = float(np.median(np.diff(days))) if len(days) > 1 else 1.0
    if distance <= _DAILY:
        return _daily(weekday_of(days))
    if 6 <= distance <= 8:
        return Periods(WEEKS, assumed=True, sentence="52 periods a year, assumed: the returns are a week apart")
    if 28 <= distance <= 31:
        return Periods(MONTHS, assumed=True, sentence="12 periods a year, assumed: the returns are a month apart")
    return Periods(
        None,
        assumed=True,
        sentence=f"periods a year not assumed: returns {distance:g} days apart are neither daily, weekly nor monthly; "
        "state them (--periods-per-year)",
    )


def _daily(weekdays: Instants) -> Periods:
    saturdays, sundays = int(np.count_nonzero(weekdays == 5)), int(np.count_nonzero(weekdays == 6))
    if sundays >= _SUNDAYS_OF_A_HABIT and not saturdays:
        return Periods(
            None,
            assumed=True,
            sentence="periods a year not assumed: there are Sundays but no Saturdays among the days, as where a "
            "market opens on Sunday evening; state them (--periods-per-year), or let the account's day begin then",
        )
    if saturdays or sundays:
        return Periods(DAYS, assumed=True, sentence="365 periods a year, assumed: there are weekend days in the series")
    return Periods(
        EXCHANGE_DAYS, assumed=True, sentence="252 periods a year, assumed: there is no weekend day in the series"
    )
