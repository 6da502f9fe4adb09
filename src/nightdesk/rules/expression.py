"""What a rule's expression reads; each text is parsed once, however many rules share it."""

from collections.abc import Iterator
from functools import lru_cache

from nightdesk.model.labels import METRIC_NAME, MatchOp
from nightdesk.query.checking.parsing import parse
from nightdesk.query.language.tree import (
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    Node,
    Subquery,
    Unary,
    VectorSelector,
    unwrap,
)


@lru_cache(maxsize=8192)
def parsed(text: str) -> Node:
    """Return the tree of an expression. Raises QuerySyntaxError."""
    return parse(text)


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
    return frozenset(own.union(*(calls(child) for child in _children(node))))


def _selectors(node: Node) -> Iterator[VectorSelector]:
    match node:
        case VectorSelector():
            yield node
        case MatrixSelector(selector):
            yield selector
        case _:
            for child in _children(node):
                yield from _selectors(child)


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case Call(_, arguments):
            return arguments
        case Aggregate(_, expression, parameter):
            return (expression,) if parameter is None else (expression, parameter)
        case Binary(_, left, right):
            return (left, right)
        case Unary(_, operand):
            return (operand,)
        case Subquery(expression):
            return (expression,)
    inner = unwrap(node)
    return () if inner is node else (inner,)
