"""What a rule's expression reads and calls."""

from collections.abc import Iterator

from nightdesk.model.labels import METRIC_NAME, MatchOp
from nightdesk.query.language.tree import Call, Node, VectorSelector, children


def metric_names(node: Node) -> frozenset[str] | None:
    """Return the metric names an expression reads; None where a selector gives no plain name and may read any."""
    names: set[str] = set()
    for selector in _selectors(node):
        plain = [each.value for each in selector.matchers if each.name == METRIC_NAME and each.op is MatchOp.EQUAL]
        if not plain:
            return None
        names.update(plain)
    return frozenset(names)


def calls(node: Node) -> frozenset[str]:
    """Return the names of the functions that an expression calls."""
    own = {node.name} if isinstance(node, Call) else set()
    return frozenset(own.union(*(calls(child) for child in children(node))))


def _selectors(node: Node) -> Iterator[VectorSelector]:
    if isinstance(node, VectorSelector):
        yield node
    for child in children(node):
        yield from _selectors(child)
