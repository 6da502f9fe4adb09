"""Selectors as people write them, turned into matchers."""

from nightdesk.errors import QuerySyntaxError, Refused
from nightdesk.model.labels import Matcher
from nightdesk.query.language.parser import parse
from nightdesk.query.language.tree import VectorSelector


def selector_of(text: str) -> tuple[Matcher, ...]:
    """Return the matchers of a selector such as `{job="sim"}`. Raises Refused, which says what would be right."""
    try:
        node = parse(text)
    except QuerySyntaxError as error:
        raise Refused(f'{text!r} is not a selector: {error}; write e.g. {{job="sim"}}') from error
    if not isinstance(node, VectorSelector) or node != VectorSelector(node.matchers):
        raise Refused(f'{text!r} is not a plain selector; write e.g. {{job="sim"}}')
    return tuple(node.matchers)
