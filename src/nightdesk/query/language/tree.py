"""The tree of a query. Every node is frozen and knows its span; two trees are equal whatever their spans."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

from nightdesk.model.labels import Matcher
from nightdesk.query.language.position import NOWHERE, Span


class ValueType(Enum):
    """The four types of PromQL, in the words its error messages use."""

    SCALAR = "scalar"
    STRING = "string"
    VECTOR = "instant vector"
    MATRIX = "range vector"


class AtEdge(Enum):
    """`@ start()` and `@ end()`: the edges of the whole query."""

    START = "start()"
    END = "end()"


At: TypeAlias = int | AtEdge
"""An instant in milliseconds, or an edge of the query."""


# ------------------------------------------------------------------ durations


@dataclass(frozen=True, slots=True)
class DurationNumber:
    """A duration in seconds, written as `5m` or as a bare number."""

    seconds: float
    span: Span = field(default=NOWHERE, compare=False)
    bare: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class DurationCall:
    """`step()`, `range()`, `min_of(a, b)` or `max_of(a, b)`."""

    name: str
    arguments: tuple["DurationNode", ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DurationUnary:
    """A signed duration; `operator` is + or -."""

    operator: str
    operand: "DurationNode"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DurationBinary:
    """Arithmetic on durations in seconds: + - * / % ^."""

    operator: str
    left: "DurationNode"
    right: "DurationNode"
    span: Span = field(default=NOWHERE, compare=False)


DurationNode: TypeAlias = DurationNumber | DurationCall | DurationUnary | DurationBinary


# ---------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Number:
    """A scalar literal, its sign included; NaN is always `math.nan` itself, so that equal trees compare equal."""

    value: float
    span: Span = field(default=NOWHERE, compare=False)
    duration: bool = field(default=False, compare=False)
    """True where it was written as `5m`, and is to be written so again."""


@dataclass(frozen=True, slots=True)
class String:
    """A string literal."""

    value: str
    span: Span = field(default=NOWHERE, compare=False)


class Extended(Enum):
    """What a selector looks at beyond its edges: the sample before the window, or the samples around each edge."""

    ANCHORED = "anchored"
    SMOOTHED = "smoothed"


@dataclass(frozen=True, slots=True)
class VectorSelector:
    """`name{matchers} smoothed @ t offset d`; `matchers` include the name as `__name__`, in the order written."""

    matchers: tuple[Matcher, ...]
    offset: DurationNode | None = None
    at: At | None = None
    extended: Extended | None = None
    span: Span = field(default=NOWHERE, compare=False)
    is_bare: bool = field(default=False, compare=False)
    """True where it was written as matchers in braces alone, and is to be written so again."""


@dataclass(frozen=True, slots=True)
class MatrixSelector:
    """`selector[range]`; offset, @, `anchored` and `smoothed` are the selector's."""

    selector: VectorSelector
    range: DurationNode
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Subquery:
    """`expression[range:step] offset d @ t`; without a step the engine's own is used."""

    expression: "Node"
    range: DurationNode
    step: DurationNode | None = None
    offset: DurationNode | None = None
    at: At | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    name: str
    arguments: tuple["Node", ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`operator by|without (grouping) (parameter, expression)`."""

    operator: str
    expression: "Node"
    parameter: "Node | None" = None
    grouping: tuple[str, ...] = ()
    without: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`+x` or `-x`."""

    operator: str
    operand: "Node"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Paren:
    """`(x)`: kept, so that the printer gives back what was written."""

    expression: "Node"
    span: Span = field(default=NOWHERE, compare=False)


class Side(Enum):
    """The side of a binary operation that may match several: `group_left` or `group_right`."""

    LEFT = "group_left"
    RIGHT = "group_right"


@dataclass(frozen=True, slots=True)
class Matching:
    """How the series of two vectors find each other; the default is on all labels but the name, one to one."""

    on: bool = False
    labels: tuple[str, ...] = ()
    many: Side | None = None
    include: tuple[str, ...] = ()
    fill_left: float | None = None
    fill_right: float | None = None
    written: bool = False
    """True where `on` or `ignoring` was written."""

    @property
    def fills(self) -> bool:
        """True where a missing side is filled."""
        return self.fill_left is not None or self.fill_right is not None


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator matching right`; `operator` is lower case."""

    operator: str
    left: "Node"
    right: "Node"
    returns_bool: bool = False
    matching: Matching = Matching()
    span: Span = field(default=NOWHERE, compare=False)


Node: TypeAlias = (
    Number | String | VectorSelector | MatrixSelector | Subquery | Call | Aggregate | Unary | Paren | Binary
)

COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
SET_OPERATORS: Final = frozenset({"and", "or", "unless"})
PRECEDENCE: Final[dict[str, int]] = {
    "or": 1,
    "and": 2, "unless": 2,
    **dict.fromkeys(COMPARISONS, 3),
    "+": 4, "-": 4,
    "*": 5, "/": 5, "%": 5, "atan2": 5,
    "^": 6,
}  # fmt: skip
UNARY_PRECEDENCE: Final = 5
NO_METRICS: Final = frozenset({"bool", "on", "ignoring", "group_left", "group_right", "atan2", "inf", "nan"})
"""Words that cannot be the name of a metric unless it is quoted; those with a place between operands, and numbers."""
FILLS: Final = frozenset({"fill", "fill_left", "fill_right"})
NO_FUNCTIONS: Final = frozenset({"and", "or", "unless", "by", "without", "offset", "anchored", "smoothed"})
"""Words that may be the name of a metric and are never called."""

PARAMETER_TYPES: Final[dict[str, ValueType | None]] = {
    "sum": None, "avg": None, "min": None, "max": None, "count": None, "group": None,
    "stddev": None, "stdvar": None,
    "topk": ValueType.SCALAR, "bottomk": ValueType.SCALAR, "quantile": ValueType.SCALAR,
    "limitk": ValueType.SCALAR, "limit_ratio": ValueType.SCALAR, "count_values": ValueType.STRING,
}  # fmt: skip
"""Every aggregation with the type of its parameter, None where it has none."""


def unwrap(node: Node) -> Node:
    """Return a node without the parentheses around it."""
    while isinstance(node, Paren):
        node = node.expression
    return node


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes right below a node, in the order in which they are computed."""
    match node:
        case Number() | String() | VectorSelector():
            return ()
        case MatrixSelector(selector):
            return (selector,)
        case Subquery(expression) | Paren(expression) | Unary(_, expression):
            return (expression,)
        case Aggregate(_, expression, parameter):
            return (expression,) if parameter is None else (expression, parameter)
        case Call(_, arguments):
            return arguments
        case Binary(_, left, right):
            return (left, right)
