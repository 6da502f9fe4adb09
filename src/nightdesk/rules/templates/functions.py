"""The functions a template may call: one table, the names and results of Prometheus 2.42 and of Go."""

import re as python_re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote_plus

import re2

from nightdesk.errors import BadDuration
from nightdesk.model.instant import SECOND, parse_duration
from nightdesk.rules.templates import comparing, go_functions, humanize
from nightdesk.rules.templates.faults import CannotFill
from nightdesk.rules.templates.printf import printf
from nightdesk.rules.templates.values import Arguments, Moment, Sample, Value, is_true, kind_of, text_of

_MOST_REPLACED: Final = 1 << 22
"""Characters that a replacement may come to before it is cut."""
_REFERENCE: Final = python_re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<braced>\w+)\}|(?P<bare>\w+))")
_QUIET: Final = re2.Options()
_QUIET.log_errors = False
_WORD: Final = python_re.compile(r"(?:^|(?<=[^\w]))\w")
_NUMBER: Final = python_re.compile(
    r"[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?|nan)", python_re.IGNORECASE | python_re.ASCII
)


@dataclass(frozen=True, slots=True)
class Row:
    """A function, and the kinds that its arguments must be of (`any` is any); the last goes on where it `repeats`."""

    call: Callable[..., Value]
    wants: tuple[str, ...]
    repeats: bool = False


def _number(value: Value) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    raise CannotFill(f"{text_of(value)!r} is not a number")


def _for_people(write: Callable[[float], str]) -> Row:
    def call(value: Value) -> str:
        try:
            return write(_number(value))
        except ValueError as error:
            raise CannotFill(str(error)) from error

    return Row(call, ("any",))


def _moment(value: Value) -> Moment:
    seconds = _number(value)
    if not abs(seconds) < humanize.LAST_SECOND:
        raise CannotFill(f"{text_of(value)} is no timestamp: it is beyond the year 2262")
    return Moment(seconds)


def _seconds(text: str) -> float:
    try:
        return parse_duration(text) / SECOND
    except BadDuration as error:
        raise CannotFill(str(error)) from error


def _replace_all(pattern: str, replacement: str, text: str) -> str:
    if (len(text) + 1) * len(replacement) > _MOST_REPLACED:
        raise CannotFill("reReplaceAll of so long a text by so long another")
    expression = _compiled(pattern)

    def fill(found: "re2._Match[str]") -> str:
        return _REFERENCE.sub(lambda reference: _referred(reference, found), replacement)

    return str(expression.sub(fill, _readable(text)))


def _referred(reference: python_re.Match[str], found: "re2._Match[str]") -> str:
    """Return the group that `$1`, `${1}` or `$name` stands for; one that there is not is empty."""
    if reference["dollar"]:
        return "$"
    name = reference["braced"] or reference["bare"]
    number = int(name) if name.isdecimal() and len(name) < 4 else found.re.groupindex.get(name, -1)
    return (found[number] or "") if 0 <= number <= found.re.groups else ""


def _match(pattern: str, text: str) -> bool:
    return bool(_compiled(pattern).search(_readable(text)))


def _compiled(pattern: str) -> "re2._Regexp[str]":
    try:
        return re2.compile(_readable(pattern), _QUIET)
    except re2.error as error:
        raise CannotFill(f"not a regular expression: {pattern!r}") from error


