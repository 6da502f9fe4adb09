"""Annotations and labels of rules: `{{ $labels.instance }} is at {{ $value | humanize }}`.

A subset of Go's templates without logic (no `if`, `range`, variables, queries): what a rule may say is bounded in time
and in size by its shape.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from nightdesk.model.alert import FAILED_TEXT
from nightdesk.rules.templates.functions import FUNCTIONS, Argument, text_of
from nightdesk.rules.templates.words import (
    BadTemplate,
    Command,
    Facts,
    FunctionWord,
    LabelsWord,
    LabelWord,
    Literal,
    UrlWord,
    ValueWord,
    Word,
    read_pipeline,
)

MAX_OUTPUT: Final = 16 * 1024
"""Characters of one rendered text; more is cut."""

Part = str | tuple[Command, ...]

_ACTION: Final = re.compile(r"\{\{(?P<trim_before>-(?=\s))?(?P<inside>.*?)(?P<trim_after>(?<=\s)-)?\}\}", re.DOTALL)
_COMMENT: Final = re.compile(r"\s*/\*.*\*/\s*", re.DOTALL)


@lru_cache(maxsize=4096)
def read_template(text: str) -> tuple[Part, ...]:
    """Read a template into texts and pipelines.

    Raises:
        BadTemplate: it uses a construct or a function outside the subset.
    """
    parts: list[Part] = []
    position, trim = 0, False
    # Behind the last end of an action none begins: to look for its end from each `{{` there would cost the square.
    for action in _ACTION.finditer(text, 0, text.rfind("}}") + 2 if "}}" in text else 0):
        before = text[position : action.start()]
        before = before.lstrip() if trim else before
        parts.append(before.rstrip() if action["trim_before"] else before)
        if not _COMMENT.fullmatch(action["inside"]):
            parts.append(_checked(read_pipeline(action["inside"])))
        position, trim = action.end(), bool(action["trim_after"])
    rest = text[position:]
    if "{{" in rest:
        raise BadTemplate("an action is not closed: '{{' without '}}'")
    parts.append(rest.lstrip() if trim else rest)
    return tuple(part for part in parts if part)


def render(text: str, facts: Facts) -> str:
    """Fill a template; a construct that fails leaves Prometheus' `<error expanding template: ...>` as the text."""
    if "{{" not in text:
        return text[:MAX_OUTPUT]
    try:
        written = "".join(part if isinstance(part, str) else _run(part, facts) for part in read_template(text))
    except BadTemplate as error:
        return f"{FAILED_TEXT}{error}>"[:MAX_OUTPUT]
    return written[:MAX_OUTPUT]


def _checked(pipeline: tuple[Command, ...]) -> tuple[Command, ...]:
    for place, command in enumerate(pipeline):
        head = command[0]
        if not isinstance(head, FunctionWord):
            if len(command) > 1 or place > 0:
                raise BadTemplate("a value takes no arguments: write a function's name before it")
            continue
        if head.name not in FUNCTIONS:
            raise BadTemplate(f"function {head.name!r} is not known; there are {', '.join(FUNCTIONS)}")
        wanted = FUNCTIONS[head.name][1]
        given = len(command) - 1 + (place > 0)
        if given != wanted and not (wanted < 0 and given):
            raise BadTemplate(f"{head.name} takes {wanted if wanted > 0 else 'at least 1'} arguments, not {given}")
        if any(isinstance(word, FunctionWord) for word in command[1:]):
            raise BadTemplate(f"a function as an argument of {head.name}: use a pipe")
    return pipeline


def _run(pipeline: tuple[Command, ...], facts: Facts) -> str:
    piped: list[Argument] = []
    for command in pipeline:
        head = command[0]
        if isinstance(head, FunctionWord):
            arguments = [_resolve(word, facts) for word in command[1:]] + piped
            made = FUNCTIONS[head.name][0](*arguments)
            # Cut at each step: a chain of replacements would else grow by a factor each.
            piped = [made[:MAX_OUTPUT] if isinstance(made, str) else made]
        else:
            piped = [_resolve(head, facts)]
    return text_of(piped[0])[:MAX_OUTPUT]


def _resolve(word: Word, facts: Facts) -> Argument:
    match word:
        case LabelWord(name, external):
            return _labels(facts, external=external).get(name, "")
        case LabelsWord(external):
            return _labels(facts, external=external)
        case ValueWord():
            return facts.value
        case UrlWord():
            return facts.external_url
        case Literal(value):
            return value
        case FunctionWord(name):
            raise BadTemplate(f"function {name!r} where a value is wanted")


def _labels(facts: Facts, *, external: bool) -> Mapping[str, str]:
    return facts.external_labels if external else facts.labels
