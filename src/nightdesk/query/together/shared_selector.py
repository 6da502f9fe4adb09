"""One read for the selectors of many members, and whose each series is."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import re2

from nightdesk.errors import QueryLimitExceeded
from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.regex import compiled, condition
from nightdesk.query.grid import Indices
from nightdesk.query.hidden_labels import MEMBER
from nightdesk.query.together.shape import Unlike

MOST_ROWS: Final = 200_000
"""Rows given of one read; a series counts once for each member that takes it."""
MOST_REMEMBERED: Final = 65_536
_READS_KEPT: Final = 16
_POSITIVE: Final = (MatchOp.EQUAL, MatchOp.REGEX)
_EMPTY: Final = ""


@dataclass(frozen=True, slots=True, eq=False)
class MemberRows:
    """Rows of a read as members have them: `rows[i]` is the place in the read, `labels[i]` names its member too."""

    rows: Indices
    labels: LabelRows


class SharedSelector:
    """The selectors at one place of a shape, one a member. Keeps what it gave, so use it from one thread."""

    def __init__(self, columns: Sequence[tuple[Matcher, ...]]) -> None:
        """Take the matchers of each member: as many, of the same labels and operators.

        Raises:
            Unlike: nothing narrows a read for all of them.
        """
        self.matchers = _union(columns)
        self._members = _Members(columns)
        self._kept: deque[tuple[Sequence[Labels], MemberRows]] = deque(maxlen=_READS_KEPT)

    def rows_of_members(self, labels: Sequence[Labels]) -> MemberRows:
        """Give the series of a read to members; for a read that gave the same label sets lately, the very same answer.

        Raises:
            QueryLimitExceeded: they would be too many rows.
        """
        for known, rows in self._kept:
            if known is labels or (len(known) == len(labels) and known == labels):
                return rows
        rows = self._found(labels)
        self._kept.append((labels, rows))
        return rows

    def _found(self, labels: Sequence[Labels]) -> MemberRows:
        rows: list[int] = []
        named: list[Labels] = []
        for row, one in enumerate(labels):
            members = self._members.of(one)
            if len(rows) + len(members) > MOST_ROWS:
                raise QueryLimitExceeded(f"expressions evaluated as one would read more than {MOST_ROWS} rows")
            for member in members:
                rows.append(row)
                named.append(with_member(one, member))
        return MemberRows(np.array(rows, dtype=np.intp), LabelRows(named))


def with_member(labels: Labels, member: str) -> Labels:
    """Return a label set with the name of its member. Raises Unlike where a label of its own has that place."""
    if labels.pairs and labels.pairs[-1][0] >= MEMBER:
        raise Unlike
    return Labels.from_sorted((*labels.pairs, (MEMBER, member)))


def _union(columns: Sequence[tuple[Matcher, ...]]) -> tuple[Matcher, ...]:
    """Return matchers that let through whatever any member's let through."""
    found = []
    for position in zip(*columns, strict=True):
        given = tuple(dict.fromkeys(matcher.value for matcher in position))
        first = position[0]
        if len(given) == 1:
            found.append(first)
        elif first.op is MatchOp.EQUAL and _EMPTY not in given:
            found.append(Matcher(first.name, MatchOp.REGEX, "|".join(map(re2.escape, given))))
        elif first.op is MatchOp.REGEX:
            found.append(Matcher(first.name, MatchOp.REGEX, _any_of(given)))
    if not any(matcher.op in _POSITIVE and matcher.value for matcher in found):
        raise Unlike
    return tuple(found)


def _any_of(patterns: Sequence[str]) -> str:
    """Return the pattern of what any of some match. Raises Unlike where it would be too large as one."""
    whole = "|".join(f"(?:{pattern})" for pattern in patterns)
    try:
        compiled(whole)
    except ValueError as error:
        raise Unlike from error
    return whole


class _Members:
    """Whose a series is, by the labels in which the members' matchers differ."""

    def __init__(self, columns: Sequence[tuple[Matcher, ...]]) -> None:
        positions = [tuple(position) for position in zip(*columns, strict=True)]
        varying = [position for position in positions if len(set(position)) > 1]
        equal = [position for position in varying if position[0].op is MatchOp.EQUAL]
        self._names = tuple(position[0].name for position in equal)
        self._conditions = [
            (position[0].name, tuple(condition(matcher) for matcher in position))
            for position in varying
            if position[0].op is not MatchOp.EQUAL
        ]
        self._by_values: dict[tuple[str, ...], list[int]] = {}
        for member in range(len(columns)):
            values = tuple(position[member].value for position in equal)
            self._by_values.setdefault(values, []).append(member)
        self._named = [str(member) for member in range(len(columns))]
        self._remembered: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._asked = (*self._names, *(name for name, _ in self._conditions))

    def of(self, labels: Labels) -> tuple[str, ...]:
        """Return the members that take a series, in their order."""
        values = tuple(labels.get(name) for name in self._asked)
        members = self._remembered.get(values)
        if members is None:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            members = self._remembered[values] = self._found(values)
        return members

    def _found(self, values: tuple[str, ...]) -> tuple[str, ...]:
        equal, others = values[: len(self._names)], values[len(self._names) :]
        taking = self._by_values.get(equal, [])
        for value, (_, conditions) in zip(others, self._conditions, strict=True):
            taking = [member for member in taking if conditions[member](value)]
        return tuple(self._named[member] for member in taking)
