"""The functions a template may call: one table, the names and results of Prometheus."""

import re as python_re
from collections.abc import Callable, Mapping
from typing import Final

import re2

from nightdesk.model.go_numbers import go_text
from nightdesk.rules.templates.humanize import (
    humanize,
    humanize1024,
    humanize_duration,
    humanize_percentage,
    humanize_timestamp,
)
from nightdesk.rules.templates.words import BadTemplate, Operand

Argument = Operand | Mapping[str, str]

_VERB: Final = python_re.compile(r"%(?P<flags>[-+0 #]*)(?P<width>\d{0,3})(?:\.(?P<digits>\d{0,3}))?(?P<verb>[a-zA-Z%])")
_FLOAT_VERBS: Final = "eEfFgG"
_MOST_REPLACED: Final = 1 << 22
"""Characters that a replacement may come to before it is cut."""


def text_of(value: Argument) -> str:
    """Write an argument as Go prints it."""
    if isinstance(value, str):
        return value
    return go_text(value) if isinstance(value, float) else _map_text(value)


def _map_text(labels: Mapping[str, str]) -> str:
    return "map[" + " ".join(f"{name}:{labels[name]}" for name in sorted(labels)) + "]"


def _number(value: Argument) -> float:
    try:
        return float(value)  # type: ignore[arg-type]  # a label set raises TypeError, which is answered here
    except (TypeError, ValueError) as error:
        raise BadTemplate(f"{text_of(value)!r} is not a number") from error


def _timestamp(value: Argument) -> str:
    try:
        return humanize_timestamp(_number(value))
    except ValueError as error:
        raise BadTemplate(str(error)) from error


def _index(labels: Argument, name: Argument) -> str:
    if not isinstance(labels, Mapping):
        raise BadTemplate("index wants a label set: index $labels NAME")
    return labels.get(text_of(name), "")


def _printf(pattern: Argument, *arguments: Argument) -> str:
    rest = list(arguments)

    def write(found: python_re.Match[str]) -> str:
        verb = found["verb"]
        if verb == "%":
            return "%"
        if not rest:
            return f"%!{verb}(MISSING)"
        return _format(found, rest.pop(0))

    written = _VERB.sub(write, text_of(pattern))
    extra = ", ".join(text_of(argument) for argument in rest)
    return f"{written}%!(EXTRA {extra})" if extra else written


def _format(found: python_re.Match[str], argument: Argument) -> str:
    verb, flags = found["verb"], found["flags"]
    if verb in _FLOAT_VERBS and isinstance(argument, float):
        digits = f".{found['digits'] or 0}" if found["digits"] is not None else ("" if verb in "gG" else ".6")
        if argument in (float("inf"), float("-inf")) or argument != argument or (verb in "gG" and not digits):
            body = go_text(argument)
        else:
            body = f"{argument:{'+' if '+' in flags else ''}{digits}{verb}}"
    elif verb == "q":
        body = '"' + text_of(argument).replace("\\", "\\\\").replace('"', '\\"') + '"'
    elif verb in "sv":
        body = text_of(argument)
    elif verb == "d" and isinstance(argument, float) and argument.is_integer():
        body = str(int(argument))
    else:
        raise BadTemplate(f"printf cannot write {text_of(argument)!r} with %{verb}")
    width = int(found["width"] or 0)
    if "-" in flags:
        return body.ljust(width)
    return body.zfill(width) if "0" in flags else body.rjust(width)


def _replace_all(pattern: Argument, replacement: Argument, text: Argument) -> str:
    if (len(text_of(text)) + 1) * len(text_of(replacement)) > _MOST_REPLACED:
        raise BadTemplate("reReplaceAll of so long a text by so long another")
    expression = _compiled(pattern)

    def group(found: python_re.Match[str]) -> str:
        # Go writes groups as $1 or ${1} and takes one that there is not as empty; RE2's own Python binding has \1.
        return rf"\{found[1]}" if len(found[1]) < 3 and int(found[1]) <= expression.groups else ""

    groups = python_re.sub(r"\$\{?(\d+)\}?", group, text_of(replacement).replace("\\", "\\\\"))
    return str(expression.sub(groups, text_of(text)))


def _match(pattern: Argument, text: Argument) -> str:
    return "true" if _compiled(pattern).search(text_of(text)) else "false"


def _compiled(pattern: Argument) -> "re2._Regexp[str]":
    try:
        return re2.compile(text_of(pattern))
    except re2.error as error:
        raise BadTemplate(f"not a regular expression: {text_of(pattern)!r}") from error


def _title(text: Argument) -> str:
    return python_re.sub(r"(^|(?<=[^\w']))\w", lambda found: found[0].upper(), text_of(text))


def _strip_port(text: Argument) -> str:
    host, colon, port = text_of(text).rpartition(":")
    return host.strip("[]") if colon and port.isdigit() else text_of(text)


FUNCTIONS: Final[Mapping[str, tuple[Callable[..., Operand], int]]] = {
    "humanize": (lambda value: humanize(_number(value)), 1),
    "humanize1024": (lambda value: humanize1024(_number(value)), 1),
    "humanizeDuration": (lambda value: humanize_duration(_number(value)), 1),
    "humanizePercentage": (lambda value: humanize_percentage(_number(value)), 1),
    "humanizeTimestamp": (_timestamp, 1),
    "index": (_index, 2),
    "match": (_match, 2),
    "printf": (_printf, -1),
    "reReplaceAll": (_replace_all, 3),
    "stripPort": (_strip_port, 1),
    "title": (_title, 1),
    "toLower": (lambda text: text_of(text).lower(), 1),
    "toUpper": (lambda text: text_of(text).upper(), 1),
}
"""Name -> function and number of its arguments; -1 is one or more."""
