"""Unpacking bodies under a cap, so that no body grows past it: a bomb is refused, never held."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import cramjam

from nightdesk.errors import BadPayload, PayloadTooLarge

MOST_UNPACKED: Final = 64 * 1024 * 1024
"""Bytes a body may unpack to, unless the settings say otherwise."""

_GZIP: Final = 16 + zlib.MAX_WBITS
_PIECE: Final = 1024 * 1024
_MEMBER_PIECE: Final = 16 * 1024
"""Bytes of a gzip body that its decoder is given at once: what a member leaves over is copied for the next one."""
_MOST_MEMBERS: Final = 10_000
"""Members of one gzip body. Logs that were rotated together have some; half a million of a byte each are an attack."""
_SNAPPY_MOST: Final = 64 / 3
"""The best that snappy can do: a copy of three bytes yields at most sixty-four."""
_VARINT_BYTES: Final = 5


def unpack(body: bytes, encoding: str, most: int = MOST_UNPACKED) -> bytes:
    """Unpack a body by the word of its Content-Encoding: empty, identity, gzip, zstd or snappy.

    Raises:
        PayloadTooLarge: it would be more than `most` bytes.
        BadPayload: it is not what it says, or the encoding is not known.
    """
    word = encoding.strip().lower()
    if word in ("", "identity"):
        if len(body) > most:
            raise _too_large(most)
        return body
    if word in ("gzip", "x-gzip"):
        return _gunzip(body, most)
    if word == "zstd":
        return _unzstd(body, most)
    if word == "snappy":
        return unsnap(body, most)
    raise BadPayload(f"Content-Encoding {encoding!r} is not known; send gzip, zstd, snappy or none")


@contextmanager
def cap_of_pushes() -> Iterator[None]:
    """Name, where a body that somebody sent is too large unpacked, the setting that holds it and what helps."""
    try:
        yield
    except PayloadTooLarge as error:
        raise PayloadTooLarge(f"{error}: the setting limits.decompressed_bytes; send it in parts") from error


def unsnap(body: bytes, most: int = MOST_UNPACKED) -> bytes:
    """Unpack one snappy block.

    The length it declares is judged before the decoder sees it: the decoder reserves that much at once, and a body of
    15 bytes that declares 4 GiB ends the process.

    Raises:
        PayloadTooLarge: it declares more than `most` bytes.
        BadPayload: it is no snappy block, or declares more than its bytes could ever yield.
    """
    declared_size(body, most)
    try:
        return bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError as error:
        raise BadPayload(str(error)) from error


def declared_size(body: bytes, most: int) -> int:
    """Return the length that a snappy block declares; raises as `unsnap` does."""
    declared = _declared(body)
    if declared > most:
        raise _too_large(most)
    if declared > len(body) * _SNAPPY_MOST:
        raise BadPayload("snappy: the body declares more bytes than it can hold")
    return declared


def _declared(body: bytes) -> int:
    length = 0
    for place, byte in enumerate(body[:_VARINT_BYTES]):
        length |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return length
    raise BadPayload("snappy: the body does not begin with its length")


def _gunzip(body: bytes, most: int) -> bytes:
    if not body:
        raise BadPayload("gzip: the body is empty")
    out, view, place = bytearray(), memoryview(body), 0
    # Several members in a row are one body (RFC 1952).
    for _ in range(_MOST_MEMBERS):
        place = _add_member(out, view, place, most)
        if place == len(body):
            return bytes(out)
    raise BadPayload(f"gzip: the body has more than {_MOST_MEMBERS} members")


def _add_member(out: bytearray, body: memoryview, place: int, most: int) -> int:
    """Unpack the gzip member that begins at `place`, and return where the next one would begin."""
    member = zlib.decompressobj(_GZIP)
    while not member.eof:
        given = body[place : place + _MEMBER_PIECE]
        try:
            piece = member.decompress(given, min(_PIECE, most - len(out) + 1))
        except zlib.error as error:
            raise BadPayload(f"gzip: {error}") from error
        place += len(given) - len(member.unconsumed_tail) - len(member.unused_data)
        out += piece
        if len(out) > most:
            raise _too_large(most)
        if not given and not piece and not member.eof:
            raise BadPayload("gzip: the body ends too early")
    return place


def _unzstd(body: bytes, most: int) -> bytes:
    # A frame need not declare its size, so a buffer of the right size is tried and doubled up to the cap; the
    # decoder fails where it is too small, and never writes past it.
    size = min(most, max(_PIECE, 8 * len(body)))
    while True:
        room = bytearray(size)
        try:
            return bytes(memoryview(room)[: cramjam.zstd.decompress_into(body, room)])
        except cramjam.DecompressionError as error:
            if "whole buffer" not in str(error):
                raise BadPayload(f"zstd: {error}") from error
        if size >= most:
            raise _too_large(most)
        size = min(most, 4 * size)


def _too_large(most: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"the body is more than {most} bytes once unpacked")
