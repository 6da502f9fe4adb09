"""How scripts write series: `name{label="x"} 0+10x3 _ NaN stale` is 0, 10, 20, 30, nothing, NaN, a stale marker."""

import re
from typing import Final

from nightdesk.errors import Refused
from nightdesk.model.labels import METRIC_PATTERN, Labels
from nightdesk.rules.ruletest.notation import Step, parse_labels, parse_values

_QUOTED: Final = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`"
_SERIES: Final = re.compile(rf"({METRIC_PATTERN.pattern})?\s*(\{{(?:[^\"'`}}]|{_QUOTED})*\}})?\s*(.*)")

Points = list[Step]
"""Values one step apart; None is no sample."""


def parse_series(line: str) -> tuple[Labels, Points]:
    """Read one line: a series and its values, in the notation of rule tests.

    Raises:
        ValueError: where it cannot be read.
    """
    found = _SERIES.fullmatch(line)
    if found is None or not (found[1] or found[2]):
        raise ValueError(f"not a series: {line!r}")
    name, braces, values = found.groups()
    try:
        return parse_labels((name or "") + (braces or "")), parse_values(values)
    except Refused as error:
        raise ValueError(str(error)) from error
