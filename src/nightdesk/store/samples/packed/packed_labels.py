"""The labels of a packed file: which series there are, and what they are called, read block by block."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from nightdesk.errors import CorruptData
from nightdesk.model.labels import Labels
from nightdesk.model.lru_cache import LruCache
from nightdesk.model.series import Refs
from nightdesk.store.samples.matching import union
from nightdesk.store.samples.packed.label_block import LabelBlock
from nightdesk.store.samples.packed.pack_format import labels_checksum
from nightdesk.store.sqlite import Database


class PackedLabels:
    """Answers what postings are asked. Safe from several threads; what is read is kept elsewhere, within its bound."""

    def __init__(self, path: Path, database: Database, kept: LruCache[LabelBlock], file: int) -> None:
        """Check all blocks, and remember where each begins; `file` tells the files that share `kept` apart.

        Raises:
            CorruptData: a block fails its check or is missing.
        """
        self._path, self._database, self._kept, self._file = path, database, kept, file
        self.count = 0
        firsts = []
        for first, count, crc, body in database.execute("SELECT first, count, crc, body FROM labels ORDER BY first"):
            is_typed = isinstance(first, int) and isinstance(count, int) and isinstance(body, bytes)
            if not is_typed or first != self.count or count < 1 or labels_checksum(first, count, body) != crc:
                raise CorruptData(f"{path} is damaged: the labels from series {self.count} on fail their check")
            firsts.append(first)
            self.count += count
        self._firsts = np.array(firsts, dtype=np.int64)

    def names(self) -> list[str]:
        """Return all label names, sorted."""
        return sorted({name for block in self._blocks() for name in block.names()})

    def values(self, name: str) -> list[str]:
        """Return the values that a label has; the same list again where one block holds all series."""
        if len(self._firsts) == 1:
            return self._block(0).values(name)
        return list(dict.fromkeys(itertools.chain.from_iterable(block.values(name) for block in self._blocks())))

    def with_values(self, name: str, values: Iterable[str]) -> Refs:
        """Return the ids of the series whose label has one of the values, sorted."""
        asked = list(values)
        return union([found for block in self._blocks() for found in block.with_values(name, asked)])

    def labels(self, ids: Refs) -> dict[int, Labels]:
        """Return the label sets of series, given sorted."""
        found: dict[int, Labels] = {}
        blocks = self._firsts.searchsorted(ids, "right") - 1
        for number in np.unique(blocks).tolist():
            found.update(self._block(number).labels(ids[blocks == number]))
        return found

    def _blocks(self) -> Iterator[LabelBlock]:
        return map(self._block, range(len(self._firsts)))

    def _block(self, number: int) -> LabelBlock:
        key = (self._file, number)
        block = self._kept.get(key)
        if block is None:
            first = int(self._firsts[number])
            ((count, crc, body),) = self._database.execute(
                "SELECT count, crc, body FROM labels WHERE first = ?", (first,)
            )
            if labels_checksum(first, count, body) != crc:
                raise CorruptData(f"{self._path} is damaged: the labels from series {first} on fail their check")
            block = LabelBlock(first, count, body)
            self._kept.put(key, block, block.nbytes)
        return block
