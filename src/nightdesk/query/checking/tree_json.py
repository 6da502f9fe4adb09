"""A tree as plain values, in the form that Prometheus' `parse_query` answers and its query editors read."""

import math
from collections.abc import Sequence
from typing import Final

from nightdesk.model.go_numbers import go_decimal
from nightdesk.model.instant import SECOND
from nightdesk.model.labels import METRIC_NAME, Matcher, MatchOp
from nightdesk.query.functions.table import FUNCTIONS
from nightdesk.query.language.tree import (
    Aggregate,
    At,
    AtEdge,
    Binary,
    Call,
    DurationNode,
    DurationNumber,
    DurationUnary,
    Matching,
    MatrixSelector,
    Node,
    Number,
    Paren,
    Side,
    String,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
)

Json = dict[str, object]
_TYPES: Final = {
    ValueType.SCALAR: "scalar", ValueType.STRING: "string", ValueType.VECTOR: "vector", ValueType.MATRIX: "matrix",
}  # fmt: skip
_CARDINALITY: Final = {None: "one-to-one", Side.LEFT: "many-to-one", Side.RIGHT: "one-to-many"}


def tree_json(node: Node) -> Json:
    """Return a tree as nested dictionaries, lists and plain values."""
    match node:
        case Number(value):
            return {"type": "numberLiteral", "val": go_decimal(value)}
        case String(value):
            return {"type": "stringLiteral", "val": value}
        case VectorSelector():
            return {"type": "vectorSelector", **_selector(node)}
        case MatrixSelector(selector, length):
            return {"type": "matrixSelector", **_selector(selector), "range": _millis(length)}
        case Subquery(expression, length, step, offset, at):
            lengths = {"range": _millis(length), "step": _millis(step)}
            return {"type": "subquery", "expr": tree_json(expression), **lengths, **_shifts(offset, at)}
        case Call(name, arguments):
            return {"type": "call", "func": _function(name), "args": [tree_json(each) for each in arguments]}
        case Aggregate():
            return _aggregate(node)
        case Unary(operator, operand):
            return {"type": "unaryExpr", "op": operator, "expr": tree_json(operand)}
        case Paren(expression):
            return {"type": "parenExpr", "expr": tree_json(expression)}
        case Binary():
            return _binary(node)


def _aggregate(node: Aggregate) -> Json:
    return {
        "type": "aggregation",
        "op": node.operator,
        "expr": tree_json(node.expression),
        "param": None if node.parameter is None else tree_json(node.parameter),
        "grouping": list(node.grouping),
        "without": node.without,
    }


def _binary(node: Binary) -> Json:
    sides = (node.left, node.right)
    return {
        "type": "binaryExpr",
        "op": node.operator,
        "lhs": tree_json(node.left),
        "rhs": tree_json(node.right),
        # Between two vectors alone there is something to match; who asks wants to know that, written or not.
        "matching": None if any(_is_scalar(side) for side in sides) else _matching(node),
        "bool": node.returns_bool,
    }


def _is_scalar(node: Node) -> bool:
    match node:
        case Number():
            return True
        case Paren(inner) | Unary(_, inner):
            return _is_scalar(inner)
        case Call(name):
            return FUNCTIONS[name].gives is ValueType.SCALAR
        case Binary(_, left, right):
            return _is_scalar(left) and _is_scalar(right)
        case _:
            return False


def _matching(node: Binary) -> Json:
    matching: Matching = node.matching
    card = "many-to-many" if node.operator in ("and", "or", "unless") else _CARDINALITY[matching.many]
    fills = {"lhs": matching.fill_left, "rhs": matching.fill_right}
    return {
        "card": card,
        "labels": list(matching.labels),
        "on": matching.on,
        "include": list(matching.include),
        **({"fillValues": fills} if matching.fills else {}),
    }


def _selector(node: VectorSelector) -> Json:
    extended = {} if node.extended is None else {node.extended.value: True}
    return {"name": _name(node.matchers), "matchers": [_matcher(each) for each in node.matchers],
            **_shifts(node.offset, node.at), **extended}  # fmt: skip


def _name(matchers: Sequence[Matcher]) -> str:
    return next((each.value for each in matchers if each.name == METRIC_NAME and each.op is MatchOp.EQUAL), "")


def _matcher(matcher: Matcher) -> Json:
    return {"name": matcher.name, "value": matcher.value, "type": matcher.op.value}


def _shifts(offset: DurationNode | None, at: At | None) -> Json:
    edge = at.value.removesuffix("()") if isinstance(at, AtEdge) else None
    return {"offset": _millis(offset), "timestamp": at if isinstance(at, int) else None, "startOrEnd": edge}


def _millis(duration: DurationNode | None) -> int:
    """Return a duration in ms; 0 where it is left out, or is known only once the query runs."""
    match duration:
        case DurationNumber(seconds) if math.isfinite(seconds):
            return round(seconds * SECOND)
        case DurationUnary("-", operand):
            return -_millis(operand)
        case _:
            return 0


def _function(name: str) -> Json:
    function = FUNCTIONS[name]
    variadic = -1 if function.repeats is None else function.optional + function.repeats
    kinds = [_TYPES[kind] for kind in function.takes]
    return {"name": name, "argTypes": kinds, "variadic": variadic, "returnType": _TYPES[function.gives]}