def _readable(text: str) -> str:
    """Put a replacement character for each byte that is no UTF-8: RE2 takes characters alone."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _title(text: str) -> str:
    return _WORD.sub(lambda found: _cased(found[0], str.upper), text)


def _cased(text: str, case: Callable[[str], str]) -> str:
    """Change the case of each character by itself, as Go does: `ß` stays, since its capitals are two."""
    changed = case(text)
    if len(changed) == len(text):
        return changed
    return "".join(case(character) if len(case(character)) == 1 else character for character in text)


def _split_port(address: str) -> tuple[str, str] | None:
    """Return host and port, as net.SplitHostPort does; None where it finds a fault."""
    host, colon, port = address.rpartition(":")
    if not colon:
        return None
    if host.startswith("["):
        closed = host.endswith("]") and not {"[", "]"} & set(host[1:-1] + port)
        return (host[1:-1], port) if closed else None
    return None if {":", "[", "]"} & set(host + port) else (host, port)


def _strip_port(address: str) -> str:
    parts = _split_port(address)
    return parts[0] if parts else address


def _strip_domain(address: str) -> str:
    host, port = _split_port(address) or (address, "")
    try:
        ip_address(host)
    except ValueError:
        name = host.split(".")[0]
        return f"{name}:{port}" if port else name
    return address


def _first(answer: tuple[Sample, ...]) -> Sample:
    if not answer:
        raise CannotFill("first() called on vector with no elements")
    return answer[0]


def _sorted(label: str, answer: tuple[Sample, ...]) -> tuple[Sample, ...]:
    return tuple(sorted(answer, key=lambda sample: sample.labels.get(label, "")))


def _link(tab: int) -> Row:
    return Row(lambda expr: f"/graph?g0.expr={quote_plus(expr, errors='surrogateescape')}&g0.tab={tab}", ("string",))


def _arguments(*values: Value) -> Arguments:
    return Arguments({f"arg{place}": value for place, value in enumerate(values)})


_ANY: Final = ("any",)
_TEXT: Final = ("string",)
_PROMETHEUS: Final[Mapping[str, Row]] = {
    "args": Row(_arguments, _ANY, repeats=True),
    "first": Row(_first, ("queryResult",)),
    "graphLink": _link(0),
    "humanize": _for_people(humanize.humanize),
    "humanize1024": _for_people(humanize.humanize1024),
    "humanizeDuration": _for_people(humanize.humanize_duration),
    "humanizePercentage": _for_people(humanize.humanize_percentage),
    "humanizeTimestamp": _for_people(humanize.humanize_timestamp),
    "label": Row(lambda name, sample: sample.labels.get(name, ""), ("string", "sample")),
    "match": Row(_match, ("string", "string")),
    "parseDuration": Row(_seconds, _TEXT),
    "reReplaceAll": Row(_replace_all, ("string", "string", "string")),
    "safeHtml": Row(lambda text: text, _TEXT),
    "sortByLabel": Row(_sorted, ("string", "queryResult")),
    "stripDomain": Row(_strip_domain, _TEXT),
    "stripPort": Row(_strip_port, _TEXT),
    "strvalue": Row(lambda sample: sample.labels.get("__value__", ""), ("sample",)),
    "tableLink": _link(1),
    "title": Row(_title, _TEXT),
    "toLower": Row(lambda text: _cased(text, str.lower), _TEXT),
    "toTime": Row(_moment, _ANY),
    "toUpper": Row(lambda text: _cased(text, str.upper), _TEXT),
    "value": Row(lambda sample: sample.value, ("sample",)),
}
_GO: Final[Mapping[str, Row]] = {
    "eq": Row(comparing.equal, _ANY * 2, repeats=True),
    "ge": Row(comparing.at_least, _ANY * 2),
    "gt": Row(comparing.more, _ANY * 2),
    "html": Row(go_functions.html, _ANY, repeats=True),
    "index": Row(go_functions.index, _ANY * 2, repeats=True),
    "le": Row(comparing.at_most, _ANY * 2),
    "len": Row(go_functions.length, _ANY),
    "lt": Row(comparing.less, _ANY * 2),
    "ne": Row(comparing.not_equal, _ANY * 2),
    "not": Row(lambda value: not is_true(value), _ANY),
    "print": Row(go_functions.write, _ANY, repeats=True),
    "printf": Row(printf, ("string", "any"), repeats=True),
    "println": Row(go_functions.write_line, _ANY, repeats=True),
    "slice": Row(go_functions.part, ("any", "any"), repeats=True),
    "urlquery": Row(go_functions.url_query, _ANY, repeats=True),
}
LAZY: Final = frozenset({"and", "or"})
"""They ask for no argument more than they need; the evaluator has them."""
OF_THE_DESK: Final[Mapping[str, tuple[str, ...]]] = {"query": _TEXT, "externalURL": (), "pathPrefix": ()}
"""What they answer depends on the desk; the evaluator has them."""
FUNCTIONS: Final[Mapping[str, Row]] = {**_PROMETHEUS, **_GO}
KNOWN: Final = frozenset({*FUNCTIONS, *LAZY, *OF_THE_DESK})


def miscounted(name: str, given: int) -> str:
    """Return what is wrong with so many arguments of a function; empty where nothing is."""
    if name in LAZY:
        return "" if given else f"{name} wants at least 1 argument, not 0"
    row = FUNCTIONS.get(name)
    wants = len(row.wants) if row else len(OF_THE_DESK[name])
    if row and row.repeats:
        return "" if given >= wants - 1 else f"{name} wants at least {wants - 1} arguments, not {given}"
    return "" if given == wants else f"{name} takes {wants} arguments, not {given}"


def called(name: str, arguments: list[Value]) -> Value:
    """Call a function of the table. Raises CannotFill for arguments that it cannot take."""
    row = FUNCTIONS[name]
    for place, argument in enumerate(arguments):
        want = row.wants[min(place, len(row.wants) - 1)]
        if want not in ("any", kind_of(argument)):
            raise CannotFill(f"{name}: wrong type for value; expected {want}; got {kind_of(argument)}")
    return row.call(*arguments)
