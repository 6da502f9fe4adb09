"""Regular expressions as PromQL means them: RE2's syntax, all of a value must match, the dot matches newlines."""

import functools
from collections.abc import Callable, Iterable
from typing import Final

import re2

from nightdesk.model.labels import Labels, Matcher, MatchOp

_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.dot_nl = True
_KEPT: Final = 128
"""Patterns kept compiled: dashboards and rules ask with the same ones again and again."""
_PLAIN: Final = (MatchOp.EQUAL, MatchOp.NOT_EQUAL)
_POSITIVE: Final = (MatchOp.EQUAL, MatchOp.REGEX)
_IN_GO: Final = {
    "missing ]": "missing closing ]",
    "missing )": "missing closing )",
    "no argument for repetition operator": "missing argument to repetition operator",
    "invalid repetition size": "invalid repeat count",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid named capture group": "invalid named capture",
    "trailing \\": "trailing backslash at end of expression",
}
"""What RE2 says, and what Go's RE2 says of the same, which clients of Prometheus know."""


class Regex:
    """A pattern that must match all of a value; RE2 takes linear time whatever the pattern."""

    def __init__(self, pattern: str) -> None:
        """Compile. Raises ValueError, which says what is wrong with the pattern, in the words of Go."""
        try:
            self._expression = re2.compile(_bytes(pattern), _OPTIONS)
        except re2.error as error:
            reason = error.args[0] if error.args else "unknown fault"
            raise ValueError(_in_go(_text(reason) if isinstance(reason, bytes) else str(reason))) from error

    def matches(self, value: str) -> bool:
        """Tell whether all of a value matches."""
        return self._expression.fullmatch(_bytes(value)) is not None

    def groups(self, value: str) -> dict[str, str] | None:
        """Return the groups of a match by number and by name, empty ones too; None where the value does not match."""
        found = self._expression.fullmatch(_bytes(value))
        if found is None:
            return None
        texts = [_text(group or b"") for group in (found.group(), *found.groups())]
        groups = {str(number): text for number, text in enumerate(texts)}
        groups.update((_text(name), texts[number]) for name, number in self._expression.groupindex.items())
        return groups


def _in_go(told: str) -> str:
    """Turn `missing ): (` into "missing closing ): `(`"."""
    fault, colon, piece = told.partition(": ")
    return f"{_IN_GO.get(fault, fault)}: `{piece}`" if colon else _IN_GO.get(fault, fault)


@functools.lru_cache(maxsize=_KEPT)
def compiled(pattern: str) -> Regex:
    """Return the compiled pattern. Raises ValueError, which says what is wrong with it."""
    return Regex(pattern)


def condition(matcher: Matcher) -> Callable[[str], bool]:
    """Return what tells whether the value of a label, empty where it is absent, is what a matcher asks for.

    Raises ValueError, which says what is wrong with the pattern.
    """
    wanted = matcher.op in _POSITIVE
    if matcher.op in _PLAIN:
        return lambda value: (value == matcher.value) is wanted
    matches = compiled(matcher.value).matches
    return lambda value: matches(value) is wanted


def satisfies(value: str, matcher: Matcher) -> bool:
    """Tell whether one value is what a matcher asks for; for many values take the `condition` once."""
    return condition(matcher)(value)


def fulfils(labels: Labels, matchers: Iterable[Matcher]) -> bool:
    """Tell whether a label set is what every matcher asks for."""
    return all(satisfies(labels.get(matcher.name), matcher) for matcher in matchers)


def _bytes(text: str) -> bytes:
    # Values may hold bytes that are no UTF-8: they come in as surrogates.
    return text.encode("utf-8", "surrogateescape")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
