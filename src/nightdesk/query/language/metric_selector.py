"""A selector alone, as `match[]` and settings have it: names and matchers, and nothing that is only of a query."""

from nightdesk.model.labels import Matcher
from nightdesk.model.regex import satisfies
from nightdesk.query.language.cursor import Cursor
from nightdesk.query.language.selector_parser import parse_selector
from nightdesk.query.language.tokens import TokenKind


def metric_selector(text: str) -> tuple[Matcher, ...]:
    """Return the matchers of `up`, `up{job="a"}` or `{job="a"}`; ranges, offsets and functions are not taken.

    Raises:
        QuerySyntaxError: with Prometheus' message and the faulty span.
    """
    cursor = Cursor(text)
    if not cursor.next_is(TokenKind.IDENTIFIER) and not cursor.at("{"):
        raise cursor.unexpected()
    node = parse_selector(cursor)
    if not cursor.next_is(TokenKind.END):
        raise cursor.unexpected()
    return tuple(node.matchers)


def chooses_anything(matchers: tuple[Matcher, ...]) -> bool:
    """Tell whether a series without any label would be chosen, and so every series may be."""
    return all(satisfies("", matcher) for matcher in matchers)
