"""Label sets as bytes; undecodable input survives, since it was read with "surrogateescape" and is written so."""

import struct
from typing import Final

from nightdesk.errors import CorruptData
from nightdesk.model.labels import Labels

_LENGTHS: Final = struct.Struct("<HH")


def to_bytes(text: str) -> bytes:
    """Write a name or value."""
    return text.encode("utf-8", "surrogateescape")


def to_text(data: bytes) -> str:
    """Read a name or value."""
    return data.decode("utf-8", "surrogateescape")


def encode_labels(labels: Labels) -> bytes:
    """Write the pairs in order: two lengths (uint16 little-endian), name, value; and again."""
    pieces: list[bytes] = []
    for name, value in labels:
        name_bytes, value_bytes = to_bytes(name), to_bytes(value)
        pieces += (_LENGTHS.pack(len(name_bytes), len(value_bytes)), name_bytes, value_bytes)
    return b"".join(pieces)


def decode_labels(data: bytes) -> Labels:
    """Read what `encode_labels` wrote. Raises CorruptData where the lengths do not add up."""
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(data):
        if at + _LENGTHS.size > len(data):
            raise CorruptData("a label set ends in the middle")
        name_size, value_size = _LENGTHS.unpack_from(data, at)
        at += _LENGTHS.size
        if at + name_size + value_size > len(data):
            raise CorruptData("a label set ends in the middle")
        pairs.append((to_text(data[at : at + name_size]), to_text(data[at + name_size : at + name_size + value_size])))
        at += name_size + value_size
    return Labels(pairs)
