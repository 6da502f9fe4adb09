"""Types: every node is a scalar, a string, an instant vector or a range vector, and operators ask for some of these."""

from nightdesk.errors import QuerySyntaxError
from nightdesk.model.labels import METRIC_NAME, MatchOp
from nightdesk.model.regex import satisfies
from nightdesk.query.durations import QueryRange, is_literal, resolve
from nightdesk.query.functions.signature import Function
from nightdesk.query.functions.table import FUNCTIONS
from nightdesk.query.language.position import Span, syntax_error
from nightdesk.query.language.tree import (
    COMPARISONS,
    PARAMETER_TYPES,
    SET_OPERATORS,
    Aggregate,
    Binary,
    Call,
    DurationNode,
    MatrixSelector,
    Node,
    Number,
    Paren,
    String,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
)

SCALAR, STRING, VECTOR, MATRIX = ValueType.SCALAR, ValueType.STRING, ValueType.VECTOR, ValueType.MATRIX
_NO_QUERY = QueryRange(0, 0, 0)


def type_of(node: Node) -> ValueType:
    """Return the type of a checked tree."""
    match node:
        case Number():
            return SCALAR
        case String():
            return STRING
        case VectorSelector() | Aggregate():
            return VECTOR
        case MatrixSelector() | Subquery():
            return MATRIX
        case Call(name):
            return FUNCTIONS[name].gives
        case Unary(_, inside) | Paren(inside):
            return type_of(inside)
        case Binary(_, left, right):
            return SCALAR if type_of(left) is type_of(right) is SCALAR else VECTOR


def check(node: Node, text: str = "") -> ValueType:
    """Check a tree and return its type.

    Raises:
        QuerySyntaxError: where the types do not fit, in Prometheus' words.
    """
    return _Checker(text).check(node)


