"""Go's strings and characters as they are written in quotes."""

import re
from typing import Final

from nightdesk.rules.templates.faults import BadTemplate

_ESCAPE: Final = re.compile(
    r"\\(?:(?P<simple>[abfnrtv\\'\"])|x(?P<byte>[0-9a-fA-F]{2})|(?P<octal>[0-3][0-7]{2})"
    r"|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})|(?P<wrong>.?))"
)
_SIMPLE: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip
_WRITTEN: Final = {character: f"\\{name}" for name, character in _SIMPLE.items() if name != "'"}
_LONE_BYTES: Final = range(0xDC80, 0xDD00)
"""Bytes that are no UTF-8, as Python holds them."""
_LAST_SHORT: Final = 0xFFFF
_LAST_ASCII: Final = 0x7F
_LAST_CHARACTER: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)


def unquote(written: str, start: int) -> str:
    """Return what a string in `"` or backquotes says; `start` is its place. Raises BadTemplate."""
    inside = written[1:-1]
    if written[0] == "`":
        return inside.replace("\r", "")
    return _unescaped(inside, '"', start) if "\\" in inside else inside


def rune_of(written: str, start: int) -> int:
    """Return the number of a character in `'`. Raises BadTemplate."""
    character = _unescaped(written[1:-1], "'", start)
    if len(character) != 1:
        raise BadTemplate(f"{written} is not one character", start)
    return ord(character)


def quote(text: str) -> str:
    """Write a text in `"`, as `%q` does: what is no printable character by its number."""
    return '"' + "".join(map(_quoted, text)) + '"'


def _quoted(character: str) -> str:
    if character in _WRITTEN:
        return _WRITTEN[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code in _LONE_BYTES:
        return f"\\x{code - _LONE_BYTES.start + _LAST_ASCII + 1:02x}"
    if code <= _LAST_ASCII:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _LAST_SHORT else f"\\U{code:08x}"


def _unescaped(inside: str, quote: str, start: int) -> str:
    def write(found: re.Match[str]) -> str:
        if (simple := found["simple"]) and (simple not in "'\"" or simple == quote):
            return _SIMPLE[simple]
        digits = found["byte"] or found["short"] or found["long"]
        code = int(found["octal"], 8) if found["octal"] else int(digits, 16) if digits else -1
        # A lone byte is no character: Go writes it as it is, which no label or mail of ours can hold.
        is_byte = code > _LAST_ASCII and not (found["short"] or found["long"])
        if not 0 <= code <= _LAST_CHARACTER or code in _SURROGATES or is_byte:
            raise BadTemplate(f"cannot read the escape {found[0]}", start)
        return chr(code)

    return _ESCAPE.sub(write, inside)
