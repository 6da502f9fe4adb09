"""The parts around a metric's name: braces and matchers, ranges, offsets, `@`, duration arithmetic."""

import math
from dataclasses import replace
from typing import Final, TypeVar

from nightdesk.model.instant import MAX_INSTANT, SECOND, nearest_millis
from nightdesk.model.labels import METRIC_NAME, Matcher, MatchOp
from nightdesk.model.regex import compiled
from nightdesk.query.language.cursor import Cursor
from nightdesk.query.language.position import Span
from nightdesk.query.language.tokens import DURATION_CALLS, TokenKind
from nightdesk.query.language.tree import (
    At,
    AtEdge,
    DurationBinary,
    DurationCall,
    DurationNode,
    DurationNumber,
    DurationUnary,
    Extended,
    MatrixSelector,
    Node,
    Subquery,
    VectorSelector,
)

_MATCH_OPERATORS: Final = {operator.value: operator for operator in MatchOp}
_DURATIONS: Final = "number, duration, step(), or range()"
_RANGE: Final = ("subquery or range selector", _DURATIONS)
_STEP: Final = ("subquery selector", 'number, duration, step(), range(), or "]"')
_OFFSET: Final = ("offset", _DURATIONS)
"""Where a duration stands and what is expected there: what Prometheus says of any fault within it."""
_DURATION_PRECEDENCE: Final = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 3}
_EXTENDED: Final = frozenset(each.value for each in Extended)
_MISPLACED: Final = " modifier must be preceded by an instant vector selector or range vector selector or a subquery"

_Shifted = TypeVar("_Shifted", bound=VectorSelector | Subquery)


# ------------------------------------------------------------------- matchers


def parse_selector(cursor: Cursor) -> VectorSelector:
    """Read `name`, `name{...}` or `{...}`."""
    start = cursor.token.span
    name = [] if cursor.at("{") else [Matcher(METRIC_NAME, MatchOp.EQUAL, cursor.take().text)]
    inside, is_quoted = _read_braces(cursor) if cursor.at("{") else ([], False)
    return VectorSelector((*name, *inside), span=cursor.since(start), is_bare=not name and not is_quoted)


def _read_braces(cursor: Cursor) -> tuple[list[Matcher], bool]:
    """Read matchers in the order in which they are written; the flag tells of a quoted metric name among them."""
    cursor.take()
    matchers: list[Matcher] = []
    is_quoted = False
    while not cursor.accept("}"):
        matcher, is_name = _read_matcher(cursor)
        is_quoted = is_quoted or is_name
        matchers.append(matcher)
        if not cursor.accept(",") and not cursor.at("}"):
            raise cursor.unexpected("label matching", '"," or "}"')
    return matchers, is_quoted


def _read_matcher(cursor: Cursor) -> tuple[Matcher, bool]:
    """Read `label op "value"` or a quoted metric name; the flag tells the latter."""
    start = cursor.token.span
    if cursor.next_is(TokenKind.STRING):
        name = cursor.string()
        if cursor.at(",") or cursor.at("}"):
            return Matcher(METRIC_NAME, MatchOp.EQUAL, name), True
    elif cursor.next_is(TokenKind.IDENTIFIER) and ":" not in cursor.token.text:
        name = cursor.take().text
    else:
        raise cursor.unexpected("label matching", 'identifier or "}"')
    operator = _MATCH_OPERATORS.get(cursor.token.text)
    if not cursor.next_is(TokenKind.OPERATOR) or operator is None:
        raise cursor.unexpected("label matching", "label matching operator")
    cursor.take()
    if not cursor.next_is(TokenKind.STRING):
        raise cursor.unexpected("label matching", "string")
    matcher = Matcher(name, operator, cursor.string())
    _check_regex(cursor, matcher, cursor.since(start))
    return matcher, False


