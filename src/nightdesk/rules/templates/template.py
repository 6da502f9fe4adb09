"""Annotations and labels of rules: `{{ $labels.instance }} is at {{ $value | humanize }}`, in Go's text/template."""

from functools import lru_cache

from nightdesk.model.alert import FAILED_TEXT
from nightdesk.rules.templates.evaluator import fill
from nightdesk.rules.templates.faults import BadTemplate, CannotFill
from nightdesk.rules.templates.functions import KNOWN
from nightdesk.rules.templates.parser import parse
from nightdesk.rules.templates.tree import Template
from nightdesk.rules.templates.values import MAX_TEXT, Facts


@lru_cache(maxsize=4096)
def read_template(text: str) -> Template:
    """Read a template into its tree.

    Raises:
        BadTemplate: it cannot be read, or calls a function that there is not.
    """
    return parse(text, KNOWN)


def render(text: str, facts: Facts) -> str:
    """Fill a template; a fault in it leaves Prometheus' `<error expanding template: ...>` as the whole text."""
    if "{{" not in text:
        return text[:MAX_TEXT]
    try:
        return fill(read_template(text), facts)
    except (BadTemplate, CannotFill) as error:
        return f"{FAILED_TEXT}{error}>"[:MAX_TEXT]
