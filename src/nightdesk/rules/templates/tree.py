"""The tree of a template: texts and actions, with the pipelines inside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ROOT_VARIABLES: Final = ("$", "$labels", "$externalLabels", "$externalURL", "$value")
"""What Prometheus defines before each text; a `define`d template has `$` alone."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, a number or a truth value as written."""

    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Nil:
    """The word `nil`."""


@dataclass(frozen=True, slots=True)
class Dot:
    """What is spoken of, `.`, and the fields behind it."""

    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable with its `$`, and the fields behind it."""

    name: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A function's name."""

    name: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Fields of what stands in parentheses."""

    of: "Word"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands of which each is the last argument of the next; the result goes into the variables, if any."""

    commands: tuple[tuple["Word", ...], ...]
    variables: tuple[str, ...] = ()
    assigns: bool = False
    """Written with `=`: the variables are there already."""


Word = Literal | Nil | Dot | Variable | Function | Chain | Pipeline


@dataclass(frozen=True, slots=True)
class Write:
    """An action: its result is written, unless it goes into a variable."""

    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class Branch:
    """`if`, or `with` where the condition becomes what is spoken of."""

    condition: Pipeline
    body: "Body"
    otherwise: "Body"
    is_with: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """The body for each element, or `otherwise` where there is none."""

    over: Pipeline
    body: "Body"
    otherwise: "Body"


@dataclass(frozen=True, slots=True)
class Include:
    """`template`: the body of that name, about what the pipeline gives."""

    name: str
    about: Pipeline | None


@dataclass(frozen=True, slots=True)
class Leave:
    """`break` where it ends the range, else `continue`."""

    ends: bool


Node = str | Write | Branch | Range | Include | Leave
Body = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A whole text, and the templates that it defines by name."""

    body: Body
    defined: Mapping[str, Body]
