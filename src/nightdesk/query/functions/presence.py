"""What is there and what is not: absent, absent_over_time, scalar, vector."""

from typing import Final

import numpy as np

from nightdesk.model.labels import METRIC_NAME, Labels, MatchOp
from nightdesk.query.functions.signature import MATRIX, SCALAR, VECTOR, Function, Invocation
from nightdesk.query.grid import Grid, Mask, Scalar
from nightdesk.query.language.tree import MatrixSelector, Node, VectorSelector, unwrap


def _absent(call: Invocation) -> Grid:
    return _where_absent(call.node(0), np.logical_or.reduce(call.grid(0).present, axis=0))


def _absent_over_time(call: Invocation) -> Grid:
    return _where_absent(call.node(0), call.windows(0).occupied())


def _where_absent(node: Node, some: Mask) -> Grid:
    everywhere = np.ones((1, len(some)), dtype=np.bool_)
    grid = Grid.of([_labels_asked_for(node)], np.ones((1, len(some))), everywhere)
    # Where series are there, absence was looked at and refused: an alert on it has evidence to end on.
    return grid.keeping(~some[None, :])


def _labels_asked_for(node: Node) -> Labels:
    inner = unwrap(node)
    selector = inner.selector if isinstance(inner, MatrixSelector) else inner
    if not isinstance(selector, VectorSelector):
        return Labels()
    asked: dict[str, str] = {}
    asked_equal: set[str] = set()
    for matcher in selector.matchers:
        if matcher.name != METRIC_NAME:
            # As in Prometheus, where order matters: another matcher takes a label away only when it comes later.
            once = matcher.op is MatchOp.EQUAL and matcher.name not in asked_equal
            asked[matcher.name] = matcher.value if once else ""
            if once:
                asked_equal.add(matcher.name)
    return Labels(asked.items())


def _scalar(call: Invocation) -> Scalar:
    grid = call.grid(0)
    values = np.where(grid.present, grid.values, 0.0).sum(axis=0)
    return Scalar(np.where(grid.present.sum(axis=0) == 1, values, np.nan))


def _vector(call: Invocation) -> Grid:
    values = call.scalar(0).reshape(1, -1)
    return Grid.of([Labels()], values, np.ones(values.shape, dtype=np.bool_))


# fmt: off
ROWS: Final = (
    Function(
        "absent", (VECTOR,), VECTOR,
        "1 where a vector is empty, under the labels that its selector asks for by equality.", _absent,
    ),
    Function(
        "absent_over_time", (MATRIX,), VECTOR, "1 where a window holds no sample of any series.", _absent_over_time,
    ),
    Function(
        "scalar", (VECTOR,), SCALAR,
        "The value of a vector's only series, NaN where there is none or several.", _scalar,
    ),
    Function("vector", (SCALAR,), VECTOR, "A scalar as the one series without labels.", _vector),
)
# fmt: on
