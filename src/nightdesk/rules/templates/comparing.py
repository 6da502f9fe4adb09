"""`eq`, `lt` and their like: values of one kind compare, others are an error, as in Go."""

from nightdesk.rules.templates.faults import CannotFill
from nightdesk.rules.templates.values import Value, kind_of

_COMPARED = frozenset({"bool", "string", "int", "float64"})
_ORDERED = frozenset({"string", "int", "float64"})


def equal(first: Value, *others: Value) -> bool:
    """Tell whether the first equals any other."""
    if not others:
        raise CannotFill("eq: missing argument for comparison")
    return any(_equal(first, other) for other in others)


def not_equal(first: Value, other: Value) -> bool:
    """Tell whether two differ."""
    return not _equal(first, other)


def less(first: Value, other: Value) -> bool:
    """Tell whether the first is less than the other."""
    kind = _same_kind(first, other)
    if kind not in _ORDERED:
        raise CannotFill(f"a {kind} is neither less nor more than another")
    # By bytes, as Go does, is by code points: UTF-8 keeps their order.
    return first < other  # type: ignore[operator]  # of one kind, and that is ordered


def at_most(first: Value, other: Value) -> bool:
    """Tell whether the first is less than the other or equals it."""
    return less(first, other) or _equal(first, other)


def more(first: Value, other: Value) -> bool:
    """Tell whether the first is not `at_most` the other: of NaN it is always true, as in Go."""
    return not at_most(first, other)


def at_least(first: Value, other: Value) -> bool:
    """Tell whether the first is not `less` than the other."""
    return not less(first, other)


def _equal(first: Value, other: Value) -> bool:
    if first is None or other is None:
        return first is other
    if _same_kind(first, other) not in _COMPARED:
        raise CannotFill(f"a {kind_of(first)} cannot be compared")
    return first == other


def _same_kind(first: Value, other: Value) -> str:
    kind, others = kind_of(first), kind_of(other)
    if kind != others:
        numbers = {kind, others} == {"int", "float64"}
        hint = ": write the whole number as 90.0" if numbers else ""
        raise CannotFill(f"incompatible types for comparison, {kind} and {others}{hint}")
    return kind
