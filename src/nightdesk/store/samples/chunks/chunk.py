"""A chunk: up to 8,192 values of one series, compressed without loss by pcodec, with its summary and checksum."""

import math
import struct
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from crc32c import crc32c
from pcodec import ChunkConfig, DeltaSpec, standalone

from nightdesk.errors import CorruptData
from nightdesk.model.series import Times, Values

MAX_CHUNK_SAMPLES: Final = 8_192
"""A day at 15 s fits in one; at 1 s a question about an hour decodes 2 h 16 min."""

PCODEC: Final = 1
CONSTANT: Final = 2
"""Every value has the same bits: the body is that one value."""

_PLACE: Final = struct.Struct("<qqIIB5d")
_QUICK = ChunkConfig(compression_level=4, delta_spec=DeltaSpec.try_consecutive(1))
"""For what is written once more when its day is over: to look for the best differences takes as long as the rest."""
_SMALL = ChunkConfig(compression_level=6)


Summary = tuple[float | None, ...]
"""Sum, min, max, first, last: all None if a value is NaN (a stale marker is one), the sum where it has no value."""

_NO_SUMMARY: Final[Summary] = (None,) * 5


def summaries(values: Values) -> Iterator[Summary]:
    """Yield what a question about a whole chunk needs, for each row of (chunks x values)."""
    with np.errstate(invalid="ignore", over="ignore"):
        figures = values.sum(axis=1), values.min(axis=1), values.max(axis=1), values[:, 0], values[:, -1]
    for total, low, high, first, last in zip(*(figure.tolist() for figure in figures), strict=True):
        if math.isnan(low):
            yield _NO_SUMMARY
        else:
            # Infinities of both signs have no sum.
            yield None if math.isnan(total) else total, low, high, first, last


def encode_values(values: Values) -> tuple[int, bytes]:
    """Return the version of the encoding and the body; every bit comes back."""
    bits = values.view(np.uint64)
    if bool((bits == bits[0]).all()):
        return CONSTANT, values[:1].astype("<f8").tobytes()
    return PCODEC, standalone.simple_compress(values, _QUICK)


def decode_values(version: int, body: bytes, count: int) -> Values:
    """Return `count` values. Raises CorruptData for an unknown version or a body that does not decode."""
    if version == CONSTANT and len(body) == np.dtype(np.float64).itemsize:
        return np.full(count, np.frombuffer(body, "<f8")[0])
    return _decompressed(version, body, count, np.dtype(np.float64))


def encode_times(times: Times) -> tuple[int, bytes]:
    """Return the version of the encoding and the body."""
    return PCODEC, standalone.simple_compress(times, _SMALL)


def decode_times(version: int, body: bytes, count: int) -> Times:
    """Return `count` instants. Raises CorruptData for an unknown version or a body that does not decode."""
    return _decompressed(version, body, count, np.dtype(np.int64))


def checksum(owner: int, neighbour: int, count: int, summary: Sequence[float | None], version: int, body: bytes) -> int:
    """Return the CRC32C of a body together with the other columns of its row: a moved row fails too."""
    absent = sum(1 << place for place, field in enumerate(summary) if field is None)
    # Added to 0.0, since SQLite gives -0.0 back as 0.0.
    fields = (0.0 if field is None else field + 0.0 for field in summary)
    return int(crc32c(body, crc32c(_PLACE.pack(owner, neighbour, count, version, absent, *fields))))


def _decompressed(
    version: int, body: bytes, count: int, kind: "np.dtype[np.float64] | np.dtype[np.int64]"
) -> np.ndarray:
    if version != PCODEC:
        raise CorruptData(f"an encoding with version {version} is not known to this release")
    try:
        array = standalone.simple_decompress(body)
    except (RuntimeError, ValueError, TypeError) as error:
        raise CorruptData(f"a compressed body does not decode: {error}") from error
    if not isinstance(array, np.ndarray) or array.dtype != kind or len(array) != count:
        raise CorruptData("a compressed body holds something else than its row says")
    return array
