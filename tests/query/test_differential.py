"""Our parser against an outsider, the PyPI `promql-parser`, on what both know: same verdict, same shape."""

from typing import Any

import promql_parser
import pytest

from nightdesk.errors import QuerySyntaxError
from nightdesk.query.checking.parsing import parse
from nightdesk.query.language.tree import (
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    Node,
    Number,
    Paren,
    String,
    Subquery,
    Unary,
    VectorSelector,
)

ACCEPTED = [
    "a", "a{}", 'a{b="c", d!="e", f=~"g.*", h!~"i",}', "{__name__='x'}", '{"a b", c="d"}', "a[5m]", "a[1h30m]",
    "a[5m:]",
    "a[5m:1m] offset 2m", "a offset -5m", "a @ 1.5 offset 5m", "a[5m] offset 1m @ 3", "rate(a[5m] @ start())",
    "a[1h:5m] @ end() offset 3m", "1", "1e5", ".5", "0x1f", "Inf", "NaN", "5m", '"s"', "'s'", "`s`", "# note\na",
    "-2 ^ 2", "2 ^ 3 ^ 2", "-a", "---a", "a + b * c - d", "a * b / c % d", "a - b - c", "(a + b) * c", "a or b and c",
    "a unless b or c", "a > b == c", "a > bool 1 + 2", "a atan2 b", "a and on(x) b", "a / ignoring(x, y) group_left b",
    "a * on(x) group_right(y) b", "a == on() b", "sum(a)", "sum by (x) (a)", "sum(a) by (x, y)", "sum without () (a)",
    "topk(5, a)", "topk by (x) (5, a)", "quantile(0.9, a)", 'count_values("x", a)', "limitk(2, a)",
    "avg(a) without (b,)",
    "SUM(a) BY (b)", "abs(a)", "round(a)", "round(a, 5)", "time()", "vector(time())", "clamp(a, 0, scalar(b))",
    'label_replace(a, "b", "$1", "c", "(.*)")', 'label_join(a, "b", "-")', 'label_join(a, "b", "-", "c", "d")',
    "histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))", "max_over_time(rate(a[5m])[1h:1m])",
    "hour()", "hour(a)",
    "absent(a{b='c'})", "sort_desc(a)", "predict_linear(a[1h], 3600)", "a:b:c", ":x", "a + (1)", "((a))", "sum", "by",
]  # fmt: skip
REFUSED = [
    "", "a +", "+", "(a", "a)", "a b", "a{", "a{b}", "a{b=}", "a{b=c}", '{b=""}', "{}", '{b=~".*"}', 'a{__name__="b"}',
    "a[", "a[5m", "a[]", "a[5m][5m]", "sum(a)[5m]", "1[5m]", "a offset", "a offset b", "sum(a) offset 5m",
    "a @", "a @ b",
    "a offset 1m offset 2m", "1 > 2", "1 and 2", "a and 1", "a + bool b", 'a + "b"', "a[5m] + 1", "-a[5m]", "-'a'",
    "a + on(x) 1", "a and on(x) group_left b", "a + on(x) group_left(x) b", "rate(a)", "abs(a[5m])", "abs(1)", "abs()",
    "abs(a, b)", "foo(a)", "sum()", "sum(a, b)", "topk(a)", "topk(a, b)", "sum(1)", "sum by x (a)", "time(1)",
    'a{b="c}', "a{b='c\"}", "5x", "a[5x]", "0x", "1..2", "a $ b", "a ! b", "a =~ b", "a{b~'c'}", "hour(a, b)",
]  # fmt: skip


def _their_shape(node: Any) -> tuple[Any, ...] | str:
    match type(node).__name__:
        case "BinaryExpr":
            return "binary", _their_shape(node.lhs), _their_shape(node.rhs)
        case "UnaryExpr":
            return "unary", _their_shape(node.expr)
        case "ParenExpr":
            return "paren", _their_shape(node.expr)
        case "SubqueryExpr":
            return "subquery", _their_shape(node.expr)
        case "Call":
            return "call", *(_their_shape(argument) for argument in node.args)
        case "AggregateExpr":
            return "aggregate", _their_shape(node.expr)
    return {
        "NumberLiteral": "number",
        "StringLiteral": "string",
        "VectorSelector": "vector",
        "MatrixSelector": "matrix",
    }[type(node).__name__]


def _our_shape(node: Node) -> tuple[Any, ...] | str:
    match node:
        case Binary(_, left, right):
            return "binary", _our_shape(left), _our_shape(right)
        case Unary("+", operand):
            return _our_shape(operand)  # theirs drops a plus
        case Unary("-", Number()):
            return "number"  # theirs folds a sign into the number
        case Unary(_, operand):
            return "unary", _our_shape(operand)
        case Paren(expression):
            return "paren", _our_shape(expression)
        case Subquery(expression):
            return "subquery", _our_shape(expression)
        case Call(_, arguments):
            return "call", *(_our_shape(argument) for argument in arguments)
        case Aggregate(_, expression):
            return "aggregate", _our_shape(expression)
        case Number():
            return "number"
        case String():
            return "string"
        case VectorSelector():
            return "vector"
        case MatrixSelector():
            return "matrix"


@pytest.mark.parametrize("text", ACCEPTED)
def test_both_parsers_see_the_same_tree(text: str) -> None:
    """What is valid PromQL has one tree."""
    assert _our_shape(parse(text)) == _their_shape(promql_parser.parse(text))


@pytest.mark.parametrize("text", REFUSED)
def test_both_parsers_refuse(text: str) -> None:
    """What is not PromQL is refused by both."""
    with pytest.raises(QuerySyntaxError):
        parse(text)
    with pytest.raises(ValueError, match=r"\w"):
        promql_parser.parse(text)
