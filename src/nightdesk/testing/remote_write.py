"""Remote write bodies for tests: protobuf by hand, snappy of literals, so that the reader under test has a witness."""

import struct
from collections.abc import Iterable, Sequence

from nightdesk.model.labels import Labels

_LITERAL = 0xF4
_MOST_LITERAL = 65_536


def varint(number: int) -> bytes:
    """Encode a protobuf varint; negative numbers as 64-bit two's complement."""
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(tag: int, body: bytes) -> bytes:
    return bytes([tag << 3 | 2]) + varint(len(body)) + body


def label_block(labels: Labels) -> bytes:
    """Encode a series' labels as the repeated Label field of a TimeSeries."""
    pairs = ((name.encode(), value.encode()) for name, value in labels)
    return b"".join(_field(1, _field(1, name) + _field(2, value)) for name, value in pairs)


def time_series(block: bytes, samples: Iterable[tuple[int, float]]) -> bytes:
    """Encode a TimeSeries from its label block and (milliseconds, value) samples."""
    body = b"".join(_field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + varint(time)) for time, value in samples)
    return _field(1, block + body)


def snappy(raw: bytes) -> bytes:
    """Wrap bytes as a snappy block of literals: valid, not smaller."""
    out = bytearray(varint(len(raw)))
    for start in range(0, len(raw), _MOST_LITERAL):
        piece = raw[start : start + _MOST_LITERAL]
        out += bytes([_LITERAL]) + struct.pack("<H", len(piece) - 1) + piece
    return bytes(out)


def write_body(series: Sequence[tuple[Labels, Sequence[tuple[int, float]]]]) -> bytes:
    """Build the body of one remote write request."""
    return snappy(b"".join(time_series(label_block(labels), samples) for labels, samples in series))


WRITE_HEADERS = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
