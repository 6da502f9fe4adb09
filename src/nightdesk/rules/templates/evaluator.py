"""Fills a template in: walks its tree with what is known, as Go's text/template does, within bounds."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from nightdesk.rules.templates.faults import CannotFill
from nightdesk.rules.templates.functions import FUNCTIONS, LAZY, called, miscounted
from nightdesk.rules.templates.tree import (
    Body,
    Branch,
    Chain,
    Dot,
    Function,
    Include,
    Leave,
    Literal,
    Node,
    Pipeline,
    Range,
    Template,
    Variable,
    Word,
    Write,
)
from nightdesk.rules.templates.values import (
    MAX_TEXT,
    Arguments,
    Facts,
    Sample,
    Value,
    is_true,
    kind_of,
    text_of,
)

MAX_STEPS: Final = 20_000
"""Actions and commands of one text; long texts on the way count as several."""
MAX_INCLUDED: Final = 20
"""Templates within templates: they may include themselves."""
_CHARACTERS_A_STEP: Final = 256


class _Full(Exception):
    """The text is as long as it may be."""


class _Left(Exception):
    """A range is left, or one round of it."""

    def __init__(self, *, ends: bool) -> None:
        self.ends = ends
        super().__init__()


def fill(template: Template, facts: Facts) -> str:
    """Return the text, cut at `MAX_TEXT` characters.

    Raises:
        CannotFill: a function cannot take its arguments, or there is too much to do.
    """
    run = _Run(template.defined, facts)
    with suppress(_Full):  # what is longer is cut: that is what the bound means
        run.walk(template.body, facts)
    return "".join(run.written)[:MAX_TEXT]


class _Run:
    """One filling: what is written, the variables in reach (the last of a name counts), and how much was done."""

    def __init__(self, defined: Mapping[str, Body], facts: Facts) -> None:
        self.written: list[str] = []
        self._length = self._steps = self._included = 0
        self._defined, self._facts = defined, facts
        self._variables: list[tuple[str, Value]] = [
            ("$", facts),
            ("$labels", facts.labels),
            ("$externalLabels", facts.external_labels),
            ("$externalURL", facts.external_url),
            ("$value", facts.value),
        ]

    def walk(self, body: Body, dot: Value) -> None:
        """Write a body about `dot`."""
        for node in body:
            self._node(node, dot)

    def _node(self, node: Node, dot: Value) -> None:
        self._charge(1)
        match node:
            case str():
                self._write(node)
            case Write(pipeline):
                value = self._pipeline(pipeline, dot)
                if not pipeline.variables:
                    self._write(text_of(value))
            case Branch(condition, body, otherwise, is_with):
                mark = len(self._variables)
                value = self._pipeline(condition, dot)
                if is_true(value):
                    self.walk(body, value if is_with else dot)
                else:
                    self.walk(otherwise, dot)
                del self._variables[mark:]
            case Range():
                self._range(node, dot)
            case Include(name, about):
                self._include(name, None if about is None else self._pipeline(about, dot))
            case Leave(ends):
                raise _Left(ends=ends)

    def _range(self, node: Range, dot: Value) -> None:
        mark = len(self._variables)
        value = self._pipeline(node.over, dot)
        inside = len(self._variables)
        empty = True
        for key, element in _elements(value):
            empty = False
            self._bind(node.over, (key, element))
            try:
                self.walk(node.body, element)
            except _Left as left:
                if left.ends:
                    break
            finally:
                del self._variables[inside:]
        if empty:
            self.walk(node.otherwise, dot)
        del self._variables[mark:]

    def _bind(self, over: Pipeline, entry: tuple[Value, Value]) -> None:
        """Give a range's variables, the element alone or behind its key, the values of one round."""
        names = over.variables
        for name, value in zip(names, entry[2 - len(names) :], strict=True):
            if over.assigns:
                self._assign(name, value)
            else:
                self._variables.append((name, value))

    def _include(self, name: str, about: Value) -> None:
        if name not in self._defined:
            raise CannotFill(f"template {name!r} is not defined")
        self._included += 1
        if self._included > MAX_INCLUDED:
            raise CannotFill(f"templates within templates, more than {MAX_INCLUDED} deep")
        outer, self._variables = self._variables, [("$", about)]
        self.walk(self._defined[name], about)
        self._variables = outer
        self._included -= 1

    def _pipeline(self, pipeline: Pipeline, dot: Value) -> Value:
        piped: list[Value] = []
        for command in pipeline.commands:
            piped = [self._command(command, dot, piped)]
        (value,) = piped
        for name in pipeline.variables:
            if pipeline.assigns:
                self._assign(name, value)
            else:
                self._variables.append((name, value))
        return value

    def _command(self, command: tuple[Word, ...], dot: Value, piped: list[Value]) -> Value:
        self._charge(1)
        head = command[0]
        if not isinstance(head, Function):
            if len(command) > 1 or piped:
                raise CannotFill("can't give argument to non-function: write a function's name before it")
            if not isinstance(head, Literal | Dot | Variable | Chain | Pipeline):
                raise CannotFill("nil is not a command")
            return self._word(head, dot)
        if wrong := miscounted(head.name, len(command) - 1 + len(piped)):
            raise CannotFill(wrong)
        if head.name in LAZY:
            return self._lazy(head.name, command[1:], dot, piped)
        return self._called(head.name, [*(self._word(word, dot) for word in command[1:]), *piped])

    def _lazy(self, name: str, words: tuple[Word, ...], dot: Value, piped: list[Value]) -> Value:
        """Return the first argument that decides, or the last."""
        value: Value = None
        for word in words:
            value = self._word(word, dot)
            if is_true(value) == (name == "or"):
                return value
        return piped[0] if piped else value

    def _called(self, name: str, arguments: list[Value]) -> Value:
        if name in FUNCTIONS:
            made = called(name, arguments)
            if not isinstance(made, str):
                return made
            # Cut at each step: a chain of replacements would else grow by a factor each.
            self._charge(len(made) // _CHARACTERS_A_STEP)
            return made[:MAX_TEXT]
        if name == "query":
            expr = arguments[0]
            if not isinstance(expr, str):
                raise CannotFill(f"query: wrong type for value; expected string; got {kind_of(expr)}")
            return self._facts.ask(expr)
        return self._facts.external_url if name == "externalURL" else self._facts.path_prefix

    def _word(self, word: Word, dot: Value) -> Value:
        match word:
            case Literal(value):
                return value
            case Dot(fields):
                return _fields_of(dot, fields)
            case Variable(name, fields):
                return _fields_of(self._value_of(name), fields)
            case Function(name):
                return self._command((word,), dot, [])
            case Chain(inner, fields):
                return _fields_of(self._word(inner, dot), fields)
            case Pipeline():
                return self._pipeline(word, dot)
        return None

    def _value_of(self, name: str) -> Value:
        return next(value for known, value in reversed(self._variables) if known == name)

    def _assign(self, name: str, value: Value) -> None:
        for place in range(len(self._variables) - 1, -1, -1):
            if self._variables[place][0] == name:
                self._variables[place] = (name, value)
                return

    def _write(self, text: str) -> None:
        self.written.append(text)
        self._length += len(text)
        if self._length > MAX_TEXT:
            raise _Full

    def _charge(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise CannotFill(f"more than {MAX_STEPS} steps")


def _fields_of(value: Value, fields: tuple[str, ...]) -> Value:
    for name in fields:
        value = _field_of(value, name)
    return value


def _field_of(value: Value, name: str) -> Value:
    match value, name:
        case Facts(), "Labels":
            return value.labels
        case Facts(), "Value":
            return value.value
        case Facts(), "ExternalLabels":
            return value.external_labels
        case Facts(), "ExternalURL":
            return value.external_url
        case Sample(), "Labels":
            return value.labels
        case Sample(), "Value":
            return value.value
        case Arguments(values), _:
            return values.get(name)
        case Mapping(), _:
            return value.get(name, "")
        case None, _:
            raise CannotFill(f"nil data; no entry for key {name!r}")
    raise CannotFill(f"can't evaluate field {name} in type {kind_of(value)}")


def _elements(value: Value) -> Iterator[tuple[Value, Value]]:
    """Yield key and element of what a range goes over; label sets and arguments by name."""
    if isinstance(value, tuple):
        yield from enumerate(value)
    elif isinstance(value, Arguments | Mapping):
        entries = value.values if isinstance(value, Arguments) else value
        yield from sorted(entries.items(), key=lambda entry: entry[0])
    elif value is not None:
        raise CannotFill(f"range can't iterate over {text_of(value)}")
