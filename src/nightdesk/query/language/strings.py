"""PromQL's string literals: Go's escapes, read and written."""

import re
from typing import Final

_ESCAPE: Final = re.compile(
    r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.?))", re.DOTALL
)
_SIMPLE: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip
_PLAIN: Final = {quote: re.compile(rf"[^{quote}\\\n]*+") for quote in "\"'"}
_LETTERS: Final = {character: letter for letter, character in _SIMPLE.items() if letter not in "\\'\""}


def literal_end(text: str, start: int) -> int:
    """Return where the literal that begins at `start` ends.

    Raises:
        ValueError: the first fault in it: an escape that Go does not know, or no end, in Prometheus' words.
    """
    quote, at = text[start], start + 1
    if quote == "`":
        end = text.find("`", at)
        if end < 0:
            raise ValueError("unterminated raw string")
        return end + 1
    while True:
        plain = _PLAIN[quote].match(text, at)
        assert plain is not None
        at = plain.end()
        if text[at : at + 1] in ("", "\n"):
            raise ValueError("unterminated quoted string")
        if text[at] == quote:
            return at + 1
        escape = _ESCAPE.match(text, at)
        assert escape is not None
        _escaped(escape, quote)
        at = escape.end()


def unquote(literal: str) -> str:
    r"""Read a literal in double quotes, single quotes or backticks.

    Bytes written as `\xff` that are not UTF-8 come back as lone surrogates, so that a check for UTF-8 finds them.

    Raises:
        ValueError: on an escape that Go does not know, or one of the other kind of quotes.
    """
    if literal[0] == "`" or "\\" not in literal:
        return literal[1:-1]
    raw = bytearray()
    position = 1
    for found in _ESCAPE.finditer(literal, 1, len(literal) - 1):
        raw += literal[position : found.start()].encode("utf-8", "surrogateescape")
        raw += _escaped(found, literal[0])
        position = found.end()
    raw += literal[position:-1].encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "surrogateescape")


def _escaped(found: re.Match[str], quote: str) -> bytes:
    simple, byte, short, long, octal, unknown = found.groups()
    if simple and (simple not in "'\"" or simple == quote):
        return _SIMPLE[simple].encode()
    if simple or unknown is not None:
        raise ValueError(_fault(found.string, found.start() + 1))
    point = int(byte or short or long or octal, 8 if octal else 16)
    if point > (0xFF if byte or octal else 0x10FFFF) or 0xD800 <= point < 0xE000:
        raise ValueError("escape sequence is an invalid Unicode code point")
    return bytes([point]) if byte or octal else chr(point).encode()


def _fault(text: str, place: int) -> str:
    """Say in Prometheus' words what is wrong with an escape, whose letter stands at `place`."""
    letter = text[place : place + 1]
    digits, width, first = "0123456789abcdefABCDEF", {"x": 2, "u": 4, "U": 8}.get(letter, 0), place + 1
    if letter and letter in "01234567":
        digits, width, first = "01234567", 3, place
    faulty = next((each for each in text[first : first + width] if each not in digits), "")
    if faulty:
        return f"illegal character {_code_point(faulty)} in escape sequence"
    if not letter or (width and first + width > len(text)):
        return "escape sequence not terminated"
    return f"unknown escape sequence {_code_point(letter)}"


def _code_point(character: str) -> str:
    shown = f" '{character}'" if character.isprintable() else ""
    return f"U+{ord(character):04X}{shown}"


def quoted(value: str) -> str:
    """Write a string as a double-quoted literal that `unquote` reads back."""
    parts = []
    for character in value:
        if character in '\\"':
            parts.append("\\" + character)
        elif character in _LETTERS:
            parts.append("\\" + _LETTERS[character])
        elif 0xDC80 <= ord(character) <= 0xDCFF:
            parts.append(f"\\x{ord(character) - 0xDC00:02x}")
        elif character.isprintable():
            parts.append(character)
        else:
            parts.append(_numbered(ord(character)))
    return '"' + "".join(parts) + '"'


def _numbered(point: int) -> str:
    if point < 0x80:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def is_utf8(value: str) -> bool:
    """Tell whether a string holds no byte that is not UTF-8."""
    return not any(0xD800 <= ord(character) <= 0xDFFF for character in value)
