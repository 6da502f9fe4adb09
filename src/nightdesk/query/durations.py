"""Duration arithmetic: `[5m+1m]`, `offset (step()*2)`; `step()` and `range()` are the whole query's."""

import math
from dataclasses import dataclass

from nightdesk.errors import QuerySyntaxError
from nightdesk.model.instant import MAX_INSTANT, SECOND
from nightdesk.query.language.tree import DurationBinary, DurationCall, DurationNode, DurationNumber, DurationUnary


@dataclass(frozen=True, slots=True)
class QueryRange:
    """What `step()`, `range()`, `start()` and `end()` mean in a query; all in milliseconds."""

    start: int
    end: int
    step: int


def resolve(node: DurationNode, query_range: QueryRange) -> int:
    """Return a duration in milliseconds; it may be negative.

    Raises:
        QuerySyntaxError: on a division by zero, or a result that is no number of milliseconds; with the faulty span.
            The text is at fault, not the data: Prometheus works durations out while it makes the query.
    """
    seconds = _seconds(node, query_range)
    if not abs(seconds) * SECOND < MAX_INSTANT:
        raise _refusal(node, "duration out of range")
    return round(seconds * SECOND)


def resolve_positive(node: DurationNode, query_range: QueryRange) -> int:
    """Return a range or a step in milliseconds; raises also where it is not above zero."""
    millis = resolve(node, query_range)
    if millis <= 0:
        raise _refusal(node, "duration must be greater than 0")
    return millis


def is_literal(node: DurationNode) -> bool:
    """Tell whether a duration is known without its query."""
    match node:
        case DurationNumber():
            return True
        case DurationUnary(_, operand):
            return is_literal(operand)
        case DurationBinary(_, left, right):
            return is_literal(left) and is_literal(right)
        case DurationCall(name, arguments):
            return name in ("min_of", "max_of") and all(is_literal(argument) for argument in arguments)


def _seconds(node: DurationNode, query_range: QueryRange) -> float:
    match node:
        case DurationNumber(seconds):
            return seconds
        case DurationUnary(operator, operand):
            return -_seconds(operand, query_range) if operator == "-" else _seconds(operand, query_range)
        case DurationBinary(operator, left, right):
            return _arithmetic(node, operator, _seconds(left, query_range), _seconds(right, query_range))
        case DurationCall("step"):
            return query_range.step / SECOND
        case DurationCall("range"):
            return (query_range.end - query_range.start) / SECOND
        case DurationCall(name, arguments):
            values = [_seconds(argument, query_range) for argument in arguments]
            return min(values) if name == "min_of" else max(values)


def _arithmetic(node: DurationNode, operator: str, left: float, right: float) -> float:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            if right == 0:
                raise _refusal(node, "division by zero")
            return left / right
        case "%":
            if right == 0:
                raise _refusal(node, "modulo by zero")
            return math.fmod(left, right)
    try:
        return math.pow(left, right)
    except (OverflowError, ValueError) as error:
        raise _refusal(node, "duration out of range") from error


def _refusal(node: DurationNode, message: str) -> QuerySyntaxError:
    return QuerySyntaxError(message, start=node.span.start, end=node.span.end)
