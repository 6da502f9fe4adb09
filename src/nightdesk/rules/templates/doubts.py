"""What in a template that can be read will fail when it is filled in: Go looks at arguments only then.

Prometheus could fill in what is 'not known here'; the rest fails there too.
"""

from collections.abc import Iterator
from typing import Final

from nightdesk.rules.templates.faults import CannotFill
from nightdesk.rules.templates.functions import miscounted
from nightdesk.rules.templates.printf import printf
from nightdesk.rules.templates.tree import (
    Body,
    Branch,
    Chain,
    Dot,
    Function,
    Include,
    Literal,
    Pipeline,
    Range,
    Template,
    Variable,
    Word,
    Write,
)

_COMPARES: Final = frozenset({"eq", "ge", "gt", "le", "lt", "ne"})
_VALUES: Final = frozenset({Variable("$value"), Dot(("Value",))})
_FIELDS: Final = frozenset({"Labels", "Value", "ExternalLabels", "ExternalURL"})
_TEXTS: Final = frozenset({"$externalURL", "$value"})
"""Variables that have no fields."""


def doubts(template: Template) -> Iterator[str]:
    """Yield what will fail: wrong numbers of arguments, `$value` beside a whole number, what is not known here."""
    yield from _of_body(template.body, template)
    for body in template.defined.values():
        yield from _of_body(body, template)


def _of_body(body: Body, template: Template) -> Iterator[str]:
    for node in body:
        match node:
            case Write(pipeline):
                yield from _of_pipeline(pipeline)
            case Branch(pipeline, inside, otherwise) | Range(pipeline, inside, otherwise):
                yield from _of_pipeline(pipeline)
                yield from _of_body(inside, template)
                yield from _of_body(otherwise, template)
            case Include(name, about):
                if name not in template.defined:
                    yield f"template {name!r} is not defined"
                if about:
                    yield from _of_pipeline(about)


def _of_pipeline(pipeline: Pipeline) -> Iterator[str]:
    for place, command in enumerate(pipeline.commands):
        for word in command:
            yield from _of_word(word)
        head, given = command[0], len(command) - 1 + (place > 0)
        if isinstance(head, Function):
            yield from filter(None, [miscounted(head.name, given)])
            yield from _of_comparison(head.name, command[1:])
            yield from _of_pattern(head.name, command[1:])
        elif given:
            yield "a value takes no arguments: write a function's name before it"


def _of_word(word: Word) -> Iterator[str]:
    match word:
        case Pipeline():
            yield from _of_pipeline(word)
        case Chain(inner, fields):
            yield from _of_word(inner)
            if isinstance(inner, Pipeline) and inner.commands[-1][0] == Function("toTime"):
                yield f"{fields[0]} of a time is not known here"
        case Variable(name, fields) if fields and (name in _TEXTS or (name == "$" and fields[0] not in _FIELDS)):
            yield f"{'.'.join((name, *fields))} is not known; there are $labels.NAME and $value"


def _of_comparison(name: str, words: tuple[Word, ...]) -> Iterator[str]:
    wholes = [word.value for word in words if isinstance(word, Literal) and type(word.value) is int]
    if name in _COMPARES and wholes and not _VALUES.isdisjoint(words):
        yield f"{name} of $value and a whole number always fails, as in Prometheus: write {wholes[0]}.0"


def _of_pattern(name: str, words: tuple[Word, ...]) -> Iterator[str]:
    if name == "printf" and words and isinstance(words[0], Literal) and isinstance(words[0].value, str):
        try:
            printf(words[0].value)
        except CannotFill as error:
            yield str(error)
