"""Selectors as parameters: `match[]` and its kin, read by the language's own parser."""

from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.errors import QuerySyntaxError
from nightdesk.model.labels import Matcher
from nightdesk.model.regex import MOST_TOGETHER, TOO_MANY_TOGETHER, instructions_of
from nightdesk.query.language.metric_selector import chooses_anything, metric_selector


def selectors_of(asked: Parameters) -> list[tuple[Matcher, ...]]:
    """Return the matchers of every `match[]`, bounded as in a query. Raises Refused with the parameter's name."""
    found, instructions = [], 0
    for text in asked.all("match[]"):
        found.append(matchers_of("match[]", text))
        instructions += instructions_of(found[-1])
        if instructions > MOST_TOGETHER:
            raise bad_parameter("match[]", TOO_MANY_TOGETHER)
    if any(map(chooses_anything, found)):
        raise bad_parameter("match[]", "match[] must contain at least one non-empty matcher")
    return found


def matchers_of(name: str, text: str) -> tuple[Matcher, ...]:
    """Return the matchers of one selector. Raises Refused with the parameter's name."""
    try:
        return metric_selector(text)
    except QuerySyntaxError as error:
        raise bad_parameter(name, error) from error
