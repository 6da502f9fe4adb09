"""Expressions of PromQL by the grammar, at random from a seed: most of them valid, some broken on purpose."""

import random
from collections.abc import Callable, Sequence
from typing import Final

from nightdesk.query.functions.table import FUNCTIONS
from nightdesk.query.language.tree import PARAMETER_TYPES, ValueType

_NAMES: Final = (
    "up", "a", "b_total", "job:rate:5m", "_x", ":y", "sum", "by", "offset", "start", "end", "and", "group", "A", "step",
)  # fmt: skip
_LABELS: Final = ("job", "le", "instance", "_a", "on", "sum", "by", "bool", "offset", "group_left", "inf", "start")
_STRINGS: Final = (
    '""', '"a"', "'b'", "`c`", '"a.*"', "'x|y'", "`\\d+`", '"\\n\\t\\\\"', '"\\u00e9"', '"\\x41\\101"', "'it\\'s'",
    '"käse"', '"a\\"b"', '"\\U0001F600"', "`a\nb`",
)  # fmt: skip
_QUOTED: Final = ('"my.metric"', "'a b'", '"käse"', "`x-y`", '"up"')
_QUOTED_LABELS: Final = ('"my.label"', "'a b'", '"käse"')
_NUMBERS: Final = (
    "0", "1", "42", "3.14", ".5", "5.", "1e3", "1E-3", "2.5e+10", "0x1F", "0XaB", "Inf", "inf", "NaN", "nan", "+Inf",
    "123456789012", "1e300", "0.1",
)  # fmt: skip
_DURATIONS: Final = ("5m", "1h", "30s", "1d", "1w", "1y", "100ms", "1h30m", "1w2d3h4m5s6ms", "300", "1.5", "0x10")
_SPACES: Final = ("", "", "", " ", " ", "  ", "\t", "\n", " # note\n")
_OPERATORS: Final = (
    "+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", "<=", ">", ">=", "and", "or", "unless",
)  # fmt: skip
_COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
_SETS: Final = frozenset({"and", "or", "unless"})
_DAMAGE: Final = (*"()[]{},:@=~!<>+-*/%^\"'`#$;0a_. ", "offset", "by", "bool", "on", "5m", "sum", "=~", "@")