def _check_regex(cursor: Cursor, matcher: Matcher, span: Span) -> None:
    if matcher.op in (MatchOp.REGEX, MatchOp.NOT_REGEX):
        try:
            cursor.count_instructions(compiled(matcher.value).instructions, span)
        except ValueError as error:
            raise cursor.error(span, f"error parsing regexp: {error}") from error


# ------------------------------------------------------------------ modifiers


def parse_modifiers(cursor: Cursor, node: Node) -> Node:
    """Read what may follow an expression: `[range]`, `[range:step]`, `offset d`, `@ t`, `anchored`, `smoothed`."""
    while True:
        if cursor.at("["):
            node = _read_brackets(cursor, node)
        elif cursor.at("@"):
            node = _read_at(cursor, node)
        elif cursor.word == "offset":
            node = _read_offset(cursor, node)
        elif cursor.word in _EXTENDED:
            node = _read_extended(cursor, node)
        else:
            return node


def _read_brackets(cursor: Cursor, node: Node) -> Node:
    bracket = cursor.take().span
    length = _reckoned(cursor, _RANGE)
    if cursor.accept(":"):
        step = None if cursor.at("]") else _reckoned(cursor, _STEP)
        cursor.expect("]", "subquery selector")
        if isinstance(node, MatrixSelector | Subquery):
            # Refused here and not by type, so that a thousand of them build no tree.
            raise cursor.error(node.span, "subquery is only allowed on instant vector, got matrix instead")
        return Subquery(node, length, step, span=cursor.since(node.span))
    if not cursor.accept("]"):
        raise cursor.unexpected("subquery or range", '":" or "]"')
    if not isinstance(node, VectorSelector):
        raise cursor.error(bracket, "ranges only allowed for vector selectors")
    if node.offset is not None:
        raise cursor.error(bracket, "no offset modifiers allowed before range")
    if node.at is not None:
        raise cursor.error(bracket, "no @ modifiers allowed before range")
    if node.extended is not None:
        raise cursor.error(bracket, "no anchored or smoothed modifiers allowed before range")
    return MatrixSelector(node, length, span=cursor.since(node.span))


def _read_offset(cursor: Cursor, node: Node) -> Node:
    cursor.take()
    offset = _signed_duration(cursor, _OFFSET)
    span = cursor.since(node.span)
    if isinstance(node, MatrixSelector):
        return replace(node, selector=_with_offset(cursor, node.selector, offset, span), span=span)
    if isinstance(node, VectorSelector | Subquery):
        return _with_offset(cursor, node, offset, span)
    raise cursor.error(node.span, "offset" + _MISPLACED)


def _with_offset(cursor: Cursor, node: _Shifted, offset: DurationNode, span: Span) -> _Shifted:
    if node.offset is not None:
        raise cursor.error(node.span, "offset may not be set multiple times")
    return replace(node, offset=offset, span=span)


def _read_extended(cursor: Cursor, node: Node) -> Node:
    extended = Extended(cursor.take().text.lower())
    selector = node.selector if isinstance(node, MatrixSelector) else node
    if isinstance(selector, Subquery):
        raise cursor.error(node.span, f"{extended.value} modifier is not supported for subqueries")
    if not isinstance(selector, VectorSelector):
        raise cursor.error(node.span, f"{extended.value} modifier not implemented")
    if selector.extended not in (None, extended):
        raise cursor.error(node.span, "anchored and smoothed modifiers cannot be used together")
    span = cursor.since(node.span)
    selector = replace(selector, extended=extended, span=span)
    return replace(node, selector=selector, span=span) if isinstance(node, MatrixSelector) else selector


def _read_at(cursor: Cursor, node: Node) -> Node:
    cursor.take()
    at = _instant(cursor, node)
    span = cursor.since(node.span)
    if isinstance(node, MatrixSelector):
        return replace(node, selector=_with_at(cursor, node.selector, at, span), span=span)
    if isinstance(node, VectorSelector | Subquery):
        return _with_at(cursor, node, at, span)
    raise cursor.error(node.span, "@" + _MISPLACED)


