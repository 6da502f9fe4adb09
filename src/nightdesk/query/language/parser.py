"""Text to tree, by precedence climbing; whether its types fit is not looked at here (`checking.parsing` does both)."""

import math
from collections.abc import Container
from dataclasses import replace

from nightdesk.query.language.cursor import Cursor
from nightdesk.query.language.position import NOWHERE
from nightdesk.query.language.selector_parser import parse_modifiers, parse_selector
from nightdesk.query.language.tokens import NUMBERS, Token, TokenKind
from nightdesk.query.language.tree import (
    FILLS,
    NO_FUNCTIONS,
    NO_METRICS,
    PARAMETER_TYPES,
    PRECEDENCE,
    SET_OPERATORS,
    UNARY_PRECEDENCE,
    Aggregate,
    Binary,
    Call,
    Matching,
    Node,
    Number,
    Paren,
    Side,
    String,
    Unary,
)


def read(text: str, functions: Container[str]) -> Node:
    """Read a query whose calls are of the functions of those names.

    Raises:
        QuerySyntaxError: with Prometheus' message (`1:5: parse error: ...`) and the faulty span.
    """
    cursor = Cursor(text, functions)
    if cursor.next_is(TokenKind.END):
        # At the beginning, however many blanks and comments there are.
        raise cursor.error(NOWHERE, "no expression found in input")
    node = _expression(cursor)
    if not cursor.next_is(TokenKind.END):
        raise cursor.unexpected()
    return node


def _expression(cursor: Cursor, minimum: int = 1) -> Node:
    with cursor.nested():
        left = _operand(cursor)
        while True:
            operator = _binary_operator(cursor)
            precedence = PRECEDENCE.get(operator, 0)
            if precedence < minimum:
                return left
            cursor.count_operator()
            returns_bool, matching = _binary_modifiers(cursor, operator)
            # ^ alone groups to the right.
            right = _expression(cursor, precedence if operator == "^" else precedence + 1)
            span = left.span.to(right.span)
            left = Binary(operator, left, right, returns_bool, matching, span)


def _binary_operator(cursor: Cursor) -> str:
    if cursor.next_is(TokenKind.OPERATOR):
        return cursor.token.text
    return cursor.word


def _operand(cursor: Cursor) -> Node:
    if cursor.at("+") or cursor.at("-"):
        sign = cursor.take()
        operand = _expression(cursor, UNARY_PRECEDENCE + 1)
        span = sign.span.to(operand.span)
        if isinstance(operand, Number):
            value = -operand.value if sign.text == "-" and operand.value == operand.value else operand.value
            return replace(operand, value=value, span=span)
        return Unary(sign.text, operand, span)
    return parse_modifiers(cursor, _primary(cursor))


def _primary(cursor: Cursor) -> Node:
    token = cursor.token
    if token.kind is TokenKind.STRING:
        return String(cursor.string(), token.span)
    if cursor.at_number():
        return Number(cursor.number(), token.span, token.kind is TokenKind.DURATION)
    if cursor.at("{"):
        return parse_selector(cursor)
    if cursor.at("("):
        return _parentheses(cursor)
    if token.kind is TokenKind.IDENTIFIER and cursor.word not in NO_METRICS:
        return _named(cursor)
    raise cursor.unexpected()


def _parentheses(cursor: Cursor) -> Paren:
    start = cursor.take()
    inside = _expression(cursor)
    _require(cursor, ")")
    return Paren(inside, cursor.since(start.span))


def _require(cursor: Cursor, parenthesis: str) -> None:
    """Read a parenthesis; what stands there instead is unexpected, and Prometheus does not say what it wanted."""
    if not cursor.accept(parenthesis):
        raise cursor.unexpected()


def _named(cursor: Cursor) -> Node:
    """Read what starts with a name: an aggregation, a call, or a selector."""
    if cursor.word in PARAMETER_TYPES and (cursor.before("(") or cursor.following.text.lower() in ("by", "without")):
        with cursor.aggregation():
            return _aggregate(cursor, cursor.take())
    if cursor.before("(") and cursor.word not in NO_FUNCTIONS and ":" not in cursor.word:
        return _call(cursor, cursor.take())
    return parse_selector(cursor)


# ------------------------------------------------------- calls, aggregations


def _call(cursor: Cursor, name: Token) -> Call:
    arguments = _arguments(cursor)
    if name.text not in cursor.functions:
        # Told here and not with the types: it comes before whatever is wrong behind the parenthesis.
        raise cursor.error(name.span, f'unknown function with name "{name.text}"')
    return Call(name.text, arguments, cursor.since(name.span))


