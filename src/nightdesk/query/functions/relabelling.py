"""Functions that change labels: label_replace and label_join."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from nightdesk.errors import QueryError, QueryLimitExceeded
from nightdesk.model.labels import METRIC_NAME, Labels, quote
from nightdesk.model.regex import capturing
from nightdesk.model.regex_program import ExpressionTooLarge
from nightdesk.query.functions.signature import STRING, VECTOR, Function, Invocation
from nightdesk.query.grid import Grid
from nightdesk.query.language.strings import is_utf8
from nightdesk.query.names import name_of, renamed

MOST_OF_ONE: Final = 65_536
"""Characters of a value that a function makes: nested ones would else make it longer by a factor each."""
MOST_OF_ALL: Final = 16_000_000
"""Characters of all values that one call makes."""
_REFERENCE: Final = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))", re.ASCII)


def _label_replace(call: Invocation) -> Grid:
    target, replacement, source, pattern = (call.text(index) for index in range(1, 5))
    try:
        regex = capturing(pattern)
    except ExpressionTooLarge as error:
        raise QueryError(f"invalid regular expression in label_replace(): {error}") from error
    except ValueError as error:
        raise QueryError(f"invalid regular expression in label_replace(): {pattern}") from error
    _check_label(target, "invalid destination label name in label_replace(): ")
    values: dict[str, str | None] = {}
    allowance = _TextAllowance()

    def changed(labels: Labels) -> Labels:
        given = _value(labels, source)
        if given not in values:
            call.budget.check()  # one match may take a second
            groups = regex.groups(given)
            _demand_short(len(replacement) + replacement.count("$") * len(given))
            values[given] = None if groups is None else _expanded(replacement, groups)
        value = values[given]
        if value is None:
            return labels
        allowance.spend(len(value))
        return renamed(labels, target, value)

    return _relabelled(call, changed)


def _expanded(template: str, groups: Mapping[str, str]) -> str:
    """Fill `$1`, `${name}` and `$$` in as Go does: what is not a group is empty."""

    def group(reference: "re.Match[str]") -> str:
        dollar, braced, bare = reference.groups()
        if dollar:
            return "$"
        return groups.get(braced or bare, "")

    return _REFERENCE.sub(group, template)


def _label_join(call: Invocation) -> Grid:
    target, separator = call.text(1), call.text(2)
    sources = [call.text(index) for index in range(3, len(call))]
    for source in sources:
        _check_label(source, "invalid source label name in label_join(): ")
    _check_label(target, "invalid destination label name in label_join(): ")
    allowance, between = _TextAllowance(), len(separator) * max(0, len(sources) - 1)

    def joined(labels: Labels) -> Labels:
        values = [_value(labels, source) for source in sources]
        allowance.spend(between + sum(map(len, values)))
        return renamed(labels, target, separator.join(values))

    return _relabelled(call, joined)


class _TextAllowance:
    """How much text one call may still make."""

    def __init__(self) -> None:
        self._left = MOST_OF_ALL

    def spend(self, size: int) -> None:
        """Make a value of that size. Raises QueryLimitExceeded where it is too long, or all of them together are."""
        _demand_short(size)
        self._left -= size
        if self._left < 0:
            raise QueryLimitExceeded(f"a function would make labels of more than {MOST_OF_ALL} characters")


def _demand_short(size: int) -> None:
    if size > MOST_OF_ONE:
        raise QueryLimitExceeded(f"a function would make a label of more than {MOST_OF_ONE} characters")


def _value(labels: Labels, source: str) -> str:
    return name_of(labels) if source == METRIC_NAME else labels.get(source)


def _relabelled(call: Invocation, change: Callable[[Labels], Labels]) -> Grid:
    """Change labels row by row, with a look at the budget now and then."""
    grid = call.grid(0)
    labels: list[Labels] = []
    for row, one in enumerate(grid.labels):
        if row % 4096 == 0:
            call.budget.check()
        labels.append(change(one))
    return replace(grid, labels=labels).merged(call.budget)


def _check_label(name: str, message: str) -> None:
    if not name or not is_utf8(name):
        raise QueryError(
            message + (name if is_utf8(name) else quote(name).encode("ascii", "backslashreplace").decode())
        )


# fmt: off
ROWS: Final = (
    Function(
        "label_join", (VECTOR, STRING, STRING, STRING), VECTOR,
        "A label set to other labels' values, joined by a separator: target, separator, sources.",
        _label_join, optional=1, repeats=None, keeps_name=True, row_by_row=True,
    ),
    Function(
        "label_replace", (VECTOR, STRING, STRING, STRING, STRING), VECTOR,
        "A label set from a regular expression over another, where that matches: target, replacement, source, pattern.",
        _label_replace, keeps_name=True, row_by_row=True,
    ),
)
# fmt: on
