"""PromQL's string literals: Go's escapes, read and written."""

import re
from typing import Final

_ESCAPE: Final = re.compile(
    r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.?))", re.DOTALL
)
_SIMPLE: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip


def unquote(literal: str) -> str:
    r"""Read a literal in double quotes, single quotes or backticks.

    Bytes written as `\xff` that are not UTF-8 come back as lone surrogates, so that a check for UTF-8 finds them.

    Raises:
        ValueError: on an escape that Go does not know.
    """
    inside = literal[1:-1]
    if literal[0] == "`" or "\\" not in inside:
        return inside
    raw = bytearray()
    position = 0
    for found in _ESCAPE.finditer(inside):
        raw += inside[position : found.start()].encode("utf-8", "surrogateescape")
        raw += _escaped(found)
        position = found.end()
    raw += inside[position:].encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "surrogateescape")


def _escaped(found: re.Match[str]) -> bytes:
    simple, byte, short, long, octal, unknown = found.groups()
    if simple:
        return _SIMPLE[simple].encode()
    if byte:
        return bytes([int(byte, 16)])
    if octal and int(octal, 8) < 256:
        return bytes([int(octal, 8)])
    point = int(short or long or "110000", 16)
    if unknown is not None or point > 0x10FFFF or 0xD800 <= point < 0xE000:
        raise ValueError("invalid syntax")
    return chr(point).encode()


def quoted(value: str) -> str:
    """Write a string as a double-quoted literal that `unquote` reads back."""
    parts = []
    for character in value:
        if character in '\\"':
            parts.append("\\" + character)
        elif character == "\n":
            parts.append("\\n")
        elif 0xDC80 <= ord(character) <= 0xDCFF:
            parts.append(f"\\x{ord(character) - 0xDC00:02x}")
        elif character.isprintable():
            parts.append(character)
        else:
            parts.append(f"\\U{ord(character):08x}")
    return '"' + "".join(parts) + '"'


def is_utf8(value: str) -> bool:
    """Tell whether a string holds no byte that is not UTF-8."""
    return not any(0xD800 <= ord(character) <= 0xDFFF for character in value)
