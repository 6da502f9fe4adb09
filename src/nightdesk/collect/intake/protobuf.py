"""The wire format of protobuf, as far as remote write needs it: varints, and fields as spans of the body."""

from collections.abc import Iterator
from enum import IntEnum

from nightdesk.errors import BadPayload, PayloadTooLarge


class Wire(IntEnum):
    """How a field's value is laid out; the lowest three bits of its tag."""

    VARINT = 0
    FIXED64 = 1
    BYTES = 2
    FIXED32 = 5


class Allowance:
    """How many fields of one body may yet be read one by one: an empty field has two bytes, and costs as much."""

    def __init__(self, fields: int) -> None:
        """Allow so many."""
        self._most = self._left = fields

    def take(self, fields: int) -> None:
        """Use some up; raises PayloadTooLarge where there are not so many left."""
        self._left -= fields
        if self._left < 0:
            raise PayloadTooLarge(f"the body holds more than {self._most} samples, labels and other fields")


def read_varint(data: bytes, place: int, end: int) -> tuple[int, int]:
    """Return the unsigned 64-bit number at `place`, and where it ends.

    Raises:
        BadPayload: it runs past `end` or past ten bytes.
    """
    number = shift = 0
    while place < end and shift < 70:
        byte = data[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & 0xFFFF_FFFF_FFFF_FFFF, place
        shift += 7
    raise BadPayload("protobuf: a number is cut short or too long")


def read_fields(data: bytes, place: int, end: int, allowance: Allowance) -> Iterator[tuple[int, Wire, int, int]]:
    """Yield (number, wire type, start, end) of each field of the message in `data[place:end]`.

    For BYTES the span is the content, for the others the encoded value.

    Raises:
        BadPayload: a field runs past `end`, has the number 0, or a wire type of the past (groups).
        PayloadTooLarge: the allowance is used up.
    """
    while place < end:
        allowance.take(1)
        tag, place = read_varint(data, place, end)
        number, kind = tag >> 3, tag & 7
        if kind == Wire.BYTES:
            length, place = read_varint(data, place, end)
        elif kind == Wire.FIXED64:
            length = 8
        elif kind == Wire.FIXED32:
            length = 4
        elif kind == Wire.VARINT:
            length = read_varint(data, place, end)[1] - place
        else:
            raise BadPayload(f"protobuf: wire type {kind} is not known")
        if number == 0 or place + length > end:
            raise BadPayload("protobuf: a field is cut short")
        yield number, Wire(kind), place, place + length
        place += length


def signed(number: int) -> int:
    """Return the int64 that a varint of 64 bits stands for."""
    return number - (1 << 64) if number >> 63 else number
