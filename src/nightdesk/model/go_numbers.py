"""Numbers as Go writes them: texts of PromQL, labels made of values, messages and annotations are read by its programs.

Go and Python find the same digits, the fewest that read back; they choose between forms differently.
"""

import math
from decimal import Decimal
from typing import Final

_LEAST_POWER: Final = -4
_EXPONENT_FROM: Final = 6
"""Go's strconv decides between forms of the shortest digits as if six had been asked for."""

_SPELLED_OUT_FROM: Final = 1e-6
_SPELLED_OUT_TO: Final = 1e21
"""Outside of these the API writes an exponent, as encoding/json does."""


def go_text(value: float) -> str:
    """Write a number as `%v` and `%g` do, strconv's 'g' with precision -1: `0.0001`, `1e-05`, `123456`, `1.5e+06`."""
    if not math.isfinite(value):
        return _not_finite(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    power = len(digits) + exponent - 1
    if not value or _LEAST_POWER <= power < _EXPONENT_FROM:
        return go_decimal(value)
    first, *more = map(str, digits)
    mantissa = f"{first}.{''.join(more)}" if more else first
    return f"{'-' * sign}{mantissa}e{power:+03d}"


def go_decimal(value: float) -> str:
    """Write a number without an exponent, as strconv's 'f' with precision -1: `0.00000015`, `1500000`."""
    if not math.isfinite(value):
        return _not_finite(value)
    text = repr(value)
    return (f"{Decimal(text):f}" if "e" in text else text).removesuffix(".0")


def api_text(value: float) -> str:
    """Write a number as Prometheus' API does: `1`, `0.000001`, `1e-07`, `10000000000000000`, `1e+21`, `NaN`, `+Inf`."""
    if value and math.isfinite(value) and not _SPELLED_OUT_FROM <= abs(value) < _SPELLED_OUT_TO:
        return repr(value)
    return go_decimal(value)


def open_metrics_text(value: float) -> str:
    """Write a number as the labels `le` and `quantile` hold it: `go_text`, and `1.0` for a whole number."""
    text = go_text(value)
    return text if not math.isfinite(value) or "." in text or "e" in text else f"{text}.0"


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "+Inf" if value > 0 else "-Inf"
