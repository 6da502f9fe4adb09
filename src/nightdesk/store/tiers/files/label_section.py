"""The label sets of a tier file: one section of blocks as packed files have them, and the postings worked out of it."""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from nightdesk.errors import CorruptData
from nightdesk.model.labels import Labels
from nightdesk.model.series import Refs
from nightdesk.store.samples.matching import union
from nightdesk.store.samples.packed.label_block import BLOCK_SERIES, LabelBlock, encode_labels_block

_HEAD: Final = struct.Struct("<II")
_BYTES_A_SERIES: Final = 250
"""Of a label set and its places in tuples and dictionaries, without its pairs."""
_BYTES_A_PAIR: Final = 250
"""Of a pair that is met for the first time, with its texts."""
_BYTES_A_PLACE: Final = 16
"""Of a pair in a label set, and of a series in the postings of a name."""

Check = Callable[[], None]
"""Raises what ends a question under way."""


def unhurried() -> None:
    """Let whoever reads take his time."""


def encode_section(rows: Sequence[Labels]) -> bytes:
    """Write label sets in blocks of up to 4,096: series and bytes of the block (u32 each), then the block."""
    pieces: list[bytes] = []
    for low in range(0, len(rows), BLOCK_SERIES):
        some = rows[low : low + BLOCK_SERIES]
        body = encode_labels_block(some)
        pieces += (_HEAD.pack(len(some), len(body)), body)
    return b"".join(pieces)


def _blocks(data: bytes) -> Iterator[tuple[Refs, LabelBlock]]:
    first = at = 0
    try:
        while at < len(data):
            count, size = _HEAD.unpack_from(data, at)
            at += _HEAD.size + size
            block = LabelBlock(first, count, data[at - size : at])
            yield np.arange(first, first + count, dtype=np.int64), block
            first += count
    except (struct.error, ValueError, IndexError) as error:
        raise CorruptData(f"the labels of a tier file do not decode: {error}") from error


class LabelSection:
    """Label sets by number, and a PostingsSource over them. Never changes, so any thread may ask and any may keep it.

    Postings of a label name are worked out when it is first asked for: most are never matched on.
    """

    def __init__(self, data: bytes, check: Check = unhurried) -> None:
        """Take a section as it is stored; `check` is asked before each block. Raises CorruptData, what `check` does."""
        self.rows: list[Labels] = []
        pairs: dict[tuple[str, str], tuple[str, str]] = {}
        places = 0
        for ids, block in _blocks(data):
            check()
            found = dict(block.labels(ids))
            for row in ids.tolist():
                # Series share most of their pairs: each is kept once.
                own = tuple([pairs.setdefault(pair, pair) for pair in found[row].pairs])
                places += len(own)
                self.rows.append(Labels.from_sorted(own))
        self.nbytes = (
            len(data) + _BYTES_A_SERIES * len(self.rows) + _BYTES_A_PAIR * len(pairs) + 2 * _BYTES_A_PLACE * places
        )
        self._postings: dict[str, dict[str, Refs]] = {}
        self._numbers: dict[Labels, int] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def all_series(self) -> Refs:
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
