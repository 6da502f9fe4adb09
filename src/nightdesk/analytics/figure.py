"""A figure as it is told: a number with its unit, how many observations it stands on, and by which convention.

What a figure cannot say it does not say: `value` is None and `reason` tells why, as a word of the one list below.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from math import isfinite


class Reason(Enum):
    """Why a statistic has no value; the words reach page, command line and API as they stand here."""

    NO_RETURNS = "no returns in the window"
    TOO_FEW_RETURNS = "too few returns in the window"
    ZERO_VARIANCE = "zero variance: every return is the same"
    NO_DRAWDOWN = "no drawdown in the window"
    NO_LOSS = "no losing period in the window"
    NO_GAIN = "no winning period in the window"
    LOPSIDED = "the returns are too skewed for the formula"
    NO_LOW_TAIL = "the 5th percentile of the returns is zero"
    ALL_ZERO = "every return is zero"
    TOTAL_LOSS = "total loss: equity fell to zero or below, so no rate of growth leads there"
    NO_PERIODS = "periods a year are not known: state them (--periods-per-year, or periods_per_year of the account)"
    START_UNKNOWN = "the returns do not say when their first period began"
    NO_ELAPSED_TIME = "no time passes between the first point and the last"
    NO_MONEY = "returns alone carry no money"

    NO_TRADES = "no closed trade in the window"
    ONE_TRADE = "one closed trade in the window: at least two are needed"
    ZERO_TRADE_VARIANCE = "zero variance: every trade has the same P&L"
    NO_LOSING_TRADE = "no losing trade"
    NO_WINNING_TRADE = "no winning trade"
    NO_TRADE_RETURNS = "no closed trade in the window reports a return"
    SEVERAL_CURRENCIES = "several currencies and no rate between them: see the sums per currency"
    NO_BALANCE = "no starting balance was given, and none is guessed"
    NO_EQUITY = "no equity, no reported returns and no starting balance is known, and none is guessed"
    NO_LONG = "no long trade in the window"
    NO_SHORT = "no short trade in the window"


class Unit(Enum):
    """What a figure counts."""

    FRACTION = "fraction"
    """1 is 100 %; people see it in %."""
    RATIO = "ratio"
    """A number without a unit."""
    COUNT = "count"
    MONEY = "money"
    """In the currency of the trades."""
    SECONDS = "seconds"


Number = float | int | Decimal
Answer = Number | Reason
"""What a statistic's function returns: a number, or why there is none. NaN is never returned; +inf is a number."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One statistic of one record."""

    name: str
    title: str
    value: Number | None
    """Sums of money are `Decimal`, exact; an infinite ratio is +inf here and null, with a reason, in JSON."""
    reason: str | None
    """Why `value` is None, or what an infinite value means."""
    unit: str
    """A `Unit`'s value, or the currency where it is money of one currency."""
    n: int
    """Observations it stands on: returns or closed trades."""
    periods_per_year: float | None
    """None where nothing is annualised."""
    periods_assumed: bool
    """True where nobody stated the periods a year."""
    convention: str

    @property
    def is_finite(self) -> bool:
        """True where the value can be written as a plain number."""
        return self.value is not None and isfinite(self.value)
