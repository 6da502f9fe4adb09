"""What RE2 makes of a pattern, within bounds: its time grows with the program's length times that of the text."""

from typing import Final

import re2

MOST_CHARACTERS: Final = 2**17
"""Of a pattern: classes of thousands of letters take RE2 long to read, and nobody else can run meanwhile."""
MOST_STEPS: Final = 72_000_000
"""Instructions times bytes of one match, which nothing can break off: about a second. Any stored value has fewer."""
_MEMORY: Final = 2**20
"""Bytes of a program and of the states it remembers: 68,000 instructions at most, or six thousand patterns of names.
With RE2's own 8 MiB an optional piece repeated 60,000 times compiles for ten seconds, in which nobody else runs, and a
hundred programs remember a gigabyte; real patterns match no faster with more."""
_TOO_LARGE: Final = "pattern too large - compile failed"
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


class ExpressionTooLarge(ValueError):
    """A pattern that RE2 accepts, and that would take too long; the message says what the bound is."""

    def __init__(self, why: str) -> None:
        """Begin as Go does."""
        super().__init__(f"expression too large: {why}")


class Program:
    """A pattern compiled; the dot matches newlines, and all of a text must match."""

    def __init__(self, pattern: str, *, captures: bool) -> None:
        """Compile; without `captures` no groups are told, and matching is faster by far where there are some.

        Raises:
            ExpressionTooLarge: the pattern is too long, or its program.
            ValueError: what is wrong with the pattern, in the words of Go.
        """
        if len(pattern) > MOST_CHARACTERS:
            raise ExpressionTooLarge(f"{len(pattern)} characters, at most {MOST_CHARACTERS} are taken")
        try:
            self._expression = re2.compile(bytes_of(pattern), _options(captures=captures))
        except re2.error as error:
            reason = error.args[0] if error.args else "unknown fault"
            told = text_of(reason) if isinstance(reason, bytes) else str(reason)
            if told == _TOO_LARGE:
                raise ExpressionTooLarge(f"RE2 needs more than {_MEMORY} bytes for its program") from error
            raise ValueError(_in_go(told)) from error
        self.instructions = max(1, self._expression.programsize)
        self.most_bytes = MOST_STEPS // self.instructions
        """Of a text that may be tried."""

    def matches(self, text: bytes) -> bool:
        """Tell whether all of a text matches; it has no more than `most_bytes`."""
        return self._expression.fullmatch(text) is not None

    def groups(self, text: bytes) -> dict[str, str] | None:
        """Return the groups of a match by number and by name, empty ones too; None where the text does not match."""
        found = self._expression.fullmatch(text)
        if found is None:
            return None
        texts = [text_of(group or b"") for group in (found.group(), *found.groups())]
        groups = {str(number): text for number, text in enumerate(texts)}
        groups.update((text_of(name), texts[number]) for name, number in self._expression.groupindex.items())
        return groups


def _options(*, captures: bool) -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    options.never_capture = not captures
    options.max_mem = _MEMORY
    return options


def _in_go(told: str) -> str:
    """Turn `missing ): (` into "missing closing ): `(`"."""
    fault, colon, piece = told.partition(": ")
    return f"{_IN_GO.get(fault, fault)}: `{piece}`" if colon else _IN_GO.get(fault, fault)


def bytes_of(text: str) -> bytes:
    """Return a text as RE2 reads it: values may hold bytes that are no UTF-8, which come in as surrogates."""
    return text.encode("utf-8", "surrogateescape")


def text_of(content: bytes) -> str:
    """Return the text behind the bytes of `bytes_of`."""
    return content.decode("utf-8", "surrogateescape")
