"""The functions of Go's text/template but `and` and `or`, which the evaluator asks for one argument after the other.

`call` and `js` are left out: nothing in a rule can be called, and no rule writes JavaScript.
"""

from typing import Final
from urllib.parse import quote_plus

from nightdesk.rules.templates.faults import CannotFill
from nightdesk.rules.templates.values import Arguments, Value, kind_of, text_of

_HTML: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;", "\0": "\N{REPLACEMENT CHARACTER}"}
)


def length(value: Value) -> int:
    """Count the bytes of a text, or the entries of a list or label set."""
    if isinstance(value, str):
        return len(_bytes(value))
    if isinstance(value, Arguments):
        return len(value.values)
    if isinstance(value, str | bool | int | float) or kind_of(value) not in ("map", "queryResult"):
        raise CannotFill(f"len of type {kind_of(value)}")
    return len(value)  # type: ignore[arg-type]  # a label set or an answer


def index(value: Value, *keys: Value) -> Value:
    """Return an entry, and of that an entry, and so on; a label that there is not is empty."""
    for key in keys:
        value = _entry(value, key)
    return value


def _entry(value: Value, key: Value) -> Value:
    if kind_of(value) == "map":
        if not isinstance(key, str):
            raise CannotFill(f"index of a map by a {kind_of(key)}")
        if isinstance(value, Arguments):
            return value.values.get(key)
        return value.get(key, "")  # type: ignore[union-attr]  # of the maps that is a label set
    if not isinstance(value, str | tuple):
        raise CannotFill(f"index of type {kind_of(value)}: index $labels NAME")
    if not isinstance(key, int) or isinstance(key, bool):
        raise CannotFill(f"index of a {kind_of(value)} by a {kind_of(key)}")
    entries = _bytes(value) if isinstance(value, str) else value
    if not 0 <= key < len(entries):
        raise CannotFill(f"index out of range: {key}")
    return entries[key]


def part(value: Value, *bounds: Value) -> Value:
    """Return `value[from:to]`, of a text by bytes."""
    if not isinstance(value, str | tuple):
        raise CannotFill(f"slice of type {kind_of(value)}")
    whole = _bytes(value) if isinstance(value, str) else value
    limits: list[int] = []
    for bound in bounds:
        least = limits[-1] if limits else 0
        if not isinstance(bound, int) or isinstance(bound, bool) or not least <= bound <= len(whole):
            raise CannotFill(f"slice: {text_of(bound)} is out of range")
        limits.append(bound)
    first, last = (*limits, *(0, len(whole))[len(limits) :])[:2]
    piece = whole[first:last]
    return piece.decode("utf-8", "surrogateescape") if isinstance(piece, bytes) else piece


def write(*values: Value) -> str:
    """Write values, with a space between two of which neither is a text, as `print` does."""
    pieces: list[str] = []
    for place, value in enumerate(values):
        if place and not isinstance(value, str) and not isinstance(values[place - 1], str):
            pieces.append(" ")
        pieces.append("<nil>" if value is None else text_of(value))
    return "".join(pieces)


def write_line(*values: Value) -> str:
    """Write values with spaces between them and a new line behind, as `println` does."""
    return " ".join("<nil>" if value is None else text_of(value) for value in values) + "\n"


def html(*values: Value) -> str:
    """Write values for HTML."""
    return write(*values).translate(_HTML)


def url_query(*values: Value) -> str:
    """Write values for the query of an address."""
    return quote_plus(write(*values), errors="surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
