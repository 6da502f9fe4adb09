"""Selectors as people write them, turned into matchers."""

from nightdesk.errors import QuerySyntaxError, Refused
from nightdesk.model.labels import Matcher
from nightdesk.query.language.metric_selector import chooses_anything, metric_selector


def selector_of(text: str) -> tuple[Matcher, ...]:
    """Return the matchers of a selector such as `{job="sim"}`. Raises Refused, which says what would be right."""
    try:
        matchers = metric_selector(text)
    except QuerySyntaxError as error:
        raise Refused(f'{text!r} is not a selector: {error}; write e.g. {{job="sim"}}') from error
    if chooses_anything(matchers):
        raise Refused(f'{text!r} chooses every series; write e.g. {{job="sim"}}, or {{__name__!=""}} if all are meant')
    return matchers
