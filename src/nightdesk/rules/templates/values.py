"""The values that templates work with, their truth and their texts, as in Go.

Whole numbers, floats, texts and truth values are Python's own; a label set is a mapping, an answer a tuple of samples.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from nightdesk.model.go_numbers import go_text
from nightdesk.rules.templates.faults import CannotFill
from nightdesk.rules.templates.humanize import humanize_timestamp

MAX_TEXT: Final = 16 * 1024
"""Characters of one text, also on the way to it; more is cut."""
NO_VALUE: Final = "<no value>"
MAX_NESTED: Final = 16
"""Lists of arguments within each other that are written out."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An element of an answer; the metric's name is the label `__name__`."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in Unix seconds, within the years that `humanize_timestamp` writes."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Arguments:
    """What `args` makes: `arg0`, `arg1` and so on."""

    values: Mapping[str, "Value"]


Ask = Callable[[str], tuple[Sample, ...]]
"""Answers a query at the instant of the rule. Raises CannotFill."""


def no_answers(expr: str) -> tuple[Sample, ...]:
    """Answer nothing: where a text is filled in without samples beside it. Raises CannotFill."""
    raise CannotFill(f"nothing can be asked here: {expr}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a template may speak of."""

    labels: Mapping[str, str]
    value: float = 0.0
    external_labels: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""
    ask: Ask = no_answers
    """What answers the function `query`."""

    @property
    def path_prefix(self) -> str:
        """The path of the desk's public address."""
        return urlsplit(self.external_url).path


Value = str | int | float | bool | Mapping[str, str] | tuple[Sample, ...] | Sample | Moment | Arguments | Facts | None


def is_true(value: Value) -> bool:
    """Tell whether `if` takes a value for true: zero and what is empty are false, a sample is true."""
    if isinstance(value, Arguments):
        return bool(value.values)
    return isinstance(value, Sample | Moment | Facts) or bool(value)


def kind_of(value: Value) -> str:
    """Name the kind of a value, as Go does."""
    match value:
        case None:
            return "nil"
        case bool():
            return "bool"
        case str():
            return "string"
        case int():
            return "int"
        case float():
            return "float64"
        case Sample():
            return "sample"
        case tuple():
            return "queryResult"
        case Moment():
            return "time"
        case Facts():
            return "data"
    return "map"


def text_of(value: Value) -> str:
    """Write a value as Go prints it, cut where it grows too long."""
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if isinstance(value, float):
        return go_text(value)
    if value is None:
        return NO_VALUE
    pieces, length = [], 0
    for piece in _pieces(value, MAX_NESTED):
        pieces.append(piece)
        length += len(piece)
        if length > MAX_TEXT:
            break
    return "".join(pieces)[:MAX_TEXT]


def _pieces(value: Value, deeper: int) -> Iterator[str]:
    if not deeper:
        raise CannotFill(f"arguments within arguments, more than {MAX_NESTED} deep")
    match value:
        case bool():
            yield "true" if value else "false"
        case str() | float() | None:
            yield text_of(value) if value is not None else "<nil>"
        case int():
            yield str(value)
        case Moment():
            yield humanize_timestamp(value.seconds)
        case Sample(labels, number):
            yield "{"
            yield from _pieces(labels, deeper - 1)
            yield f" {go_text(number)}}}"
        case Facts():
            yield "{"
            yield from _spaced((value.labels, value.external_labels, value.external_url, value.value), deeper)
            yield "}"
        case tuple():
            yield "["
            yield from _spaced(value, deeper)
            yield "]"
        case _:
            entries = value.values if isinstance(value, Arguments) else value
            yield "map["
            for place, name in enumerate(sorted(entries)):
                yield f"{' ' if place else ''}{name}:"
                yield from _pieces(entries[name], deeper - 1)
            yield "]"


def _spaced(values: tuple[Value, ...], deeper: int) -> Iterator[str]:
    for place, value in enumerate(values):
        yield " " if place else ""
        yield from _pieces(value, deeper - 1)
