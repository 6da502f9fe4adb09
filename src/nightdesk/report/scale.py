"""Scales of charts: where the ticks stand, and how they are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import floor, log10
from typing import Final

MINUS: Final = "\N{MINUS SIGN}"
_STEPS: Final = (1, 2, 2.5, 5, 10)
_MONTHS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 240)
_DAYS: Final = (1, 2, 7, 14)


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear way from values to places on a picture."""

    low: float
    high: float
    first: float
    last: float
    """The places of `low` and `high`."""

    def place(self, value: float) -> float:
        """Return where a value stands, to a tenth of a pixel."""
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.5
        return round(self.first + share * (self.last - self.first), 1)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return at most about `most` round values that lie between two values."""
    if high <= low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(each * power for each in _STEPS if each * power >= rough)
    first = floor(low / step)
    found = [each * step for each in range(first, first + 2 * most + 3)]
    return [0.0 if abs(each) < step / 1e6 else each for each in found if low <= each <= high]


def time_ticks(start: int, end: int, most: int = 10) -> list[tuple[int, str]]:
    """Return (instant in ms, text) of beginnings of days, months or years between two instants."""
    first, last = (datetime.fromtimestamp(each // 1000, UTC) for each in (start, end))
    months = (last.year - first.year) * 12 + last.month - first.month
    if months >= 2:
        step = next((each for each in _MONTHS if months / each <= most), _MONTHS[-1])
        numbers = range((first.year * 12 + first.month - 1) // step * step, last.year * 12 + last.month, step)
        found = [(datetime(each // 12, each % 12 + 1, 1, tzinfo=UTC), step) for each in numbers]
        dates = [(moment, moment.strftime("%Y" if size >= 12 else "%b %Y")) for moment, size in found]
    else:
        days = max(1, (last - first).days)
        step = next((each for each in _DAYS if days / each <= most), _DAYS[-1])
        midnight = int(first.timestamp()) // 86_400
        beginnings = [datetime.fromtimestamp(day * 86_400, UTC) for day in range(midnight, midnight + days + 2, step)]
        dates = [(moment, moment.strftime("%d %b")) for moment in beginnings]
    marks = [(int(moment.timestamp()) * 1000, text) for moment, text in dates]
    return [(at, text) for at, text in marks if start <= at <= end]


def short(value: float) -> str:
    """Write an amount for an axis: `12.5k`, `3M`, `0.011`."""
    for size, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{name}".replace("-", MINUS)
    text = f"{value:.4g}" if abs(value) >= 0.001 or not value else f"{value:.10f}".rstrip("0")
    return text.replace("-", MINUS)


def bounds(values: Sequence[float | None], *, from_zero: bool = False) -> tuple[float, float]:
    """Return a range that holds all values with some air, or down from zero exactly where that is the top."""
    known = [each for each in values if each is not None]
    low, high = min(known), max(known)
    if from_zero:
        return (low * 1.08 if low < 0 else -0.01), 0.0
    air = (high - low) * 0.06 or abs(high) * 0.05 or 1.0
    return low - air, high + air
