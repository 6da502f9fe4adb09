"""The label sets of a tier file: one compressed section, and the postings worked out of it."""

import struct
from collections.abc import Iterable, Sequence
from typing import Final

import cramjam
import numpy as np

from nightdesk.errors import CorruptData
from nightdesk.model.labels import Labels
from nightdesk.model.series import Refs
from nightdesk.store.samples.label_bytes import decode_labels, encode_labels
from nightdesk.store.samples.reading.matching import union

_HEAD: Final = struct.Struct("<II")
_SIZE: Final = struct.Struct("<I")
_ZSTD_LEVEL: Final = 9
_MOST_BYTES: Final = 1 << 30


def encode_section(rows: Sequence[Labels]) -> bytes:
    """Write label sets: their number and bytes (u32 each), then zstd over size (u32) and pairs of each."""
    plain = b"".join(_SIZE.pack(len(body)) + body for body in map(encode_labels, rows))
    return _HEAD.pack(len(rows), len(plain)) + bytes(cramjam.zstd.compress(plain, level=_ZSTD_LEVEL))


def decode_section(data: bytes) -> list[Labels]:
    """Read what `encode_section` wrote. Raises CorruptData."""
    try:
        count, size = _HEAD.unpack_from(data)
        if size > _MOST_BYTES:
            raise CorruptData("the labels of a tier file claim to be larger than any can be")
        room = bytearray(size)
        if cramjam.zstd.decompress_into(data[_HEAD.size :], room) != size:
            raise CorruptData("labels of a tier file are missing")
        rows, at = [], 0
        while at < size:
            (length,) = _SIZE.unpack_from(room, at)
            at += _SIZE.size + length
            rows.append(decode_labels(bytes(room[at - length : at])))
    except (struct.error, cramjam.DecompressionError, UnicodeDecodeError) as error:
        raise CorruptData(f"the labels of a tier file do not decode: {error}") from error
    if len(rows) != count:
        raise CorruptData("labels of a tier file are missing")
    return rows


class LabelSection:
    """Label sets by number, and a PostingsSource over them. Never changes, so any thread may ask and any may keep it.

    Postings of a label name are worked out when it is first asked for: most are never matched on.
    """

    def __init__(self, data: bytes) -> None:
        """Take a section as it is stored. Raises CorruptData."""
        self.rows = decode_section(data)
        self._postings: dict[str, dict[str, Refs]] = {}
        self._numbers: dict[Labels, int] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def everyone(self) -> Refs:
        """Return all numbers."""
        return np.arange(len(self.rows), dtype=np.int64)

    def numbers(self, wanted: Iterable[Labels]) -> Refs:
        """Return the numbers of those label sets that are there, rising."""
        if not self._numbers:
            self._numbers = {labels: row for row, labels in enumerate(self.rows)}
        found = sorted(row for labels in wanted if (row := self._numbers.get(labels)) is not None)
        return np.array(found, dtype=np.int64)

    def values(self, name: str) -> list[str]:
        """Return the values that a label has."""
        return list(self._of(name))

    def with_values(self, name: str, values: Iterable[str]) -> Refs:
        """Return the series whose label has one of the values, sorted."""
        postings = self._of(name)
        return union([postings[value] for value in values if value in postings])

    def _of(self, name: str) -> dict[str, Refs]:
        known = self._postings.get(name)
        if known is None:
            places: dict[str, list[int]] = {}
            for row, labels in enumerate(self.rows):
                if value := labels.get(name):
                    places.setdefault(value, []).append(row)
            known = {value: np.array(rows, dtype=np.int64) for value, rows in places.items()}
            # Two threads may both work it out; what they find is the same.
            self._postings[name] = known
        return known
