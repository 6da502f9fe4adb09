"""The shape of an expression: what is left when the values of its matchers and its literal operands are taken out.

Expressions of one shape are evaluated as one. Each row of a vector then bears the number of the expression it belongs
to, its *member*, as one more label (`hidden_labels`); aggregations keep that label and vectors match on it, so that no
expression ever meets a row of another. What has no place for such a label (`absent`, `scalar`, `topk`, ...) is asked
alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from nightdesk.model.labels import METRIC_NAME, Matcher, MatchOp
from nightdesk.query.functions.signature import SCALAR, VECTOR
from nightdesk.query.functions.table import FUNCTIONS
from nightdesk.query.hidden_labels import MEMBER
from nightdesk.query.language.tree import (
    SET_OPERATORS,
    Aggregate,
    Binary,
    Call,
    Matching,
    MatrixSelector,
    Node,
    Number,
    Paren,
    Side,
    String,
    Subquery,
    Unary,
    VectorSelector,
    unwrap,
)

_FOLDS: Final = frozenset({"sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "quantile"})


_Thing = TypeVar("_Thing")


class Unlike(Exception):
    """The expression has no shape: it must be asked alone."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An expression taken apart. Two of one shape have equal trees, and as many selectors and numbers.

    In the tree, selector n stands as a selector whose first matcher asks the member label for `s<n>`, number n as one
    that asks it for `n<n>`.
    """

    tree: Node
    selectors: tuple[tuple[Matcher, ...], ...]
    numbers: tuple[float, ...]


def shape_of(node: Node, kept: Collection[int] = ()) -> Shape:
    """Take an expression apart; numbers whose places are in `kept` stay in the tree as they are.

    Raises:
        Unlike: it cannot be evaluated beside others.
    """
    taker = _Taker(frozenset(kept))
    tree, is_own = taker.take(node)
    if not is_own:
        raise Unlike
    return Shape(tree, tuple(taker.selectors), tuple(taker.numbers))


def slot_of(matchers: Sequence[Matcher]) -> tuple[str, int]:
    """Return what a selector of a shape's tree stands for: `s` or `n`, and its place."""
    text = matchers[0].value
    return text[0], int(text[1:])


class _Taker:
    """Walks a tree and takes out selectors and numbers. `own` says of a node that each member has rows of its own."""

    def __init__(self, kept: frozenset[int]) -> None:
        self._kept = kept
        self.selectors: dict[tuple[Matcher, ...], int] = {}
        self.numbers: list[float] = []
        self._inside = 0
        """How many subqueries are around: inside them a number would be asked for at instants of the past."""

    def take(self, node: Node) -> tuple[Node, bool]:
        """Return the node without what was taken out, and whether it is own."""
        match node:
            case Number():
                return node, False
            case String(text):
                if text > MEMBER:
                    raise Unlike  # it may name a label, which would sort behind the member
                return _plain(node, text), False
            case Paren(expression):
                inner, is_own = self.take(expression)
                return Paren(inner), is_own
            case Unary(_, operand):
                inner, is_own = self.take(operand)
                return replace(node, operand=inner), is_own
            case VectorSelector():
                return self._selector(node), True
            case MatrixSelector(selector):
                return replace(node, selector=self._selector(selector)), True
            case Subquery(expression):
                self._inside += 1
                inner = self._own(expression)
                self._inside -= 1
                return replace(node, expression=inner), True
            case Call():
                return self._call(node)
            case Aggregate():
                return self._aggregate(node), True
            case Binary():
                return self._binary(node)

    def _own(self, node: Node) -> Node:
        inner, is_own = self.take(node)
        if not is_own:
            raise Unlike
        return inner

    def _same(self, node: Node) -> Node:
        inner, is_own = self.take(node)
        if is_own:
            raise Unlike
        return inner

    def _selector(self, node: VectorSelector) -> VectorSelector:
        place = self.selectors.setdefault(node.matchers, len(self.selectors))
        outline = tuple(
            _plain(matcher, matcher.name) if _is_name(matcher) else _plain(replace(matcher, value=""), matcher.name)
            for matcher in node.matchers
        )
        return replace(node, matchers=(Matcher(MEMBER, MatchOp.EQUAL, f"s{place}"), *outline))

    def _number(self, value: float, node: Node) -> Node:
        """Return what stands for a number: itself where it is kept, else a vector of one row a member."""
        if self._inside:
            return node
        self.numbers.append(value)
        place = len(self.numbers) - 1
        if place in self._kept:
            return node
        return VectorSelector((Matcher(MEMBER, MatchOp.EQUAL, f"n{place}"),))

    def _call(self, node: Call) -> tuple[Node, bool]:
        function = FUNCTIONS[node.name]
        if function.gives is SCALAR and VECTOR not in function.takes:
            return replace(node, arguments=tuple(self._same(each) for each in node.arguments)), False
        if not function.row_by_row:
            raise Unlike
        taken = [self.take(each) for each in node.arguments]
        if sum(is_own for _, is_own in taken) != 1:
            raise Unlike
        return replace(node, arguments=tuple(inner for inner, _ in taken)), True

    def _aggregate(self, node: Aggregate) -> Aggregate:
        if node.operator not in _FOLDS:
            raise Unlike
        expression = self._own(node.expression)
        parameter = None if node.parameter is None else self._same(node.parameter)
        grouping = node.grouping if node.without else (*_plain(node.grouping, *node.grouping), MEMBER)
        return replace(node, expression=expression, parameter=parameter, grouping=grouping)

    def _binary(self, node: Binary) -> tuple[Node, bool]:
        if node.matching.fills:
            raise Unlike
        left, is_left = self.take(node.left)
        value = _literal(node.right)
        if is_left and value is not None:
            number = self._number(value, node.right)
            if isinstance(number, VectorSelector):
                matching = Matching(on=True, labels=(MEMBER,), many=Side.LEFT, written=True)
                return replace(node, left=left, right=number, matching=matching), True
            return replace(node, left=left, right=number), True
        right, is_right = self.take(node.right)
        if not (is_left and is_right):
            if node.operator in SET_OPERATORS:
                raise Unlike
            return replace(node, left=left, right=right), is_left or is_right
        own = node.matching
        labels = _plain(own.labels, *own.labels, *own.include)
        matching = replace(own, labels=(*labels, MEMBER)) if own.on else own
        return replace(node, left=left, right=right, matching=matching), True


def _is_name(matcher: Matcher) -> bool:
    return matcher.name == METRIC_NAME and matcher.op is MatchOp.EQUAL


def _plain(thing: _Thing, *texts: str) -> _Thing:
    """Return the thing; raises Unlike where a text of the expression speaks of the member label itself."""
    if any(MEMBER in text for text in texts):
        raise Unlike
    return thing


def _literal(node: Node) -> float | None:
    """Return the value of a number as written, with its signs; None for anything else."""
    inner = unwrap(node)
    if isinstance(inner, Number):
        return inner.value
    if isinstance(inner, Unary):
        value = _literal(inner.operand)
        return value if value is None or inner.operator == "+" else -value
    return None
