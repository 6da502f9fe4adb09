"""Instants and durations; only here is time read from or written as text, and only here do its two scales meet.

Samples and alerts live in int64 milliseconds since the Unix epoch, the ledger in int64 nanoseconds.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import Final

from nightdesk.errors import BadDuration, BadInstant

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY
YEAR: Final = 365 * DAY
NANOS: Final = 1_000_000
"""Nanoseconds in a millisecond."""

# Order matters: Prometheus writes the largest unit first and each unit at most once.
_UNITS: Final = (("y", YEAR), ("w", WEEK), ("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", 1))
_UNIT_MILLIS: Final = dict(_UNITS)
_RANK: Final = {unit: rank for rank, (unit, _) in enumerate(_UNITS)}

MIN_INSTANT: Final = -(2**63)
MAX_INSTANT: Final = 2**63 - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DIGITS: Final = 19
"""No number of milliseconds that 64 bits hold has more."""


def parse_duration(text: str) -> int:
    """Read a duration as Prometheus writes it (`5m`, `1h30m`, `100y`, `500ms`, `0`) into milliseconds.

    Raises:
        BadDuration: when a unit is unknown, repeated or out of order, or 64 bits do not hold it.
    """
    if text == "0":
        return 0
    total, position, last_rank = 0, 0, -1
    while position < len(text):
        digits_end = position
        while digits_end < len(text) and text[digits_end].isascii() and text[digits_end].isdigit():
            digits_end += 1
        unit_end = digits_end
        while unit_end < len(text) and text[unit_end].isalpha():
            unit_end += 1
        unit = text[digits_end:unit_end]
        if not 0 < digits_end - position <= _MOST_DIGITS or unit not in _RANK or _RANK[unit] <= last_rank:
            raise BadDuration(text)
        total += int(text[position:digits_end]) * _UNIT_MILLIS[unit]
        last_rank, position = _RANK[unit], unit_end
    if not text or total > MAX_INSTANT:
        raise BadDuration(text)
    return total


def format_duration(millis: int) -> str:
    """Write milliseconds as Prometheus does: `1h30m`, `0s`, `-5m`. Inverse of `parse_duration` for whole units."""
    if millis == 0:
        return "0s"
    sign, rest, parts = ("-" if millis < 0 else ""), abs(millis), []
    for unit, size in _UNITS:
        # Years and weeks only where they leave nothing over, so that 8d is not written 1w1d.
        if size > DAY and rest % size:
            continue
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return sign + "".join(parts)


def parse_number(text: str) -> float:
    """Read a number as Go does: `float` takes blanks around it, underscores, and digits of other scripts as well.

    Raises:
        ValueError: it is none.
    """
    if not text.isascii() or "_" in text or text != text.strip():
        raise ValueError(text)
    return float(text)


def nearest_millis(seconds: float) -> int:
    """Return seconds in milliseconds; a half goes away from zero, as Go rounds, where Python takes the even one."""
    millis = seconds * SECOND
    whole = math.trunc(millis)
    return whole if abs(millis - whole) < 0.5 else whole + (1 if millis > 0 else -1)


def parse_instant(text: str) -> int:
    """Read an instant given as Unix seconds (`1700000000.5`) or RFC 3339 (`2023-11-14T22:13:20Z`) into milliseconds.

    What is finer is rounded in seconds, their fraction alone, and dropped in RFC 3339, as Prometheus has it.

    Raises:
        BadInstant: when it is neither, or lacks a time zone.
    """
    try:
        seconds = parse_number(text)
    except ValueError:
        return _parse_rfc3339(text)
    if not abs(seconds) < MAX_INSTANT / SECOND:
        raise BadInstant(text)
    fraction, whole = math.modf(seconds)
    return int(whole) * SECOND + nearest_millis(fraction)


def _parse_rfc3339(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInstant(text) from error
    if moment.tzinfo is None:
        raise BadInstant(text)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def format_instant(millis: int) -> str:
    """Write an instant as RFC 3339 in UTC with milliseconds, e.g. `2023-11-14T22:13:20.000Z`."""
    moment = datetime.fromtimestamp(millis / SECOND, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day_of(millis: int) -> int:
    """Return the number of the UTC day that holds an instant (0 is 1970-01-01); days before the epoch are negative."""
    return millis // DAY


def to_nanos(millis: int) -> int:
    """Return an instant or duration in ms as the ledger counts it."""
    return millis * NANOS


def to_millis(nanos: int) -> int:
    """Return an instant or duration in ns as samples count it, rounded down."""
    return nanos // NANOS