class Expressions:
    """A stream of expressions; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        """Begin the stream."""
        self._random = random.Random(seed)  # noqa: S311  # the same seed must give the same expressions
        self._depth = 0
        self._makers: dict[ValueType, Sequence[tuple[int, Callable[[], str]]]] = {
            ValueType.VECTOR: (
                (5, self._selector), (3, self._call_of(ValueType.VECTOR)), (3, self._aggregate), (3, self._vectors),
                (2, self._mixed), (1, self._unary_of(ValueType.VECTOR)), (1, self._parens_of(ValueType.VECTOR)),
            ),
            ValueType.MATRIX: ((4, self._range), (2, self._subquery)),
            ValueType.SCALAR: (
                (5, self._number), (1, self._call_of(ValueType.SCALAR)), (1, self._scalars),
                (1, self._unary_of(ValueType.SCALAR)), (1, self._parens_of(ValueType.SCALAR)),
            ),
            ValueType.STRING: ((1, self._string),),
        }  # fmt: skip

    def valid(self) -> str:
        """Return an expression that the grammar allows; its values may still be out of bounds."""
        kinds = (ValueType.VECTOR, ValueType.MATRIX, ValueType.SCALAR, ValueType.STRING)
        (kind,) = self._random.choices(kinds, weights=(12, 3, 3, 1))
        return self._space() + self._of(kind) + self._space()

    def broken(self) -> str:
        """Return an expression with one to three pieces put in, taken out or exchanged; by luck it may be valid."""
        text = self.valid()
        for _ in range(self._random.randint(1, 3)):
            place = self._random.randrange(len(text) + 1)
            length = self._random.choice((0, 0, 1, 1, 2, 5))
            piece = self._random.choice(("", *_DAMAGE))
            text = text[:place] + piece + text[place + length :]
        return text

    # ---------------------------------------------------------------- choices

    def _pick(self, choices: Sequence[str]) -> str:
        return self._random.choice(choices)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _space(self) -> str:
        return self._pick(_SPACES)

    def _gap(self) -> str:
        return self._space() + " "

    def _case(self, word: str) -> str:
        return self._pick((word, word, word, word.upper(), word.title()))

    def _of(self, kind: ValueType) -> str:
        makers = self._makers[kind]
        if self._depth > 3:
            return makers[0][1]()
        self._depth += 1
        try:
            (maker,) = self._random.choices([make for _, make in makers], weights=[weight for weight, _ in makers])
            return maker()
        finally:
            self._depth -= 1

    def _list(self, items: Sequence[str]) -> str:
        comma = self._space() + "," + self._space()
        return comma.join(items)

    # -------------------------------------------------------------- selectors

    def _matcher(self) -> str:
        label = self._pick(_QUOTED_LABELS) if self._chance(0.1) else self._pick(_LABELS)
        operator = self._pick(("=", "=", "!=", "=~", "!~"))
        return label + self._space() + operator + self._space() + self._pick(_STRINGS)

    def _braces(self, first: Sequence[str] = ()) -> str:
        matchers = [*first, *(self._matcher() for _ in range(self._random.randint(0, 2)))]
        self._random.shuffle(matchers)
        trailing = "," if matchers and self._chance(0.1) else ""
        return "{" + self._space() + self._list(matchers) + trailing + self._space() + "}"

    def _bare(self) -> str:
        choice = self._random.random()
        if choice < 0.6:
            return self._pick(_NAMES) + (self._space() + self._braces() if self._chance(0.5) else "")
        if choice < 0.75:
            return self._braces([self._pick(_QUOTED)])
        if choice < 0.85:
            return self._braces(['__name__="up"'])
        return self._braces(['job="api"'])

    def _selector(self) -> str:
        return self._bare() + self._shifts()

    def _range(self) -> str:
        return self._bare() + self._space() + "[" + self._length() + "]" + self._shifts()

    def _subquery(self) -> str:
        inner = self._of(ValueType.VECTOR)
        if not inner.strip().startswith("("):
            inner = f"({inner})"
        step = self._length() if self._chance(0.6) else self._space()
        return f"{inner}[{self._length()}:{step}]" + self._shifts()

    def _length(self) -> str:
        return self._space() + self._pick(_DURATIONS) + self._space()

    def _shifts(self) -> str:
        shifts = []
        if self._chance(0.15):
            sign = self._pick(("", "", "-", "- ", "+"))
            shifts.append(f"{self._gap()}{self._case('offset')} {sign}{self._pick(_DURATIONS)}")
        if self._chance(0.15):
            instant = self._pick(("0", "1.5", "1e9", "start()", "end()", "5m", "-3", "1603774568.123", "start( )"))
            shifts.append(f"{self._gap()}@{self._space()}{instant}")
        self._random.shuffle(shifts)
        return "".join(shifts)

    # ---------------------------------------------------------------- values

    def _number(self) -> str:
        return self._pick(_DURATIONS) if self._chance(0.1) else self._pick(_NUMBERS)

    def _string(self) -> str:
        return self._pick(_STRINGS)

    def _parens_of(self, kind: ValueType) -> Callable[[], str]:
        return lambda: f"({self._space()}{self._of(kind)}{self._space()})"

    def _unary_of(self, kind: ValueType) -> Callable[[], str]:
        return lambda: self._pick(("-", "+", "- ")) + self._of(kind)

    def _call_of(self, kind: ValueType) -> Callable[[], str]:
        names = sorted(name for name, function in FUNCTIONS.items() if function.gives is kind and name != "info")

        def make() -> str:
            name = self._pick(names)
            function = FUNCTIONS[name]
            takes = list(function.takes)
            most = len(takes) + min(2, 2 if function.repeats is None else function.repeats)
            count = self._random.randint(function.least, most)
            takes = (takes + takes[-1:] * 2)[:count]
            arguments = [self._of(wanted) for wanted in takes]
            return f"{name}{self._space()}({self._space()}{self._list(arguments)}{self._space()})"

        return make

    def _aggregate(self) -> str:
        name = self._pick(sorted(PARAMETER_TYPES))
        wanted = PARAMETER_TYPES[name]
        arguments = ([] if wanted is None else [self._of(wanted)]) + [self._of(ValueType.VECTOR)]
        inside = f"({self._space()}{self._list(arguments)}{self._space()})"
        choice = self._random.random()
        if choice < 0.4:
            return self._case(name) + self._space() + inside
        if choice < 0.7:
            return self._case(name) + self._gap() + self._grouping() + self._space() + inside
        return self._case(name) + self._space() + inside + self._gap() + self._grouping()

    def _grouping(self) -> str:
        return self._case(self._pick(("by", "without"))) + self._space() + self._labels()

    def _labels(self) -> str:
        count = self._random.randint(0, 3)
        labels = [self._pick(_QUOTED_LABELS) if self._chance(0.1) else self._pick(_LABELS) for _ in range(count)]
        return f"({self._list(labels)}{',' if labels and self._chance(0.1) else ''})"

    # -------------------------------------------------------------- operators

    def _vectors(self) -> str:
        operator = self._pick(_OPERATORS)
        words = [self._case(operator) if operator.isalpha() else operator]
        if operator in _COMPARISONS and self._chance(0.4):
            words.append(self._case("bool"))
        if self._chance(0.4):
            words.append(self._case(self._pick(("on", "ignoring"))) + self._space() + self._labels())
            if operator not in _SETS and self._chance(0.4):
                words.append(self._case(self._pick(("group_left", "group_right"))))
                words += [self._labels()] if self._chance(0.6) else []
        if operator not in _SETS and self._chance(0.1):
            words.append(f"{self._pick(('fill', 'fill_left', 'fill_right'))} ({self._pick(_NUMBERS)})")
        sides = self._of(ValueType.VECTOR), self._of(ValueType.VECTOR)
        return self._gap().join([sides[0], *words, sides[1]])

    def _mixed(self) -> str:
        operator = self._pick([each for each in _OPERATORS if each not in _SETS])
        sides = [self._of(ValueType.VECTOR), self._of(ValueType.SCALAR)]
        self._random.shuffle(sides)
        comparison = " bool" if operator in _COMPARISONS and self._chance(0.4) else ""
        return f"{sides[0]}{self._gap()}{operator}{comparison}{self._gap()}{sides[1]}"

    def _scalars(self) -> str:
        operator = self._pick([each for each in _OPERATORS if each not in _SETS])
        comparison = " bool" if operator in _COMPARISONS else ""
        left, right = self._of(ValueType.SCALAR), self._of(ValueType.SCALAR)
        return f"{left}{self._gap()}{operator}{comparison}{self._gap()}{right}"
