"""Go's `printf`: each verb with flags, width and digits; what does not fit says so in the text, as Go does."""

import math
import re
from typing import Final

from nightdesk.model.go_numbers import go_text
from nightdesk.rules.templates.faults import CannotFill
from nightdesk.rules.templates.quoted import quote
from nightdesk.rules.templates.values import MAX_TEXT, Value, kind_of, text_of

_VERB: Final = re.compile(
    r"%(?P<flags>[-+0 #]*)(?P<width>\d{0,3})(?:(?P<point>\.)(?P<digits>\d{0,3}))?(?P<verb>[^\W\d_]|%)?", re.ASCII
)
_FLOAT: Final = "eEfFgGv"
_WHOLE: Final = {"d": "d", "x": "x", "X": "X", "o": "o", "b": "b", "v": "d"}


def printf(pattern: str, *arguments: Value) -> str:
    """Fill a pattern. Raises CannotFill for `*`, `[n]` and widths of four digits: they are not known here."""
    rest = list(arguments)

    def write(found: re.Match[str]) -> str:
        verb = found["verb"]
        if verb is None:
            following = pattern[found.end() : found.end() + 1]
            if following:
                raise CannotFill(f"printf does not know {found[0]}{following}")
            return "%!(NOVERB)"
        if verb == "%":
            return "%"
        return _padded(found, rest.pop(0)) if rest else f"%!{verb}(MISSING)"

    written = _VERB.sub(write, pattern)
    extra = ", ".join(_typed(argument) for argument in rest)
    return f"{written}%!(EXTRA {extra})" if extra else written


def _typed(argument: Value) -> str:
    return "<nil>" if argument is None else f"{kind_of(argument)}={text_of(argument)}"


def _padded(found: re.Match[str], argument: Value) -> str:
    verb, flags = found["verb"], found["flags"]
    digits = int(found["digits"] or 0) if found["point"] else None
    body = _body(verb, flags, digits, argument)
    if body is None:
        return "%!v(<nil>)" if argument is None and verb != "v" else f"%!{verb}({_typed(argument)})"
    width = int(found["width"] or 0)
    if "-" in flags:
        return body.ljust(width)
    finite = not isinstance(argument, float) or math.isfinite(argument)
    return body.zfill(width) if "0" in flags and finite else body.rjust(width)


def _body(verb: str, flags: str, digits: int | None, argument: Value) -> str | None:
    """Return what a verb writes without its width; None where it does not fit the argument."""
    if verb == "T":
        return kind_of(argument)
    if isinstance(argument, bool):
        return text_of(argument) if verb in "tv" else None
    if isinstance(argument, float):
        return _float(verb, flags, digits, argument) if verb in _FLOAT else None
    if isinstance(argument, int):
        return _whole(verb, flags, digits, argument)
    if isinstance(argument, str):
        return _text(verb, digits, argument)
    return text_of(argument).replace("<no value>", "<nil>") if verb in "sv" else None


def _float(verb: str, flags: str, digits: int | None, number: float) -> str:
    sign = "+" if "+" in flags else " " if " " in flags else ""
    if not math.isfinite(number):
        # An infinity has its sign always, a NaN where one is asked for.
        return f"{sign}NaN" if math.isnan(number) else "-Inf" if number < 0 else f"{sign or '+'}Inf"
    if digits is None and verb in "gGv":
        body = go_text(number)
        body = body.upper() if verb == "G" else body
        return body if body[0] == "-" else sign + body
    return f"{number:{sign}.{6 if digits is None else digits}{'g' if verb == 'v' else verb}}"


def _whole(verb: str, flags: str, digits: int | None, number: int) -> str | None:
    if verb == "c":
        return chr(number) if 0 <= number < 0xD800 or 0xDFFF < number < 0x110000 else "\N{REPLACEMENT CHARACTER}"
    if verb not in _WHOLE:
        return None
    sign = "+" if "+" in flags else " " if " " in flags else ""
    prefix = "#" if "#" in flags and verb in "xX" else ""
    body = f"{number:{sign}{prefix}{_WHOLE[verb]}}"
    if digits is None:
        return body
    mark = body[0] if body[0] in "+- " else ""
    return mark + body[len(mark) :].zfill(digits)


def _text(verb: str, digits: int | None, text: str) -> str | None:
    text = text if digits is None else text[:digits]
    match verb:
        case "s" | "v":
            return text[:MAX_TEXT]
        case "q":
            return quote(text[:MAX_TEXT])
        case "x":
            return text[:MAX_TEXT].encode("utf-8", "surrogateescape").hex()
        case "X":
            return text[:MAX_TEXT].encode("utf-8", "surrogateescape").hex().upper()
    return None