class _Checker:
    """Holds the text for the positions of errors."""

    def __init__(self, text: str) -> None:
        self._text = text

    def check(self, node: Node) -> ValueType:
        match node:
            case Call():
                return self._call(node)
            case Aggregate():
                return self._aggregate(node)
            case Binary():
                return self._binary(node)
            case Unary():
                return self._unary(node)
            case Paren(expression):
                return self.check(expression)
            case Subquery():
                return self._subquery(node)
            case MatrixSelector():
                self._positive(node.range)
                self._selects(node.selector)
            case VectorSelector():
                self._selects(node)
        return type_of(node)

    def _error(self, span: Span, message: str) -> QuerySyntaxError:
        return syntax_error(self._text, span, message)

    def _expect(self, node: Node, wanted: ValueType, context: str) -> None:
        found = self.check(node)
        if found is not wanted:
            raise self._error(node.span, f"expected type {wanted.value} in {context}, got {found.value}")

    def _selects(self, node: VectorSelector) -> None:
        # A name before the braces stands alone; within them one equality is enough, other conditions may go with it.
        alone = self._text[node.span.start : node.span.start + 1] not in ("", "{")
        names = [m.value for m in node.matchers if m.name == METRIC_NAME and (alone or m.op is MatchOp.EQUAL)]
        if len(names) > 1 and names[0]:
            raise self._error(node.span, f'metric name must not be set twice: "{names[0]}" or "{names[1]}"')
        if all(satisfies("", matcher) for matcher in node.matchers):
            raise self._error(node.span, "vector selector must contain at least one non-empty matcher")

        if node.offset is not None:
            self._known(node.offset)

    def _positive(self, node: DurationNode) -> None:
        millis = self._known(node)
        if millis is not None and millis <= 0:
            raise self._error(node.span, "duration must be greater than 0")

    def _known(self, node: DurationNode) -> int | None:
        """Work out a duration in ms as far as that takes no query; None where it takes one."""
        try:
            return resolve(node, _NO_QUERY) if is_literal(node) else None
        except QuerySyntaxError as error:
            raise self._error(node.span, str(error)) from error

    def _subquery(self, node: Subquery) -> ValueType:
        found = self.check(node.expression)
        if found is not VECTOR:
            name = "matrix" if found is MATRIX else found.value
            message = f"subquery is only allowed on instant vector, got {name} instead"
            raise self._error(node.expression.span, message)
        self._positive(node.range)
        if node.step is not None:
            self._positive(node.step)
        if node.offset is not None:
            self._known(node.offset)
        return MATRIX

    def _unary(self, node: Unary) -> ValueType:
        found = self.check(node.operand)
        if found not in (SCALAR, VECTOR):
            message = "unary expression only allowed on expressions of type scalar or instant vector, "
            raise self._error(node.span, message + f'got "{found.value}"')
        return found

    def _aggregate(self, node: Aggregate) -> ValueType:
        self._expect(node.expression, VECTOR, "aggregation expression")
        wanted = PARAMETER_TYPES[node.operator]
        if wanted is not None and node.parameter is not None:
            self._expect(node.parameter, wanted, "aggregation parameter")
        return VECTOR

    def _call(self, node: Call) -> ValueType:
        function = FUNCTIONS[node.name]
        self._count(node, function)
        for position, argument in enumerate(node.arguments):
            if node.name == "info" and position == 1:
                self._label_selector(argument)
                continue
            wanted = function.takes[min(position, len(function.takes) - 1)]
            self._expect(argument, wanted, f'call to function "{node.name}"')
        return function.gives

    def _label_selector(self, node: Node) -> None:
        """Check the second argument of `info`: matchers in braces, which may match the empty value."""
        if not isinstance(node, VectorSelector):
            message = f'expected label selectors only in call to function "info", got {self.check(node).value}'
            raise self._error(node.span, message)
        # The tree does not tell a name before the braces from one within; the text does.
        named = any(matcher.name == METRIC_NAME for matcher in node.matchers)
        if named and self._text[node.span.start : node.span.start + 1] not in ("", "{"):
            raise self._error(node.span, "expected label selectors only, got vector selector instead")

    def _count(self, node: Call, function: Function) -> None:
        given, least, most = len(node.arguments), function.least, function.most
        call = f'argument(s) in call to "{node.name}", got {given}'
        if given < least:
            raise self._error(node.span, f"expected {'' if least == most else 'at least '}{least} {call}")
        if most is not None and given > most:
            raise self._error(node.span, f"expected {'' if least == most else 'at most '}{most} {call}")

    def _binary(self, node: Binary) -> ValueType:
        left, right = self.check(node.left), self.check(node.right)
        self._modified(node, are_scalars=left is right is SCALAR)
        for side, found in ((node.left, left), (node.right, right)):
            if found not in (SCALAR, VECTOR):
                message = "binary expression must contain only scalar and instant vector types"
                raise self._error(side.span, message)
        is_set = node.operator in SET_OPERATORS
        if left is right is VECTOR:
            if is_set and node.matching.many is not None:
                raise self._error(node.span, f'no grouping allowed for "{node.operator}" operation')
            return VECTOR
        if node.matching.labels or node.matching.fills:
            raise self._error(node.span, "vector matching only allowed between instant vectors")
        if is_set:
            message = f'set operator "{node.operator}" not allowed in binary scalar expression'
            raise self._error(node.span, message)
        return SCALAR if left is right is SCALAR else VECTOR

    def _modified(self, node: Binary, *, are_scalars: bool) -> None:
        """Check what stands behind the operator."""
        compares = node.operator in COMPARISONS
        if node.returns_bool and not compares:
            raise self._error(self._operator_of(node), "bool modifier can only be used on comparison operators")
        if compares and are_scalars and not node.returns_bool:
            raise self._error(self._operator_of(node), "comparisons between scalars must use BOOL modifier")
        twice = next((each for each in node.matching.labels if each in node.matching.include), None)
        if node.matching.on and twice is not None:
            message = f'label "{twice}" must not occur in ON and GROUP clause at once'
            raise self._error(self._operator_of(node), message)

    def _operator_of(self, node: Binary) -> Span:
        """Return where the operator stands, as Prometheus takes it: behind the left side and the space after it."""
        start = node.left.span.end
        while self._text[start : start + 1].isspace():
            start += 1
        return Span(start, start + len(node.operator))
