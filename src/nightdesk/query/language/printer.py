"""Tree to text. The law: `parse(print_node(tree)) == tree` for every tree the parser can give."""

from collections.abc import Iterable

from nightdesk.model.go_numbers import go_text
from nightdesk.model.instant import SECOND, format_duration, parse_duration
from nightdesk.model.labels import LABEL_PATTERN, METRIC_NAME, METRIC_PATTERN, Matcher, MatchOp
from nightdesk.query.language.strings import quoted
from nightdesk.query.language.tree import (
    NO_METRICS,
    Aggregate,
    At,
    AtEdge,
    Binary,
    Call,
    DurationBinary,
    DurationCall,
    DurationNode,
    DurationNumber,
    DurationUnary,
    Matching,
    MatrixSelector,
    Node,
    Number,
    Paren,
    String,
    Subquery,
    Unary,
    VectorSelector,
)


def print_node(node: Node) -> str:
    """Write a tree as PromQL on one line, as Prometheus formats it."""
    match node:
        case Number(value, _, duration):
            return _signed_seconds(value) if duration else go_text(value)
        case String(value):
            return quoted(value)
        case VectorSelector():
            return _selector(node) + _tail(node)
        case MatrixSelector(selector, length):
            return f"{_selector(selector)}[{_duration(length)}]" + _tail(selector)
        case Subquery():
            return print_node(node.expression) + subquery_tail(node)
        case Call("info", (vector, VectorSelector(matchers))):
            # A name before the braces is refused there.
            return f"info({print_node(vector)}, {_braces(matchers)})"
        case Call(name, arguments):
            return f"{name}({', '.join(print_node(argument) for argument in arguments)})"
        case Aggregate():
            return _aggregate(node)
        case Unary(operator, operand):
            return operator + print_node(operand)
        case Paren(expression):
            return f"({print_node(expression)})"
        case Binary():
            return f"{left_text(node)} {operator_words(node)} {print_node(node.right)}"


def subquery_tail(node: Subquery) -> str:
    """Write what stands behind the expression of a subquery: `[5m:1m] @ 0 offset 1h`."""
    step = "" if node.step is None else _duration(node.step)
    return f"[{_duration(node.range)}:{step}]" + _shifts(node.at, node.offset)


def operator_words(node: Binary) -> str:
    """Write what stands between the sides of an operation: `> bool on (job) group_left ()`."""
    words = [node.operator, "bool"] if node.returns_bool else [node.operator]
    return " ".join([*words, *_matching(node.matching)])


def left_text(node: Binary) -> str:
    """Write the left side of an operation; a sign binds looser than ^, so that infinity goes there without one."""
    text = print_node(node.left)
    return text.removeprefix("+") if node.operator == "^" and isinstance(node.left, Number) else text


def aggregation_head(node: Aggregate) -> str:
    """Write what stands before the parenthesis of an aggregation: `sum by (job) `."""
    if not (node.without or node.grouping):
        return node.operator
    return f"{node.operator} {'without' if node.without else 'by'} {_labels(node.grouping)} "


def _aggregate(node: Aggregate) -> str:
    parameter = "" if node.parameter is None else print_node(node.parameter) + ", "
    return f"{aggregation_head(node)}({parameter}{print_node(node.expression)})"


def _labels(names: Iterable[str]) -> str:
    return f"({', '.join(_label(name) for name in names)})"


def _label(name: str) -> str:
    return name if LABEL_PATTERN.fullmatch(name) else quoted(name)


def _matching(matching: Matching) -> list[str]:
    words = []
    if matching.written:
        words.append(f"{'on' if matching.on else 'ignoring'} {_labels(matching.labels)}")
    if matching.many is not None:
        words.append(f"{matching.many.value} {_labels(matching.include)}")
    if matching.fill_left is not None:
        words.append(f"fill_left ({go_text(matching.fill_left)})")
    if matching.fill_right is not None:
        words.append(f"fill_right ({go_text(matching.fill_right)})")
    return words


# ------------------------------------------------------------------- selectors


def _selector(node: VectorSelector) -> str:
    first, *rest = node.matchers
    names = [matcher for matcher in node.matchers if matcher.name == METRIC_NAME]
    if node.is_bare or len(names) != 1 or names[0].op is not MatchOp.EQUAL or not names[0].value:
        return _braces(node.matchers)
    name = names[0].value
    if first is names[0] and METRIC_PATTERN.fullmatch(name) and name.lower() not in NO_METRICS:
        return name + (_braces(rest) if rest else "")
    return f"{{{','.join(quoted(name) if each is names[0] else _matcher(each) for each in node.matchers)}}}"


def _braces(matchers: Iterable[Matcher]) -> str:
    return f"{{{','.join(_matcher(matcher) for matcher in matchers)}}}"


def _tail(node: VectorSelector) -> str:
    extended = "" if node.extended is None else f" {node.extended.value}"
    return extended + _shifts(node.at, node.offset)


def _matcher(matcher: Matcher) -> str:
    return f"{_label(matcher.name)}{matcher.op.value}{quoted(matcher.value)}"


def _shifts(at: At | None, offset: DurationNode | None) -> str:
    text = ""
    if isinstance(at, AtEdge):
        text += f" @ {at.value}"
    elif at is not None:
        text += f" @ {at / SECOND:.3f}"
    if offset is not None:
        text += f" offset {_duration(offset) if isinstance(offset, DurationUnary) else _operand(offset)}"
    return text


# ------------------------------------------------------------------- durations


def _duration(node: DurationNode) -> str:
    match node:
        case DurationNumber(seconds):
            return go_text(seconds) if node.bare else _seconds(seconds)
        case DurationCall(name, arguments):
            return f"{name}({', '.join(_duration(argument) for argument in arguments)})"
        case DurationUnary(operator, operand):
            return operator + _operand(operand)
        case DurationBinary(operator, left, right):
            return f"{_operand(left)} {operator} {_operand(right)}"


def _operand(node: DurationNode) -> str:
    """Write what a sign or `offset` stands before: it takes one sign at most."""
    return f"({_duration(node)})" if isinstance(node, DurationBinary | DurationUnary) else _duration(node)


def _signed_seconds(seconds: float) -> str:
    return f"-{_seconds(-seconds)}" if seconds < 0 else _seconds(seconds)


def _seconds(seconds: float) -> str:
    """Write seconds as `1h30m` where that reads back the same, else as a number."""
    if 0 <= seconds < 1e12 and (seconds * SECOND).is_integer():
        text = format_duration(int(seconds * SECOND))
        if parse_duration(text) / SECOND == seconds:
            return text
    return go_text(seconds)
