"""Reads the inside of `{{ ... }}` into commands of operands: the part of Go's template grammar that rule files use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

Operand = str | float


class BadTemplate(ValueError):
    """A construct outside the subset; the message says which."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a template may speak of."""

    labels: Mapping[str, str]
    value: float = 0.0
    external_labels: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""


@dataclass(frozen=True, slots=True)
class LabelsWord:
    """The whole label set, as an argument of `index`."""

    external: bool = False


@dataclass(frozen=True, slots=True)
class LabelWord:
    """One label's value; empty where the label is absent."""

    name: str
    external: bool = False


@dataclass(frozen=True, slots=True)
class ValueWord:
    """The value of the sample."""


@dataclass(frozen=True, slots=True)
class UrlWord:
    """The desk's public address."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A string or a number as written."""

    value: Operand


@dataclass(frozen=True, slots=True)
class FunctionWord:
    """A function's name."""

    name: str


Word = LabelsWord | LabelWord | ValueWord | UrlWord | Literal | FunctionWord
Command = tuple[Word, ...]

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<pipe>\|)|(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<raw>`[^`]*`)|(?P<number>[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)
    |(?P<word>[$.]?[A-Za-z_][A-Za-z0-9_.]*))""",
    re.VERBOSE,
)
_LABELS: Final = {"$labels": False, ".Labels": False, "$externalLabels": True, ".ExternalLabels": True}


def read_pipeline(text: str) -> tuple[Command, ...]:
    """Read an action's inside into commands, each a tuple of words.

    Raises:
        BadTemplate: it is outside the subset, e.g. `if`, `range`, variables.
    """
    commands: list[list[Word]] = [[]]
    position, end = 0, len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if found is None:
            raise BadTemplate(f"cannot read {text[position:].strip()!r}")
        position = found.end()
        if found["pipe"]:
            commands.append([])
        else:
            commands[-1].append(_word(found))
    if not all(commands):
        raise BadTemplate("a pipe needs something on both sides" if len(commands) > 1 else "empty action")
    return tuple(tuple(command) for command in commands)


def _word(found: re.Match[str]) -> Word:
    if found["string"]:
        return Literal(_unquote(found["string"]))
    if found["raw"]:
        return Literal(found["raw"][1:-1])
    if found["number"]:
        return Literal(float(found["number"]))
    return _name(found["word"])


def _name(text: str) -> Word:
    if text in ("$value", ".Value"):
        return ValueWord()
    if text in ("$externalURL", ".ExternalURL"):
        return UrlWord()
    head, dot, label = text[1:].partition(".")
    head = text[0] + head
    if head in _LABELS and "." not in label:
        return LabelWord(label, external=_LABELS[head]) if dot else LabelsWord(external=_LABELS[head])
    if text[0] in "$." or "." in text:
        raise BadTemplate(f"{text} is not known; there are $labels.NAME, $value, $externalLabels.NAME, $externalURL")
    return FunctionWord(text)


def _unquote(text: str) -> str:
    try:
        # Go's escapes that JSON lacks are rare in rule files; they are refused rather than read wrongly.
        return str(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise BadTemplate(f"cannot read the string {text}") from error