def _with_at(cursor: Cursor, node: _Shifted, at: At, span: Span) -> _Shifted:
    if node.at is not None:
        raise cursor.error(node.span, "@ <timestamp> may not be set multiple times")
    return replace(node, at=at, span=span)


def _instant(cursor: Cursor, node: Node) -> At:
    if cursor.word in ("start", "end"):
        edge = AtEdge.START if cursor.take().text.lower() == "start" else AtEdge.END
        if not (cursor.accept("(") and cursor.accept(")")):
            raise cursor.unexpected("@", "timestamp")
        return edge
    sign = 1.0
    if cursor.at("-") or cursor.at("+"):
        sign = -1.0 if cursor.take().text == "-" else 1.0
    if not cursor.at_number():
        raise cursor.unexpected("@", "timestamp")
    seconds = sign * cursor.number()
    if not abs(seconds) * SECOND < MAX_INSTANT:
        written = (
            f"{seconds:f}" if math.isfinite(seconds) else {math.inf: "+Inf", -math.inf: "-Inf"}.get(seconds, "NaN")
        )
        raise cursor.error(node.span, f"timestamp out of bounds for @ modifier: {written}")
    return nearest_millis(seconds)


# ------------------------------------------------------------------ durations


def _reckoned(cursor: Cursor, place: tuple[str, str], minimum: int = 1) -> DurationNode:
    """Read duration arithmetic as it may stand between brackets: `5m+30s`, `2m*(10+5)`, `step()*2`."""
    left = _signed_duration(cursor, place, binds=2)
    while cursor.next_is(TokenKind.OPERATOR):
        operator = cursor.token.text
        precedence = _DURATION_PRECEDENCE.get(operator, 0)
        if precedence < minimum:
            break
        cursor.take()
        cursor.count_operator()
        with cursor.nested():
            right = _reckoned(cursor, place, precedence if operator == "^" else precedence + 1)
        left = DurationBinary(operator, left, right, span=left.span.to(right.span))
    return left


def _signed_duration(cursor: Cursor, place: tuple[str, str], binds: int = 0) -> DurationNode:
    """Read a sign and what it applies to; between brackets `-2^2` is -(2^2), after `offset` the sign binds tightest."""
    if not (cursor.at("+") or cursor.at("-")):
        return _duration_primary(cursor, place)
    sign = cursor.take()
    with cursor.nested():
        operand = _reckoned(cursor, place, binds + 1) if binds else _duration_primary(cursor, place)
    return DurationUnary(sign.text, operand, span=cursor.since(sign.span))


def _duration_primary(cursor: Cursor, place: tuple[str, str]) -> DurationNode:
    token = cursor.token
    if token.kind in (TokenKind.NUMBER, TokenKind.DURATION):
        bare = token.kind is TokenKind.NUMBER
        return DurationNumber(cursor.number(), token.span, bare)
    if cursor.accept("("):
        with cursor.nested():
            inside = _reckoned(cursor, place)
        _expect(cursor, ")", place)
        return inside
    if cursor.word in DURATION_CALLS and cursor.before("("):
        return _duration_call(cursor, place)
    raise cursor.unexpected(*place)


def _duration_call(cursor: Cursor, place: tuple[str, str]) -> DurationCall:
    name = cursor.take()
    cursor.take()
    arguments: list[DurationNode] = []
    for position in range(DURATION_CALLS[name.text.lower()]):
        if position:
            _expect(cursor, ",", place)
        with cursor.nested():
            arguments.append(_reckoned(cursor, place))
    _expect(cursor, ")", place)
    return DurationCall(name.text.lower(), tuple(arguments), cursor.since(name.span))


def _expect(cursor: Cursor, operator: str, place: tuple[str, str]) -> None:
    if not cursor.accept(operator):
        raise cursor.unexpected(*place)
