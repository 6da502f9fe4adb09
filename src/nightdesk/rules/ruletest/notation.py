"""The series notation of Prometheus' tests: `up{job="node"}` with `0 1+1x3 _ stale`."""

import math
import re
from typing import Final

from nightdesk.errors import RuleFileError
from nightdesk.model.labels import Labels, MatchOp
from nightdesk.model.series import STALE
from nightdesk.query.checking.parsing import parse
from nightdesk.query.language.tree import VectorSelector

Step = float | None
"""One value, or None where there is no sample."""
MOST_VALUES: Final = 1_000_000
_NUMBER: Final = r"(?:\d[\d_]*\.?[\d_]*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|Inf|NaN)"
_RUN: Final = re.compile(rf"(?P<start>[+-]?{_NUMBER})(?:(?P<step>[+-]{_NUMBER}))?(?:x(?P<times>\d+))?", re.IGNORECASE)
_GAP: Final = re.compile(r"(?P<word>_|stale)(?:x(?P<times>\d+))?")


def parse_labels(text: str) -> Labels:
    """Read `name{label="value"}`.

    Raises:
        RuleFileError: it is no plain series. QuerySyntaxError: it is no query either.
    """
    if text.strip() in ("", "{}"):
        return Labels()
    node = parse(text)
    if not isinstance(node, VectorSelector) or any(each.op is not MatchOp.EQUAL for each in node.matchers):
        raise RuleFileError(f'not a series: {text!r}; write e.g. up{{job="node"}}')
    return Labels([(matcher.name, matcher.value) for matcher in node.matchers])


def parse_values(text: str) -> list[Step]:
    """Read values: `1 2 3`, `0+10x5` (six values from 0, by 10), `7x2` (three of 7), `_x4` (four gaps), `stale`.

    Raises:
        RuleFileError: a word is none of these, or there are more than a million values.
    """
    steps: list[Step] = []
    for word in text.split():
        steps.extend(_expand(word, MOST_VALUES - len(steps)))
    return steps


def _expand(word: str, room: int) -> list[Step]:
    gap, run = _GAP.fullmatch(word), _RUN.fullmatch(word)
    times = int((gap or run or {"times": None})["times"] or 0)
    if (gap is None and run is None) or times >= room:
        raise RuleFileError(f"cannot read {word!r}; write e.g. 1 2 3, 0+10x5, _x4, stale")
    if gap is not None:
        # As in Prometheus: `_x3` is three gaps, while `stalex3`, like `7x3`, is one and three more.
        return [None] * (times if gap["times"] else 1) if gap["word"] == "_" else [STALE] * (times + 1)
    assert run is not None
    value, step = _number(run["start"]), _number(run["step"] or "0")
    values: list[Step] = []
    for _ in range(times + 1):  # added up, not multiplied: the rounding is then Prometheus' own
        values.append(value)
        value = value + step if run["step"] else value
    return values


def _number(text: str) -> float:
    number = float(text.replace("_", ""))
    return math.nan if math.isnan(number) else number
