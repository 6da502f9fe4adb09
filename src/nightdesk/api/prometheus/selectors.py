"""Selectors as parameters: `match[]` and its kin, read by the language's own parser."""

from collections.abc import Sequence

from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.errors import QuerySyntaxError
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.regex import compiled
from nightdesk.query.language.parser import parse
from nightdesk.query.language.tree import VectorSelector


def selectors_of(asked: Parameters) -> list[tuple[Matcher, ...]]:
    """Return the matchers of every `match[]`. Raises Refused with the parameter's name."""
    return [matchers_of("match[]", text) for text in asked.all("match[]")]


def matchers_of(name: str, text: str) -> tuple[Matcher, ...]:
    """Return the matchers of one selector. Raises Refused with the parameter's name."""
    try:
        node = parse(text)
    except QuerySyntaxError as error:
        raise bad_parameter(name, error) from error
    if not isinstance(node, VectorSelector):
        raise bad_parameter(name, f"{text!r} is not a selector")
    return tuple(node.matchers)


def is_chosen(labels: Labels, matchers: Sequence[Matcher]) -> bool:
    """Tell whether a label set fulfils every matcher; an absent label counts as the empty string."""
    return all(_fulfils(labels.get(each.name), each) for each in matchers)


def _fulfils(value: str, matcher: Matcher) -> bool:
    match matcher.op:
        case MatchOp.EQUAL:
            return value == matcher.value
        case MatchOp.NOT_EQUAL:
            return value != matcher.value
        case MatchOp.REGEX:
            return compiled(matcher.value).matches(value)
        case _:
            return not compiled(matcher.value).matches(value)
