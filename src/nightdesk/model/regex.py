"""Regular expressions as PromQL means them: RE2's syntax, all of a value must match, the dot matches newlines."""

import functools
import re
from collections.abc import Callable, Iterable
from typing import Final

from nightdesk.errors import QueryLimitExceeded
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.regex_program import Program, bytes_of

_KEPT: Final = 128
"""Patterns kept compiled: dashboards and rules ask with the same ones again and again."""
MOST_TOGETHER: Final = 200_000
"""Instructions of all patterns of one request: three of the largest, or thousands of ordinary ones."""
TOO_MANY_TOGETHER: Final = f"regular expressions have more than {MOST_TOGETHER} instructions together"
_PLAIN: Final = (MatchOp.EQUAL, MatchOp.NOT_EQUAL)
_POSITIVE: Final = (MatchOp.EQUAL, MatchOp.REGEX)
_LITERALS: Final = re.compile(r"(?:[^\\.+*?()\[\]{}^$]|\\[^0-9A-Za-z\x80-\U0010ffff])*+")
"""Values side by side: neither operators nor escapes other than of a character that stands for itself."""
_VALUE: Final = re.compile(r"(?:\A|\|)((?:[^\\|]|\\.)*+)", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


class Regex:
    """A pattern that must match all of a value; RE2 takes linear time whatever the pattern."""

    def __init__(self, pattern: str) -> None:
        """Compile. Raises ValueError, which says what is wrong with the pattern, in the words of Go."""
        self.literals = _literals(pattern)
        """The values that match, each once, where the pattern is nothing but a list of them."""
        self._listed = frozenset(self.literals or ())
        self._program = Program(pattern, captures=False) if self.literals is None else None
        self.instructions = 1 if self._program is None else self._program.instructions
        """What trying a value takes at the worst, for each of its bytes."""

    def matches(self, value: str) -> bool:
        """Tell whether all of a value matches. Raises QueryLimitExceeded for a value too long for the pattern."""
        if self._program is None:
            return value in self._listed
        return self._program.matches(_tried(value, self._program))


class CapturingRegex:
    """A pattern that must match all of a value, and tells what its groups took."""

    def __init__(self, pattern: str) -> None:
        """Compile. Raises ValueError, which says what is wrong with the pattern, in the words of Go."""
        self._program = Program(pattern, captures=True)

    def groups(self, value: str) -> dict[str, str] | None:
        """Return the groups of a match by number and by name, empty ones too; None where the value does not match.

        Raises:
            QueryLimitExceeded: the value is too long for the pattern.
        """
        return self._program.groups(_tried(value, self._program))


def _tried(value: str, program: Program) -> bytes:
    text = bytes_of(value)
    if len(text) > program.most_bytes:
        raise QueryLimitExceeded(
            f"a regular expression of {program.instructions} instructions is tried on values of at most"
            f" {program.most_bytes} bytes: one has {len(text)}"
        )
    return text


def _literals(pattern: str) -> tuple[str, ...] | None:
    """Return the values that a pattern lists, escaped or not; None where it is more than a list."""
    if not _LITERALS.fullmatch(pattern) or not _is_utf8(pattern):  # what is no UTF-8 RE2 refuses
        return None
    if "\\" not in pattern:
        return tuple(dict.fromkeys(pattern.split("|")))
    return tuple(dict.fromkeys(_ESCAPED.sub(r"\1", value) for value in _VALUE.findall(pattern)))


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@functools.lru_cache(maxsize=_KEPT)
def capturing(pattern: str) -> CapturingRegex:
    """Return the compiled pattern with its groups. Raises ValueError, which says what is wrong with it."""
    return CapturingRegex(pattern)


@functools.lru_cache(maxsize=_KEPT)
def compiled(pattern: str) -> Regex:
    """Return the compiled pattern. Raises ValueError, which says what is wrong with it."""
    return Regex(pattern)


def instructions_of(matchers: Iterable[Matcher]) -> int:
    """Return the instructions of all patterns of matchers. Raises ValueError, which says what is wrong with one."""
    return sum(compiled(matcher.value).instructions for matcher in matchers if matcher.op not in _PLAIN)


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
