"""Cells of a table as values: exact numbers and instants in ns; what cannot be one says what would be right."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nightdesk.errors import Refused
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT
from nightdesk.model.money import MOST_DIGITS
from nightdesk.trades.sources.reading import RowFault

NANOS_A_SECOND: Final = 1_000_000_000
NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_NOT_FINITE: Final = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_FRACTION: Final = re.compile(r"(?<=\d{2})[.,](\d+)")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNIX: Final = {"unix": 9, "unix_ms": 6, "unix_us": 3, "unix_ns": 0}
"""Power of ten that leads from the unit to nanoseconds."""

Instant = Callable[[str], int]


def exact_number(text: str) -> Decimal:
    """Read a number as programs write it, exactly. Raises RowFault."""
    plain = text.strip()
    if NUMBER.fullmatch(plain) is None:
        if _NOT_FINITE.fullmatch(plain):
            raise RowFault(f"{plain} is not a finite number")
        raise RowFault(f"{text!r} is not a number")
    return _bounded(plain)


def exact_float(value: object) -> Decimal:
    """Take a number from JSON or SQLite as the shortest text that means the same float. Raises RowFault."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise RowFault(f"{value!r} is not a number")
    return exact_number(value if isinstance(value, str) else repr(value))


def _bounded(plain: str) -> Decimal:
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise RowFault(f"{plain!r} is not a number") from None
    if abs(value.adjusted()) > MOST_DIGITS or len(value.as_tuple().digits) > MOST_DIGITS:
        raise RowFault(f"{plain[:30]!r} has more digits than any amount of money")
    return value


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name. Raises Refused."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(f'no time zone is named "{name}"; write e.g. "UTC" or "America/New_York"') from None


def is_naive(text: str, time_format: str) -> bool:
    """Tell whether a time that can be read names no zone."""
    try:
        if time_format == "iso":
            return datetime.fromisoformat(_FRACTION.sub("", text.strip(), count=1)).tzinfo is None
        return time_format not in _UNIX and datetime.strptime(text.strip(), time_format).tzinfo is None  # noqa: DTZ007
    except (ValueError, re.error):
        return False


def instants(time_format: str, zone: ZoneInfo) -> Instant:
    """Return the reader of a column of times: `iso`, `unix`, `unix_ms`, `unix_us`, `unix_ns`, or a strptime pattern.

    The reader returns ns since the epoch and raises RowFault. Equal texts are read once.
    """
    if time_format in _UNIX:
        power = _UNIX[time_format]
        return lru_cache(4_096)(lambda text: _in_bounds(int(exact_number(text).scaleb(power)), text))
    if time_format == "iso":
        return lru_cache(4_096)(lambda text: _iso(text, zone))
    return lru_cache(4_096)(lambda text: _by_pattern(text, time_format, zone))


def _iso(text: str, zone: ZoneInfo) -> int:
    """Read RFC 3339 and its relatives; fractions to the nanosecond, where Python's own stop at microseconds."""
    plain = text.strip()
    fraction = _FRACTION.search(plain, 16)
    nanos = int(fraction[1][:9].ljust(9, "0")) if fraction else 0
    whole = plain if fraction is None else plain[: fraction.start()] + plain[fraction.end() :]
    try:
        moment = datetime.fromisoformat(whole)
    except ValueError:
        raise RowFault(f"{text!r} is not a time; write e.g. 2024-05-31 14:30:00 or 2024-05-31T14:30:00Z") from None
    return _placed(moment, zone, nanos, text)


def _by_pattern(text: str, pattern: str, zone: ZoneInfo) -> int:
    try:
        moment = datetime.strptime(text.strip(), pattern)  # noqa: DTZ007 - the zone is added where the text has none
    except (ValueError, re.error):  # the latter of a pattern that names a part twice
        raise RowFault(f"{text!r} is not a time of the form {pattern!r}") from None
    return _placed(moment, zone, moment.microsecond * 1_000, text)


def _placed(moment: datetime, zone: ZoneInfo, nanos: int, text: str) -> int:
    """Give a time its zone; of an hour that comes twice the first is meant, one that never comes is a fault."""
    placed = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        utc = placed.astimezone(UTC)
        is_real = moment.tzinfo is not None or utc.astimezone(zone).replace(tzinfo=None) == moment
    except OverflowError:
        raise RowFault(f"{text!r} lies outside the years 1678 to 2261") from None
    if not is_real:
        raise RowFault(f"{text!r} does not exist in {zone.key}: the clocks went forward over it")
    gone = utc - _EPOCH
    return _in_bounds((gone.days * 86_400 + gone.seconds) * NANOS_A_SECOND + nanos, text)


def _in_bounds(nanos: int, text: str) -> int:
    if not MIN_INSTANT < nanos < MAX_INSTANT:
        raise RowFault(f"{text!r} lies outside the years 1678 to 2261")
    return nanos
