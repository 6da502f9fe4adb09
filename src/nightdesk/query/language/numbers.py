"""Numbers and durations: how far one goes in a text, as to Prometheus' lexer, and what it is worth, as to Go."""

import math
import re
from typing import Final

from nightdesk.errors import BadDuration
from nightdesk.model.instant import SECOND, parse_duration
from nightdesk.query.language.tokens import TokenKind

_DECIMAL: Final = frozenset("0123456789")
_HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")
_WORD: Final = re.compile(r"[a-zA-Z0-9_]")
_UNITS: Final = re.compile(r"[smhdwy]s?(?:[0-9]++[smhdw]s?)*+([0-9]++)?+")
_OCTAL: Final = re.compile(r"0(?:_?[0-7])+")
_LONGEST: Final = (1 << 63) // 1_000_000
"""Milliseconds; in nanoseconds a duration has to fit 63 bits."""


def scan(text: str, start: int) -> tuple[TokenKind, int]:
    """Return what begins at a digit, or at a dot before one, and where it ends.

    A FAULT ends behind what was read until it could be neither number nor duration, as Prometheus quotes it.
    What is a NUMBER or a DURATION here may still be refused once it is read (`1e+`, `5m1h`).
    """
    end, is_number = _number_end(text, start)
    if is_number:
        return TokenKind.NUMBER, end
    units = _UNITS.match(text, end)
    if units is None:
        return TokenKind.FAULT, end
    end = units.end()
    if units.group(1):
        return TokenKind.FAULT, end
    return (TokenKind.FAULT, end + 1) if _WORD.match(text, end) else (TokenKind.DURATION, end)


def _number_end(text: str, start: int) -> tuple[int, bool]:
    """Return where a number ends, and whether it is one; an exponent may lack digits unless the text ends there."""
    hexadecimal = text[start : start + 2].lower() == "0x"
    digits = _HEXADECIMAL if hexadecimal else _DECIMAL
    at = start + (2 if hexadecimal else text.startswith(".", start))
    seen = ""
    while at < len(text):
        character = text[at].lower()
        if character in digits:
            at += 1
            continue
        if character not in (".", "_", "e"):
            break
        at += 1
        if character != "_" and character in seen:
            return at, False
        seen += character
        if character == "e" and text[at : at + 1] in ("+", "-"):
            at += 1
        if text[at : at + 1] in ((".", "_") if character == "." else (".", "_", "e", "E")):
            return at + 1, False
        if hexadecimal if character == "." else at == len(text):
            return at, False
    return at, not _WORD.match(text, at)


def number_of(text: str) -> float:
    """Return what a number is worth.

    Raises:
        ValueError: with the words of Go's `strconv`.
    """
    word = text.lower()
    if word in ("nan", "inf"):
        return math.nan if word == "nan" else math.inf
    whole = _whole(word)
    if whole is not None and whole < 1 << 63:
        return float(whole)
    try:
        value = math.nan if word.startswith("0x") else float(word)
    except ValueError:
        value = math.nan
    if math.isfinite(value):
        return value
    reason = "value out of range" if math.isinf(value) else "invalid syntax"
    raise ValueError(f'error parsing number: strconv.ParseFloat: parsing "{text}": {reason}')


def _whole(word: str) -> int | None:
    """Return a whole number that tells its base, octal ones included, for Go takes `010` for eight."""
    base = 16 if word.startswith("0x") else 8 if _OCTAL.fullmatch(word) else None
    try:
        return None if base is None else int(word, base)
    except ValueError:
        return None


def seconds_of(text: str) -> float:
    """Return how many seconds a duration is.

    Raises:
        ValueError: the units stand in no order, or it is too long.
    """
    try:
        millis = parse_duration(text)
    except BadDuration as error:
        raise ValueError(f'not a valid duration string: "{text}"') from error
    if millis >= _LONGEST:
        raise ValueError("duration out of range")
    return millis / SECOND
