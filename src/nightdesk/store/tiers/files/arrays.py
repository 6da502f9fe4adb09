"""Arrays as bytes: several of them one after the other, numbers by pcodec, marks as bits by zstd."""

import struct
from collections.abc import Sequence
from typing import Any, Final

import cramjam
import numpy as np
from numpy.typing import NDArray
from pcodec import ChunkConfig, standalone

from nightdesk.errors import CorruptData

Array = NDArray[Any]
_PIECE: Final = struct.Struct("<BII")
_MARKS: Final = 0
_KINDS: Final[dict[int, np.dtype[Any]]] = {1: np.dtype(np.float64), 2: np.dtype(np.int64), 3: np.dtype(np.int32)}
_NUMBER_OF: Final = {kind: number for number, kind in _KINDS.items()}
_SMALL: Final = ChunkConfig(compression_level=6)
_ZSTD_LEVEL: Final = 9


def pack(arrays: Sequence[Array]) -> bytes:
    """Write arrays of float64, int64, int32 or bool, each flat: kind, items, bytes (u8, u32, u32), the bytes."""
    pieces: list[bytes] = []
    for array in arrays:
        flat = np.ascontiguousarray(array).ravel()
        number, body = (_MARKS, _squeezed(flat)) if flat.dtype == np.bool_ else (_NUMBER_OF[flat.dtype], _shrunk(flat))
        pieces += (_PIECE.pack(number, len(flat), len(body)), body)
    return b"".join(pieces)


def unpack(data: bytes) -> list[Array]:
    """Read what `pack` wrote. Raises CorruptData where it does not decode."""
    arrays: list[Array] = []
    at = 0
    try:
        while at < len(data):
            number, count, size = _PIECE.unpack_from(data, at)
            at += _PIECE.size
            arrays.append(_array(number, count, data[at : at + size]))
            at += size
    except (struct.error, RuntimeError, ValueError, TypeError, KeyError, cramjam.DecompressionError) as error:
        raise CorruptData(f"packed arrays do not decode: {error}") from error
    return arrays


def _shrunk(flat: Array) -> bytes:
    return bytes(standalone.simple_compress(flat, _SMALL)) if len(flat) else b""


def _squeezed(flat: Array) -> bytes:
    return bytes(cramjam.zstd.compress(np.packbits(flat).tobytes(), level=_ZSTD_LEVEL))


def _array(number: int, count: int, body: bytes) -> Array:
    if number == _MARKS:
        # The bits' number is known, so that a body that claims to unpack to more is not believed.
        room = bytearray((count + 7) // 8)
        found = cramjam.zstd.decompress_into(body, room)
        if found != len(room):
            raise ValueError("marks are missing")
        return np.unpackbits(np.frombuffer(room, np.uint8), count=count).view(np.bool_)
    kind = _KINDS[number]
    array = standalone.simple_decompress(body) if count else np.empty(0, kind)
    if not isinstance(array, np.ndarray) or array.dtype != kind or len(array) != count:
        raise ValueError("an array holds something else than its head says")
    return array
