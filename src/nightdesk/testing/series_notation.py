"""How scripts write series: `name{label="x"} 0+10x3 _ NaN stale` is 0, 10, 20, 30, nothing, NaN, a stale marker."""

import re
from typing import Final

from nightdesk.model.labels import Labels
from nightdesk.model.series import STALE
from nightdesk.query.parser import parse
from nightdesk.query.tree import VectorSelector

_QUOTED: Final = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`"
_SERIES: Final = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)?\s*(\{{(?:[^\"'`}}]|{_QUOTED})*\}})?\s*(.*)")
_NUMBER: Final = r"(?:Inf|NaN|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)"
_ITEM: Final = re.compile(rf"([+-]?{_NUMBER}|stale|_)(?:([+-]{_NUMBER}))?(?:x([0-9]+))?", re.IGNORECASE)

Points = list[float | None]
"""Values one step apart; None is no sample."""


def parse_series(line: str) -> tuple[Labels, Points]:
    """Read one line.

    Raises:
        ValueError: where it cannot be read.
    """
    found = _SERIES.fullmatch(line)
    if found is None or not (found[1] or found[2]):
        raise ValueError(f"not a series: {line!r}")
    name, braces, values = found.groups()
    return _labels((name or "") + (braces or "")), parse_values(values)


def _labels(text: str) -> Labels:
    if re.fullmatch(r"\{\s*\}", text):
        return Labels()
    node = parse(text)
    if not isinstance(node, VectorSelector):
        raise ValueError(f"not a series: {text!r}")  # noqa: TRY004  # the text is at fault, not a caller's type
    return Labels((matcher.name, matcher.value) for matcher in node.matchers)


def parse_values(text: str) -> Points:
    """Read items such as `1`, `0+10x3`, `5x2` (three times 5), `_x4`, `stale`; raises ValueError."""
    points: Points = []
    for item in text.split():
        found = _ITEM.fullmatch(item)
        if found is None:
            raise ValueError(f"not a value: {item!r}")
        first, each, times = found.groups()
        points += _repeated(first.lower(), float(each or 0), int(times) if times else None)
    return points


def _repeated(first: str, each: float, times: int | None) -> Points:
    if first == "_":
        return [None] * (1 if times is None else times)
    count = 1 + (times or 0)
    if first == "stale":
        return [STALE] * count
    value, points = float(first.replace("_", "")), Points()
    for _ in range(count):
        points.append(value)
        value += each
    return points
