"""How many samples a query looks at, step by step, as Prometheus' `stats` tell it.

It is asked for seldom and counted apart, by queries of its own: what every other query costs stays what it is.
"""

from collections.abc import Iterator

from nightdesk.query.language.tree import (
    Aggregate,
    Call,
    MatrixSelector,
    Node,
    Subquery,
    VectorSelector,
    children,
)


def counting_queries(node: Node) -> Iterator[Node]:
    """Yield, for each selector and subquery of a query, one that counts the samples it gives at each step.

    `v` counts as `count(v)`, `v[5m]` as `sum(count_over_time(v[5m]))`: a sample counts once for every step that looks
    at it. A subquery counts with its points; what it read to make them is not counted again.
    """
    match node:
        case VectorSelector():
            yield Aggregate("count", node)
        case MatrixSelector() | Subquery():
            yield Aggregate("sum", Call("count_over_time", (node,)))
        case _:
            for child in children(node):
                yield from counting_queries(child)
