"""Numbers as Prometheus writes them in JSON: seconds with milliseconds, values as strings in Go's shortest form."""

from collections.abc import Sequence

import numpy as np
import orjson

from nightdesk.model.go_numbers import api_text
from nightdesk.model.instant import format_instant
from nightdesk.model.series import Values


def instant_text(millis: int) -> bytes:
    """Write an instant in seconds: `1700000000`, or with all three digits of the milliseconds: `1700000000.500`."""
    sign, (seconds, rest) = (b"-" if millis < 0 else b""), divmod(abs(millis), 1000)
    return b"%s%d.%03d" % (sign, seconds, rest) if rest else b"%s%d" % (sign, seconds)


def moment_text(at: int | None) -> str:
    """Write an instant as RFC 3339; Go's zero time where it has not come yet, as Prometheus' clients expect."""
    return "0001-01-01T00:00:00Z" if at is None else format_instant(at)


def value_text(value: float) -> bytes:
    """Write a value: `1`, `0.1`, `1e-07`, `1e+21`, `NaN`, `+Inf`, `-Inf`; never `1.0` and never `1e16`."""
    return api_text(value).encode()


def value_texts(values: Values) -> Sequence[bytes]:
    """Write many values at once."""
    return joined_texts(values).split(b",") if len(values) else []


def joined_texts(values: Values) -> bytes:
    """Write many values with commas between: one pass of the JSON library, then only the odd ones by hand."""
    text = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
    if bool((values == np.trunc(values)).any()):
        text = text.replace(b".0,", b",").removesuffix(b".0")
    if b"e" not in text and b"n" not in text:
        return text
    tokens = text.split(b",")
    size = np.abs(values)
    # The library may write an exponent outside these bounds only, and null only for what is not finite.
    for place in np.flatnonzero(~((size >= 1e-3) & (size < 1e15) | (size == 0))).tolist():
        tokens[place] = value_text(float(values[place]))
    return b",".join(tokens)
