"""Numbers for people, digit for digit as Prometheus writes them in annotations."""

import math
from datetime import UTC, datetime
from typing import Final

from nightdesk.model.go_numbers import go_text

_LARGE: Final = ("k", "M", "G", "T", "P", "E", "Z", "Y")
_BINARY: Final = ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
_SMALL: Final = ("m", "u", "n", "p", "f", "a", "z", "y")
LAST_SECOND: Final = 2**63 / 1e9
_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def four_digits(value: float) -> str:
    """Write a float as Go's `%.4g` does."""
    return f"{value:.4g}" if math.isfinite(value) else go_text(value)


def humanize(value: float) -> str:
    """Write a number with a metric prefix: 1234567 is `1.235M`, 0.00042 is `420u`."""
    if value == 0 or not math.isfinite(value):
        return four_digits(value)
    return _scaled_up(value, _LARGE, 1000.0) if abs(value) >= 1 else _scaled_down(value)


def humanize1024(value: float) -> str:
    """Write a number with a binary prefix: 1048576 is `1Mi`."""
    if abs(value) <= 1 or not math.isfinite(value):
        return four_digits(value)
    return _scaled_up(value, _BINARY, 1024.0)


def humanize_duration(seconds: float) -> str:
    """Write seconds as `1d 2h 3m 4s`, or with a metric prefix below one second."""
    if seconds == 0 or not math.isfinite(seconds):
        return four_digits(seconds) + ("s" if seconds == 0 else "")
    if abs(seconds) < 1:
        return _scaled_down(seconds) + "s"
    sign, whole = ("-" if seconds < 0 else ""), int(abs(seconds))
    days, hours, minutes = whole // _DAY, whole // _HOUR % 24, whole // _MINUTE % 60
    rest = whole % _MINUTE
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {rest}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {rest}s"
    if minutes:
        return f"{sign}{minutes}m {rest}s"
    return f"{sign}{four_digits(abs(seconds))}s"


def humanize_percentage(ratio: float) -> str:
    """Write a ratio as a percentage: 0.123456 is `12.35%`."""
    return four_digits(ratio * 100) + "%"


def humanize_timestamp(seconds: float) -> str:
    """Write Unix seconds as `2023-11-14 22:13:20 +0000 UTC`, with the fraction where there is one."""
    if not math.isfinite(seconds):
        return four_digits(seconds)
    if not abs(seconds) < LAST_SECOND:
        raise ValueError(f"{go_text(seconds)} is no timestamp: it is beyond the year 2262")
    moment = datetime.fromtimestamp(seconds, UTC)
    fraction = f"{moment.microsecond / 1e6:.6f}".rstrip("0")[1:] if moment.microsecond else ""
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC"


def _scaled_up(value: float, prefixes: tuple[str, ...], step: float) -> str:
    prefix = ""
    for candidate in prefixes:
        if abs(value) < step:
            break
        prefix, value = candidate, value / step
    return four_digits(value) + prefix


def _scaled_down(value: float) -> str:
    prefix = ""
    for candidate in _SMALL:
        if abs(value) >= 1:
            break
        prefix, value = candidate, value * 1000
    return four_digits(value) + prefix
