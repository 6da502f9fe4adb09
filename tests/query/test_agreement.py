"""Our parser beside an outsider, the PyPI `promql-parser`, on thousands of expressions, a third of them broken.

Both refuse an expression or see the same tree. A difference is told by its kind, with the reason; one that fits no kind
is unexplained, and a fault of ours until shown otherwise. What we print reads back as the same tree, too.
"""

import re
from collections import Counter
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final

import promql_parser
import pytest

from nightdesk.errors import QuerySyntaxError
from nightdesk.query.checking.parsing import parse
from nightdesk.query.language.pretty import pretty
from nightdesk.query.language.printer import print_node
from nightdesk.query.language.tree import DurationUnary, Matching, Node, Unary, VectorSelector
from nightdesk.testing.expressions import Expressions


class Difference(Enum):
    """Why the two differ, where they do; Prometheus' own parser and its tests are the judge."""

    COMMENT_IN_BRACKETS = "they refuse a comment within the brackets of a range; Prometheus does not"
    RAW_ESCAPE = "they read escapes within backticks, where there are none"
    HOLT_WINTERS = "we keep the name that Prometheus 2 had for double_exponential_smoothing"
    UNDERSCORES = "they know no digits parted by underscores"
    ZERO_DURATION = "they refuse a duration of zero where it is just a number"
    NEGATIVE_AT = "they print an instant before 1970 as 0"
    IGNORING_NOTHING = "they print `group_left` without the `ignoring ()` that it needs"
    FILL_OF_SCALARS = "they let series be filled in where one side is a scalar and has none"
    NAME_TWICE = "they let a metric have two names"
    PARAMETER_TYPE = "they do not check the type of the parameter of limitk and limit_ratio"
    SIGNED_STRING = "they drop a plus before anything, a string or a range included"
    LEADING_ZERO = "they refuse a number that begins with 0 and is neither whole nor begins with 0."
    FAR_INSTANT = "they let @ be an instant beyond what milliseconds can hold"
    OTHER_REGEX = "they take patterns that RE2 refuses, such as `a.**`"
    RECKONED_DURATION = "they know no durations that are reckoned, such as `offset step()`"
    PANIC = "they panic over a range or an offset of more seconds than they can hold"
    ZERO_RANGE = "they let a range be zero where it is not written `0`: `a[0x00]`"
    BYTE_ESCAPE = "they take the byte of an escape such as `\\xa1` for a character"
    TOO_LARGE = "they read a number beyond all doubles as infinite; Prometheus refuses it"
    AGREED = "no difference"


class Unexplained(AssertionError):
    """The two differ, and no kind says why."""


def compare(text: str) -> Difference:
    """Tell whether the two agree on an expression: both refuse it, or both see the same tree.

    Raises:
        Unexplained: they do not, for no reason that is known; or what we print does not read back the same.
    """
    ours, our_refusal = _ours(text)
    try:
        theirs = promql_parser.parse(text)
    except ValueError as error:
        return Difference.AGREED if ours is None else _refused_by_them(text, ours, str(error))
    except BaseException as error:  # what their panics are in Python
        if type(error).__name__ != "PanicException":
            raise
        return Difference.PANIC
    if ours is None:
        return _refused_by_us(text, our_refusal)
    return _same_tree(text, ours, theirs.prettify())


def _ours(text: str) -> tuple[Node | None, str]:
    try:
        tree = parse(text)
    except QuerySyntaxError as error:
        return None, str(error)
    for printed in (print_node(tree), pretty(tree)):
        if parse(printed) != tree:
            raise Unexplained(f"{text!r} is printed as {printed!r}, which is another tree")
    return tree, ""


def _refused_by_them(text: str, ours: Node, reason: str) -> Difference:
    if "inside brackets" in reason:
        return Difference.COMMENT_IN_BRACKETS
    if any(words in reason for words in ("escape sequence", "unterminated quoted string `")) and "`" in text:
        return Difference.RAW_ESCAPE
    if "holt_winters" in reason:
        return Difference.HOLT_WINTERS
    if "bad number" in reason and "_" in text:
        return Difference.UNDERSCORES
    if "can't be parsed into i64" in reason:
        return Difference.LEADING_ZERO
    if "duration must be greater than 0" in reason:
        return Difference.ZERO_DURATION
    if reason == "invalid promql query" and any(f"{word}(" in print_node(ours) for word in ("step", "range")):
        return Difference.RECKONED_DURATION
    raise Unexplained(f"{text!r}: refused by them alone: {reason}")


