"""Text to checked tree: `parse` is what the rest of Nightdesk calls."""

from nightdesk.query.checking.types import check
from nightdesk.query.functions.table import FUNCTIONS
from nightdesk.query.language.parser import read
from nightdesk.query.language.tree import Node


def parse(text: str) -> Node:
    """Read a query and check its types.

    Raises:
        QuerySyntaxError: with Prometheus' message (`1:5: parse error: ...`) and the faulty span.
    """
    node = read(text, FUNCTIONS)
    check(node, text)
    return node
