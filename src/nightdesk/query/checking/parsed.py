"""Trees of queries that come again: dashboards and rules send the same texts over and over."""

import functools
from typing import Final

from nightdesk.query.checking.parsing import parse
from nightdesk.query.language.tree import Node

_LONG_TEXT: Final = 2_048
"""Trees of longer queries are not kept: there would be no bound on their memory."""


def parsed(text: str) -> Node:
    """Read a query, from memory where it was read lately; raises what `parse` does."""
    return _remembered(text) if len(text) <= _LONG_TEXT else parse(text)


@functools.lru_cache(maxsize=512)
def _remembered(text: str) -> Node:
    return parse(text)