_BYTE: Final = re.compile(r"\\x[89a-f]")
_OUR_REFUSALS: Final = {
    "vector matching only allowed": Difference.FILL_OF_SCALARS,
    "metric name must not be set twice": Difference.NAME_TWICE,
    "in aggregation parameter": Difference.PARAMETER_TYPE,
    "unary expression only allowed": Difference.SIGNED_STRING,
    "duration must be greater than 0": Difference.ZERO_RANGE,
    "value out of range": Difference.TOO_LARGE,
    "timestamp out of bounds": Difference.FAR_INSTANT,
    "error parsing regexp": Difference.OTHER_REGEX,
}


def _refused_by_us(text: str, reason: str) -> Difference:
    for words, kind in _OUR_REFUSALS.items():
        if words in reason:
            return kind
    raise Unexplained(f"{text!r}: refused by us alone: {reason}")


def _same_tree(text: str, ours: Node, printed: str) -> Difference:
    try:
        theirs = parse(printed)
    except QuerySyntaxError as error:
        if "<group_" in str(error) and "ignoring" in text.lower():
            return Difference.IGNORING_NOTHING
        raise Unexplained(f"{text!r} is printed by them as {printed!r}: {error}") from error
    if _normal(theirs) == _normal(ours):
        return Difference.AGREED
    if _normal(theirs) == _normal(ours, earliest=0):
        return Difference.NEGATIVE_AT
    if _BYTE.search(print_node(ours)):
        return Difference.BYTE_ESCAPE
    raise Unexplained(f"{text!r} is {print_node(ours)!r} to us and {print_node(theirs)!r} to them")


def _normal(value: Any, earliest: int | None = None) -> Any:
    """Return a tree without what their form of it leaves out: the order of matchers, plus signs, an empty ignoring."""
    if isinstance(value, tuple):
        return tuple(_normal(each, earliest) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    if isinstance(value, Unary | DurationUnary) and value.operator == "+":
        return _normal(value.operand, earliest)
    changed = {each.name: _normal(getattr(value, each.name), earliest) for each in fields(value) if each.name != "span"}
    if isinstance(value, VectorSelector):
        changed["matchers"] = tuple(sorted(value.matchers, key=str))
    if isinstance(value, Matching):
        changed["written"] = value.on or bool(value.labels)
    if earliest is not None and isinstance(changed.get("at"), int):
        changed["at"] = max(earliest, changed["at"])
    return replace(value, **changed)


def tally(count: int, seed: int) -> Counter[Difference]:
    """Compare that many expressions, every third of them broken on purpose."""
    expressions = Expressions(seed)
    return Counter(compare(expressions.broken() if turn % 3 == 2 else expressions.valid()) for turn in range(count))


def test_two_parsers_agree() -> None:
    """Both refuse an expression or see the same tree, but for kinds of difference that have a reason."""
    found = tally(4_000, seed=20_261_122)
    assert found[Difference.AGREED] > 3_000, found


@pytest.mark.campaign
@pytest.mark.parametrize("seed", [1, 777_001, 777_002])
def test_two_parsers_agree_on_a_hundred_thousand(seed: int) -> None:
    """The same at length."""
    found = tally(100_000, seed)
    assert found[Difference.AGREED] > 80_000, found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a[5m # note\n]", Difference.COMMENT_IN_BRACKETS),
        ("`\\d`", Difference.RAW_ESCAPE),
        ("`\\`", Difference.RAW_ESCAPE),
        ("holt_winters(a[5m], 0.5, 0.5)", Difference.HOLT_WINTERS),
        ("1_000", Difference.UNDERSCORES),
        ("0s", Difference.ZERO_DURATION),
        ("01e3", Difference.LEADING_ZERO),
        ("a offset step()", Difference.RECKONED_DURATION),
        ('a{b=~"a.**"}', Difference.OTHER_REGEX),
        ("a[1e300]", Difference.PANIC),
        ("a @ 1e300", Difference.FAR_INSTANT),
        ("a @ -3", Difference.NEGATIVE_AT),
        ("a + ignoring() group_left b", Difference.IGNORING_NOTHING),
        ("a + fill(0) 1", Difference.FILL_OF_SCALARS),
        ('{"a", __name__="b"}', Difference.NAME_TWICE),
        ("limit_ratio(a, b)", Difference.PARAMETER_TYPE),
        ("+'a'", Difference.SIGNED_STRING),
        ("1e400", Difference.TOO_LARGE),
        ("a[0x00]", Difference.ZERO_RANGE),
        (r'"\xa1"', Difference.BYTE_ESCAPE),
        ("sum by (job) (rate(a[5m]))", Difference.AGREED),
        ("sum by job (a)", Difference.AGREED),
    ],
)
def test_each_kind_of_difference_is_one(text: str, kind: Difference) -> None:
    """What explains a difference is shown by its smallest case: once they change, the kind goes."""
    assert compare(text) is kind
