"""Selectors as parameters: `match[]` and its kin, read by the language's own parser."""

from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.errors import QuerySyntaxError
from nightdesk.model.labels import Matcher
from nightdesk.query.language.parsed import parsed
from nightdesk.query.language.tree import VectorSelector


def selectors_of(asked: Parameters) -> list[tuple[Matcher, ...]]:
    """Return the matchers of every `match[]`. Raises Refused with the parameter's name."""
    return [matchers_of("match[]", text) for text in asked.all("match[]")]


def matchers_of(name: str, text: str) -> tuple[Matcher, ...]:
    """Return the matchers of one selector. Raises Refused with the parameter's name."""
    try:
        node = parsed(text)
    except QuerySyntaxError as error:
        raise bad_parameter(name, error) from error
    if not isinstance(node, VectorSelector):
        raise bad_parameter(name, f"{text!r} is not a selector")
    return tuple(node.matchers)
