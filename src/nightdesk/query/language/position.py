"""Where in a query something stands, and the errors that say so in Prometheus' words."""

from typing import NamedTuple

from nightdesk.errors import QuerySyntaxError


class Span(NamedTuple):
    """A piece of the query's text: characters [start, end)."""

    start: int
    end: int

    def to(self, other: "Span") -> "Span":
        """Return the span from the start of this one to the end of another."""
        return Span(self.start, other.end)


NOWHERE = Span(0, 0)
"""The span of a tree that was built by hand."""


def place(text: str, offset: int) -> str:
    """Write an offset as `line:column`, both from 1; a column is a byte of UTF-8, as to Prometheus, not a character."""
    before = text[:offset]
    last_line = before[before.rfind("\n") + 1 :]
    column = len(last_line.encode("utf-8", "surrogatepass")) + 1
    return f"{before.count(chr(10)) + 1}:{column}"


def syntax_error(text: str, span: Span, message: str) -> QuerySyntaxError:
    """Build the error that Prometheus would answer: `1:5: parse error: ...`."""
    return QuerySyntaxError(f"{place(text, span.start)}: parse error: {message}", start=span.start, end=span.end)