def _arguments(cursor: Cursor) -> tuple[Node, ...]:
    _require(cursor, "(")
    arguments: list[Node] = []
    while not cursor.accept(")"):
        arguments.append(_expression(cursor))
        if cursor.at(","):
            comma = cursor.take()
            if not (_begins_expression(cursor) or cursor.next_is(TokenKind.FAULT)):
                raise cursor.error(comma.span, "trailing commas not allowed in function call args")
        elif not cursor.at(")"):
            raise cursor.unexpected()
    return tuple(arguments)


def _begins_expression(cursor: Cursor) -> bool:
    if cursor.next_is(TokenKind.OPERATOR):
        return cursor.token.text in ("+", "-", "(", "{")
    if cursor.next_is(TokenKind.IDENTIFIER):
        return cursor.word in NUMBERS or cursor.word not in NO_METRICS
    return cursor.next_is(TokenKind.NUMBER, TokenKind.DURATION, TokenKind.STRING)


def _aggregate(cursor: Cursor, name: Token) -> Aggregate:
    operator = name.text.lower()
    grouping = _grouping(cursor)
    arguments = _arguments(cursor)
    if grouping is None:
        if cursor.next_is(TokenKind.FAULT):
            # Prometheus has looked one token ahead for `by` before it counts the arguments.
            raise cursor.unexpected()
        grouping = _grouping(cursor)
    span = cursor.since(name.span)
    if not arguments:
        raise cursor.error(span, "no arguments for aggregate expression provided")
    wanted = 1 if PARAMETER_TYPES[operator] is None else 2
    if len(arguments) != wanted:
        message = (
            f"wrong number of arguments for aggregate expression provided, expected {wanted}, got {len(arguments)}"
        )
        raise cursor.error(span, message)
    without, labels = grouping or (False, ())
    parameter = arguments[0] if wanted == 2 else None
    return Aggregate(operator, arguments[-1], parameter, labels, without, span)


def _grouping(cursor: Cursor) -> tuple[bool, tuple[str, ...]] | None:
    if cursor.word not in ("by", "without"):
        return None
    without = cursor.take().text.lower() == "without"
    return without, _label_list(cursor)


def _label_list(cursor: Cursor) -> tuple[str, ...]:
    cursor.expect("(", "grouping opts")
    labels: list[str] = []
    while not cursor.accept(")"):
        if cursor.next_is(TokenKind.STRING):
            labels.append(cursor.string())
        elif cursor.next_is(TokenKind.IDENTIFIER) and ":" not in cursor.token.text and cursor.word not in NUMBERS:
            labels.append(cursor.take().text)
        else:
            raise cursor.unexpected("grouping opts", "label")
        if not cursor.accept(",") and not cursor.at(")"):
            raise cursor.unexpected("grouping opts", '"," or ")"')
    return tuple(labels)


# ------------------------------------------------------------ binary modifiers


def _binary_modifiers(cursor: Cursor, operator: str) -> tuple[bool, Matching]:
    cursor.take()
    returns_bool = cursor.word == "bool"
    if returns_bool:
        cursor.take()
    matching = Matching()
    if cursor.word in ("on", "ignoring"):
        on = cursor.take().text.lower() == "on"
        matching = _grouped_side(cursor, Matching(on=on, labels=_label_list(cursor)))
        # `ignoring ()` alone says nothing.
        matching = replace(matching, written=on or bool(matching.labels) or matching.many is not None)
    return returns_bool, _fills(cursor, operator, matching)


def _grouped_side(cursor: Cursor, matching: Matching) -> Matching:
    if cursor.word not in ("group_left", "group_right"):
        return matching
    side = Side(cursor.take().text.lower())
    ends = cursor.word in FILLS or (_begins_expression(cursor) and not cursor.at("("))
    return replace(matching, many=side, include=() if ends else _label_list(cursor))


def _fills(cursor: Cursor, operator: str, matching: Matching) -> Matching:
    while cursor.word in FILLS and cursor.before("("):
        token = cursor.take()
        if operator in SET_OPERATORS:
            raise cursor.error(token.span, "filling in missing series not allowed for set operators")
        value = _fill_value(cursor)
        word = token.text.lower()
        if word != "fill_right":
            matching = replace(matching, fill_left=value)
        if word != "fill_left":
            matching = replace(matching, fill_right=value)
    return matching


def _fill_value(cursor: Cursor) -> float:
    cursor.take()
    sign = 1.0
    if cursor.at("-") or cursor.at("+"):
        sign = -1.0 if cursor.take().text == "-" else 1.0
    if not cursor.at_number():
        raise cursor.unexpected("fill modifier", "number")
    value = cursor.number()
    cursor.expect(")", "fill modifier")
    return math.nan if math.isnan(value) else sign * value
