"""Samples as the body of a remote write request: the one way in that a desk has in this process and elsewhere."""

import struct
from collections.abc import Iterable

import cramjam

from nightdesk.model.labels import Labels

_MASK = (1 << 64) - 1


def write_body(samples: Iterable[tuple[Labels, int, float]]) -> bytes:
    """Return the body of samples (labels, instant in ms, value): protobuf of remote write 1.0, packed by snappy."""
    raw = b"".join(_field(1, _labels(labels) + _field(2, _sample(at, value))) for labels, at, value in samples)
    return bytes(cramjam.snappy.compress_raw(raw))


def _labels(labels: Labels) -> bytes:
    pairs = ((name.encode(), value.encode("utf-8", "replace")) for name, value in labels)
    return b"".join(_field(1, _field(1, name) + _field(2, value)) for name, value in pairs)


def _sample(at: int, value: float) -> bytes:
    return b"\x09" + struct.pack("<d", value) + b"\x10" + _varint(at)


def _field(number: int, body: bytes) -> bytes:
    """Return a field that carries its length."""
    return bytes([number << 3 | 2]) + _varint(len(body)) + body


def _varint(number: int) -> bytes:
    number &= _MASK
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
