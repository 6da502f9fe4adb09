"""How figures are written for people: the unit always, the sign where it says something, no digit lost unseen."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

MINUS: Final = "\N{MINUS SIGN}"
_SHARE_UNITS: Final = frozenset({"fraction"})
_PLAIN_UNITS: Final = frozenset({"ratio", "count", "seconds"})
_DAY: Final = 86_400
SIGNED: Final = frozenset(
    {
        "total_return", "annual_return", "cagr", "mean_return", "geometric_mean_return", "max_drawdown",
        "max_drawdown_all_time", "max_drawdown_realised", "current_drawdown", "average_drawdown", "value_at_risk",
        "value_at_risk_normal", "conditional_value_at_risk", "average_gain", "average_loss", "best_period",
        "worst_period", "average_trade_return", "geometric_trade_return", "best_trade_return", "worst_trade_return",
    }
)  # fmt: skip
"""Fractions that can be a gain or a loss: people see + or a minus."""


def written(name: str, value: float | str | None, unit: str) -> str:
    """Write a value in its unit; money may come as exact text. None is a dash: the reason stands beside it."""
    if value is None:
        return "\N{EN DASH}"
    if unit in _SHARE_UNITS:
        return percent(float(value), signed=name in SIGNED)
    if unit == "seconds":
        return duration(float(value))
    if unit == "count":
        return f"{int(float(value)):,}"
    if unit == "ratio":
        return _minus(f"{float(value):,.2f}")
    return money(Decimal(str(value)), "" if unit == "money" else unit, signed=name not in ("fees", "gross_profit"))


def percent(value: float, *, signed: bool = False) -> str:
    """Write a fraction in %: two digits, four where it is small."""
    size = abs(value) * 100
    digits = 2 if size >= 0.1 or size == 0 else 4
    text = f"{value * 100:+,.{digits}f}" if signed and value else f"{value * 100:,.{digits}f}"
    return f"{_minus(text)} %"


def money(amount: Decimal, currency: str, *, signed: bool = True) -> str:
    """Write money: two digits, eight where less than one is at stake, as coins are counted; never a false 0."""
    digits = Decimal("0.01") if abs(amount) >= 1 or not amount else Decimal("0.00000001")
    rounded = amount.quantize(digits, ROUND_HALF_EVEN)
    if amount and not rounded:
        rounded = Context(prec=3).create_decimal(amount)
    text = f"{rounded:+,f}" if signed and rounded else f"{rounded:,f}"
    return f"{_minus(text)} {currency}".rstrip()


def duration(seconds: float) -> str:
    """Write a time in its two largest units: `32 d 4 h`, `3 h 40 min`, `25 s`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    for size, name, below, small in ((_DAY, "d", 3_600, "h"), (3_600, "h", 60, "min")):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size:,} {name}" + (f" {rest} {small}" if rest else "")
    return f"{whole // 60} min"


def date(millis: int | None) -> str:
    """Write the day of an instant (ms) in UTC; a dash where there is none."""
    return "\N{EN DASH}" if millis is None else _moment(millis).strftime("%Y-%m-%d")


def minute(millis: int) -> str:
    """Write an instant (ms) in UTC to the minute."""
    return _moment(millis).strftime("%Y-%m-%d %H:%M UTC")


def _moment(millis: int) -> datetime:
    return datetime.fromtimestamp(millis // 1_000, UTC)


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
