"""One journal entry as bytes: the batches of one commit as columns under one checksum (docs/format/journal.md)."""

import struct
from collections.abc import Sequence
from typing import Final

import numpy as np
from crc32c import crc32c

from nightdesk.errors import CorruptData
from nightdesk.model.series import Batch

_VERSION: Final = 1
_HEADER: Final = struct.Struct("<B3xIII")
"""Version, samples, stretches of equal time, CRC32C of all that follows."""


def encode_entry(batches: Sequence[Batch]) -> bytes:
    """Write batches end to end: references uint32, times as stretches (lengths uint32, times int64), values float64."""
    refs = np.concatenate([batch.refs for batch in batches])
    times = np.concatenate([batch.times for batch in batches])
    values = np.concatenate([batch.values for batch in batches])
    begins = np.flatnonzero(np.append(True, times[1:] != times[:-1]))
    lengths = np.diff(np.append(begins, len(times)))
    body = b"".join(
        (
            refs.astype("<u4").tobytes(),
            lengths.astype("<u4").tobytes(),
            times[begins].astype("<i8", copy=False).tobytes(),
            values.astype("<f8", copy=False).tobytes(),
        )
    )
    return _HEADER.pack(_VERSION, len(refs), len(begins), crc32c(body)) + body


def entry_refs(data: bytes) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    """Return the references of an entry without checking the rest; empty where it is too short."""
    if len(data) < _HEADER.size:
        return np.empty(0, dtype=np.uint32)
    _, samples, _, _ = _HEADER.unpack_from(data)
    return np.frombuffer(data, "<u4", min(samples, (len(data) - _HEADER.size) // 4), _HEADER.size)


def decode_entry(data: bytes) -> Batch:
    """Read what `encode_entry` wrote, as one batch. Raises CorruptData for a failed checksum or unknown version."""
    if len(data) < _HEADER.size:
        raise CorruptData("a journal entry ends in the middle")
    version, samples, stretches, checksum = _HEADER.unpack_from(data)
    body = data[_HEADER.size :]
    if version != _VERSION or len(body) != 12 * samples + 12 * stretches or crc32c(body) != checksum:
        raise CorruptData("a journal entry fails its check")
    refs = np.frombuffer(body, "<u4", samples, 0).astype(np.int64)
    lengths = np.frombuffer(body, "<u4", stretches, 4 * samples)
    starts = np.frombuffer(body, "<i8", stretches, 4 * (samples + stretches))
    values = np.frombuffer(body, "<f8", samples, 4 * samples + 12 * stretches)
    return Batch(refs, np.repeat(starts, lengths).astype(np.int64), values.astype(np.float64))
