"""Which series do matchers choose? Answered on postings: label values are looked at, never every series."""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from nightdesk.errors import QueryError
from nightdesk.model.labels import Matcher, MatchOp
from nightdesk.model.regex import compiled
from nightdesk.model.series import Refs

_META: Final = frozenset("\\.+*?()[]{}^$")
_MEMORY: Final = 65_536
"""Answers of regular expressions that are kept, of all of them together: about 12 MB."""
_NOBODY: Final[Refs] = np.empty(0, dtype=np.int64)


class PostingsSource(Protocol):
    """Postings of the head or of one day file; every answer is sorted ascending without repeats."""

    def everyone(self) -> Refs:
        """Return all series."""
        ...

    def values(self, name: str) -> list[str]:
        """Return the values that a label has."""
        ...

    def with_values(self, name: str, values: Iterable[str]) -> Refs:
        """Return the series whose label has one of the values; values nobody has are passed over."""
        ...


@dataclass(frozen=True, slots=True)
class _Condition:
    """A matcher split into a plain test and whether the answer is turned round."""

    name: str
    test: Callable[[str], bool]
    literals: tuple[str, ...] | None
    """The values that pass the test, where they can be listed without trying."""
    negated: bool

    @property
    def passes_empty(self) -> bool:
        """Whether the empty string, which an absent label counts as, passes the test."""
        return self.test("")

    @property
    def excludes(self) -> bool:
        """Whether a series without the label satisfies it, so that postings tell who does not."""
        return self.negated != self.passes_empty


def match(source: PostingsSource, matchers: Sequence[Matcher], check: Callable[[], None] = lambda: None) -> Refs:
    """Return the series that satisfy every matcher, sorted; a label that is absent counts as the empty string.

    Before each matcher `check` may put an end to it: thousands of regular expressions over many values take long.

    Raises:
        QueryError: a regular expression that RE2 does not accept.
    """
    conditions = [_condition(matcher) for matcher in matchers]
    chosen: Refs | None = None
    for condition in conditions:
        if not condition.excludes:
            check()
            named = source.with_values(condition.name, _telling_values(condition, source))
            chosen = named if chosen is None else np.intersect1d(chosen, named, assume_unique=True)
    if chosen is None:
        chosen = source.everyone()
    # After the choosing, so that a series which comes meanwhile is not chosen without having been asked all of this.
    for condition in conditions:
        if condition.excludes:
            check()
            refs = source.with_values(condition.name, _telling_values(condition, source))
            chosen = chosen[np.isin(chosen, refs, assume_unique=True, invert=True)] if len(refs) else chosen
    return chosen


def _telling_values(condition: _Condition, source: PostingsSource) -> Iterable[str]:
    """Return the values on the test's side that the empty string is not on: only those can be found in postings."""
    if condition.literals is not None and not condition.passes_empty:
        return condition.literals
    return [value for value in source.values(condition.name) if condition.test(value) != condition.passes_empty]


@functools.lru_cache(maxsize=128)
def _condition(matcher: Matcher) -> _Condition:
    negated = matcher.op in (MatchOp.NOT_EQUAL, MatchOp.NOT_REGEX)
    if matcher.op in (MatchOp.EQUAL, MatchOp.NOT_EQUAL):
        return _Condition(matcher.name, matcher.value.__eq__, (matcher.value,), negated)
    if not _META.intersection(matcher.value):
        literals = tuple(dict.fromkeys(matcher.value.split("|")))
        return _Condition(matcher.name, frozenset(literals).__contains__, literals, negated)
    return _Condition(matcher.name, _regex_test(matcher.value), None, negated)


def _regex_test(pattern: str) -> Callable[[str], bool]:
    try:
        compiled(pattern)
    except ValueError as error:
        raise QueryError(f"not a regular expression that RE2 accepts: {pattern!r}: {error}") from error
    return functools.partial(_passes, pattern)


@functools.lru_cache(maxsize=_MEMORY)
def _passes(pattern: str, value: str) -> bool:
    """Match, remembered: dashboards and rules ask the same again and again, and the values hardly change."""
    return compiled(pattern).matches(value)


def union(groups: Sequence[Refs]) -> Refs:
    """Return the sorted union of sorted arrays without repeats."""
    if not groups:
        return _NOBODY
    return groups[0] if len(groups) == 1 else np.unique(np.concatenate(groups))
