"""Which series do matchers choose? Answered on postings: label values are looked at, never every series."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from nightdesk.errors import QueryError
from nightdesk.model.labels import Matcher, MatchOp
from nightdesk.model.lru_cache import LruCache
from nightdesk.model.regex import compiled
from nightdesk.model.series import EMPTY_REFS, Refs

_MOST_BYTES: Final = 16 * 2**20
"""Of what regular expressions made of values, of all of them together."""
_MOST_BYTES_OF_ONE: Final = _MOST_BYTES // 4
"""Of what one of them did; values beyond are tried each time."""
_BYTES_AN_ANSWER: Final = 110
"""Of a value in a mapping, beside the value."""
_BYTES_A_CONDITION: Final = 1_000
"""Of a matcher that was split, beside its texts."""
_INSTRUCTIONS_AT_ONCE: Final = 2**15
"""Of values tried between two looks at the budget: hundreds with a small pattern, one with the largest, in 20 ms."""


class PostingsSource(Protocol):
    """Postings of the head or of one day file; every answer is sorted ascending without repeats."""

    def all_series(self) -> Refs:
        """Return all series."""
        ...

    def values(self, name: str) -> list[str]:
        """Return the values that a label has."""
        ...

    def with_values(self, name: str, values: Iterable[str]) -> Refs:
        """Return the series whose label has one of the values; values nobody has are passed over."""
        ...


class _Tried:
    """What a regular expression made of values: dashboards and rules ask the same again, and values hardly change."""

    __slots__ = ("_known", "_pattern", "at_once", "bytes")

    def __init__(self, pattern: str, instructions: int) -> None:
        """Try nothing yet of an expression that RE2 accepts and that has so many instructions."""
        self._pattern, self.bytes = pattern, sys.getsizeof(pattern)
        self.at_once = max(1, _INSTRUCTIONS_AT_ONCE // instructions)
        self._known: dict[str, bool] = {}

    def passes(self, value: str) -> bool:
        """Tell whether the expression matches the whole value."""
        known = self._known.get(value)
        if known is None:
            known = compiled(self._pattern).matches(value)
            weight = _BYTES_AN_ANSWER + sys.getsizeof(value)
            # Of threads that come at once, one's count may be lost: the bound is true but for a few values.
            if self.bytes + weight <= _MOST_BYTES_OF_ONE:
                self._known[value] = known
                self.bytes += weight
        return known


@dataclass(frozen=True, slots=True)
class _Condition:
    """A matcher split into a plain test and whether the answer is turned round."""

    name: str
    test: Callable[[str], bool]
    literals: tuple[str, ...] | None
    """The values that pass the test, where they can be listed without trying."""
    negated: bool
    split_bytes: int
    """What it takes without what was tried."""
    tried: _Tried | None = None

    @property
    def bytes(self) -> int:
        """What it takes to remember the condition."""
        return self.split_bytes + (self.tried.bytes if self.tried is not None else 0)

    @property
    def at_once(self) -> int:
        """How many values may be tried between two looks at the budget."""
        return self.tried.at_once if self.tried is not None else _INSTRUCTIONS_AT_ONCE

    @property
    def passes_empty(self) -> bool:
        """Whether the empty string, which an absent label counts as, passes the test."""
        return self.test("")

    @property
    def excludes(self) -> bool:
        """Whether a series without the label satisfies it, so that postings tell who does not."""
        return self.negated != self.passes_empty


_CONDITIONS: Final = LruCache[_Condition](_MOST_BYTES)


def match(source: PostingsSource, matchers: Sequence[Matcher], check: Callable[[], None] = lambda: None) -> Refs:
    """Return the series that satisfy every matcher, sorted; a label that is absent counts as the empty string.

    About every 20 ms `check` may put an end to it: a regular expression over many values takes long, and so do many.

    Raises:
        QueryError: a regular expression that RE2 does not accept.
    """
    conditions = [_condition(matcher) for matcher in matchers]
    try:
        return _match(source, conditions, check)
    finally:
        for matcher, condition in zip(matchers, conditions, strict=True):
            if condition.tried is not None:
                # It has grown by what was tried now.
                _CONDITIONS.put(matcher, condition, condition.bytes)


def _match(source: PostingsSource, conditions: Sequence["_Condition"], check: Callable[[], None]) -> Refs:
    chosen: Refs | None = None
    for condition in conditions:
        if not condition.excludes:
            check()
            named = source.with_values(condition.name, _telling_values(condition, source, check))
            chosen = named if chosen is None else np.intersect1d(chosen, named, assume_unique=True)
    if chosen is None:
        chosen = source.all_series()
    # After the choosing, so that a series which comes meanwhile is not chosen without having been asked all of this.
    for condition in conditions:
        if condition.excludes:
            check()
            refs = source.with_values(condition.name, _telling_values(condition, source, check))
            chosen = chosen[np.isin(chosen, refs, assume_unique=True, invert=True)] if len(refs) else chosen
    return chosen


def _telling_values(condition: _Condition, source: PostingsSource, check: Callable[[], None]) -> Iterable[str]:
    """Return the values on the test's side that the empty string is not on: only those can be found in postings."""
    passes_empty = condition.passes_empty
    if condition.literals is not None and not passes_empty:
        return condition.literals
    values, test, at_once = source.values(condition.name), condition.test, condition.at_once
    found: list[str] = []
    for low in range(0, len(values), at_once):
        check()
        found += [value for value in values[low : low + at_once] if test(value) != passes_empty]
    return found


def _condition(matcher: Matcher) -> _Condition:
    known = _CONDITIONS.get(matcher)
    if known is None:
        known = _split(matcher)
        _CONDITIONS.put(matcher, known, known.bytes)
    return known


def _split(matcher: Matcher) -> _Condition:
    negated = matcher.op in (MatchOp.NOT_EQUAL, MatchOp.NOT_REGEX)
    own = _BYTES_A_CONDITION + sys.getsizeof(matcher.name) + sys.getsizeof(matcher.value)
    if matcher.op in (MatchOp.EQUAL, MatchOp.NOT_EQUAL):
        return _Condition(matcher.name, matcher.value.__eq__, (matcher.value,), negated, own)
    try:
        regex = compiled(matcher.value)
    except ValueError as error:
        raise QueryError(f"not a regular expression that RE2 accepts: {matcher.value!r}: {error}") from error
    if regex.literals is not None:
        listed = sum(map(sys.getsizeof, regex.literals)) + _BYTES_AN_ANSWER * len(regex.literals)
        return _Condition(matcher.name, regex.matches, regex.literals, negated, own + listed)
    tried = _Tried(matcher.value, regex.instructions)
    return _Condition(matcher.name, tried.passes, None, negated, own, tried)


def union(groups: Sequence[Refs]) -> Refs:
    """Return the sorted union of sorted arrays without repeats."""
    if not groups:
        return EMPTY_REFS
    return groups[0] if len(groups) == 1 else np.unique(np.concatenate(groups))
