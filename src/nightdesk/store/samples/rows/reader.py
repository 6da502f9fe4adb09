"""Reading a day file: postings say which series, chunks hold their samples; what fails its check is left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from nightdesk.errors import CorruptData
from nightdesk.model.labels import Labels
from nightdesk.model.lru_cache import LruCache
from nightdesk.model.series import EMPTY_REFS, Refs, Times, Values
from nightdesk.seams.samples import Budget
from nightdesk.store.flaws import FLAWS
from nightdesk.store.samples.chunks import chunk
from nightdesk.store.samples.chunks.copies import Copies
from nightdesk.store.samples.chunks.day_file import FileChunks, FilePanel
from nightdesk.store.samples.chunks.decoded import Decoded
from nightdesk.store.samples.chunks.stamps import read_stamps
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.label_bytes import to_bytes, to_text
from nightdesk.store.samples.matching import union
from nightdesk.store.samples.rows.format import (
    DAY_FILE,
    MAX_SEQUENCE,
    SEQUENCE_BITS,
    decode_ids,
    ranges,
    sound_label,
    sound_series,
)
from nightdesk.store.samples.rows.gathering import Gathered
from nightdesk.store.samples.rows.label_index import LabelIndex
from nightdesk.store.sqlite import Database, Row

_GROUP: Final = 256
"""Series read between two looks at the budget."""
_MAX_CACHED_STAMPS: Final = 64
_MAX_CACHED_LABELS: Final = 20_000
_MAX_CACHED_PAIRS: Final = 4 * 2**20
"""Bytes of names and values of labels."""
_BYTES_A_PAIR: Final = 400
"""What a pair takes beside its texts."""
_LABELS: Final = "SELECT id, name, value, series, crc FROM label"
_FEW_LABELS: Final = "SELECT 1 FROM label LIMIT ?"
_CHUNKS: Final = (
    "SELECT chunk.*"
    " FROM chunk LEFT JOIN stamps ON stamps.id = chunk.stamps"
    " WHERE chunk.id BETWEEN ? AND ? AND (stamps.first <= ? AND stamps.last >= ?"
    " OR stamps.first IS NULL OR stamps.last IS NULL OR stamps.first > stamps.last"
    " OR typeof(stamps.first) || typeof(stamps.last) <> 'integerinteger') ORDER BY chunk.id"
)
"""Chunks without bounds come too: their reading notes the damage, where a mere join would drop them without a word."""

_STRAY: Final = "SELECT id FROM chunk WHERE id >> 20 NOT IN (SELECT id FROM series) LIMIT 100"
_SIZES: Final = (
    f"SELECT id >> 20, total(min(max(CAST(count AS INTEGER), 0), {chunk.MAX_CHUNK_SAMPLES}))"  # noqa: S608 - a number
    " FROM chunk WHERE id BETWEEN ? AND ? GROUP BY id >> 20"
)


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """Samples of one chunk: times strictly ascending, never empty, and values of the same length."""

    times: Times
    values: Values


class DayReader:
    """One day file, open for reading. Safe from several threads; its series are the ids of this file alone."""

    def __init__(self, path: Path, damage: Damage, *, sealed: bool, decoded: Decoded | None = None) -> None:
        """Open a file; a `sealed` one never changes any more, so what is read of it may be kept.

        Raises:
            CorruptData: the file is malformed; `NewerFormat` as everywhere.
        """
        self.path = path
        self._damage = damage
        self._database = Database.read_only(path, DAY_FILE, immutable=sealed)
        self.sealed = sealed
        self._is_indexed = sealed
        self._index: LabelIndex | None = None
        self._decoded = decoded if sealed else None
        self._file = decoded.new_file() if decoded is not None else 0
        self._pairs = LruCache[tuple[str, str]](_MAX_CACHED_PAIRS)
        self._labels: dict[int, Labels] = {}
        self._stamps = LruCache[Times](_MAX_CACHED_STAMPS)

    def all_series(self) -> Refs:
        """Return the ids of all series, sorted."""
        return np.array([row[0] for row in self._database.execute("SELECT id FROM series ORDER BY id")], dtype=np.int64)

    def names(self) -> list[str]:
        """Return all label names, sorted."""
        if index := self._indexed():
            return index.names()
        return sorted({to_text(sound_label(self.path, row)[1]) for row in self._database.execute(_LABELS)})

    def values(self, name: str) -> list[str]:
        """Return the values that a label has."""
        if index := self._indexed():
            return index.values(name)
        rows = self._database.execute(f"{_LABELS} WHERE name = ?", (to_bytes(name),))
        return [to_text(sound_label(self.path, row)[2]) for row in rows]

    def with_values(self, name: str, values: Iterable[str]) -> Refs:
        """Return the ids of the series whose label has one of the values, sorted."""
        if index := self._indexed():
            return index.with_values(name, values)
        found: list[Refs] = []
        for value in values:
            rows = self._database.execute(f"{_LABELS} WHERE name = ? AND value = ?", (to_bytes(name), to_bytes(value)))
            found += [decode_ids(sound_label(self.path, row)[3]) for row in rows]
        return union(found)

    def labels(self, ids: Refs) -> dict[int, Labels]:
        """Return the label sets of series."""
        known = self._labels
        found = {series: known[series] for series in ids.tolist() if series in known}
        if len(found) == len(ids):
            return found
        for low, high in ranges(ids):
            for series, row, crc in self._database.execute(
                "SELECT * FROM series WHERE id BETWEEN ? AND ?", (low, high)
            ):
                labels = sound_series(self.path, series, row, crc)
                found[series] = Labels(self._pair(label) for label in labels.tolist())
        if len(known) + len(found) <= _MAX_CACHED_LABELS:
            known.update(found)
        return found

    def panels(self, ids: Refs, start: int, end: int, budget: Budget) -> Iterator[FilePanel]:
        """Yield samples in [start, end], in the order of writing within each series; none is empty."""
        return self._panels(self._rows(ids, start, end, budget), start, end, budget)

    def summarised(self, ids: Refs, start: int, end: int, budget: Budget) -> Iterator[FileChunks | FilePanel]:
        """Yield the same samples, none by a summary: sums in rows lack what rounding lost."""
        return self.panels(ids, start, end, budget)

    def sizes(self, ids: Refs) -> dict[int, int]:
        """Return how many samples series have; rough where rows are damaged."""
        found: dict[int, int] = {}
        for low, high in ranges(ids):
            rows = self._database.execute(_SIZES, (low << SEQUENCE_BITS, (high << SEQUENCE_BITS) + MAX_SEQUENCE))
            found.update((series, int(size)) for series, size in rows if isinstance(series, int))
        return found

    def copyable(self, _ids: Refs) -> Refs:
        """Return which series `copies` gives whole: none, rows are compressed for a short time."""
        return EMPTY_REFS

    def copies(self, _ids: Refs, _budget: Budget) -> Iterator[Copies]:
        """Yield nothing."""
        return iter(())

    def prove(self) -> None:
        """Check the file's structure as a whole, since rows that a damaged page hides are missed by nobody.

        Chunks of no series are noted: no question would ever come to them.

        Raises:
            CorruptData: with the first flaw.
        """
        for flaw in self._database.damage()[:1]:
            raise CorruptData(f"{self.path} is damaged: {flaw.splitlines()[-1]}")
        for (chunk_id,) in self._database.execute(_STRAY):
            self._damage.note(f"{self.path.name} chunk {chunk_id}", "it is of no series")

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _rows(self, ids: Refs, start: int, end: int, budget: Budget) -> Iterator[tuple[int, Row]]:
        """Yield (series, row of `chunk`) of what may hold samples in [start, end]; nothing in a row is checked yet."""
        for group in np.split(ids, range(_GROUP, len(ids), _GROUP)):
            wanted = set(group.tolist())
            for low, high in ranges(group):
                budget.check()
                key_range = (low << SEQUENCE_BITS, (high << SEQUENCE_BITS) + MAX_SEQUENCE)
                for row in self._database.execute(_CHUNKS, (*key_range, end, start)):
                    if isinstance(row[0], int) and row[0] >> SEQUENCE_BITS in wanted:
                        yield row[0] >> SEQUENCE_BITS, row

    def _panels(self, rows: Iterable[tuple[int, Row]], start: int, end: int, budget: Budget) -> Iterator[FilePanel]:
        gathered = Gathered[_Samples]()
        for series, stamps, samples in self._decoded_rows(rows, start, end, budget):
            gathered.add(series, stamps, samples)
        for _, members, found in gathered.groups():
            yield FilePanel(members, found[0].times, np.stack([each.values for each in found]))

    def _decoded_rows(
        self, rows: Iterable[tuple[int, Row]], start: int, end: int, budget: Budget
    ) -> Iterator[tuple[int, int, _Samples]]:
        """Yield (series, stamps, samples) of sound rows; damaged ones are noted and passed over."""
        windows: dict[int, tuple[slice, Times] | None] = {}
        for series, row in rows:
            samples = self._samples(row, start, end, windows)
            if samples is not None:
                budget.charge(len(samples.times))
                yield series, row[1], samples

    def _samples(
        self, row: Row, start: int, end: int, windows: dict[int, tuple[slice, Times] | None]
    ) -> _Samples | None:
        row_id, stamps = row[:2]
        try:
            if stamps not in windows:
                windows[stamps] = _window(self._times(stamps), start, end)
            window = windows[stamps]
            if window is None:
                return None
            values = self._decoded.get(self._file, row_id) if self._decoded is not None else None
            if values is None:
                values = self._values_of(row)
        except FLAWS as error:
            self._damage.note(f"{self.path.name} chunk {row_id}", str(error))
            return None
        piece, times = window
        # A copy, where little is wanted: a view would keep the whole chunk in memory.
        return _Samples(times, values[piece] if 2 * len(times) > len(values) else values[piece].copy())

    def _values_of(self, row: Row) -> Values:
        """Check and decode a chunk. Raises one of `FLAWS` where it is damaged."""
        row_id, stamps, count, *summary, version, crc, body = row
        if chunk.checksum(row_id, stamps, count, summary, version, body) != crc:
            raise CorruptData("the chunk fails its check")
        if count != len(self._times(stamps)):
            raise CorruptData("the chunk has more or fewer values than times")
        values = chunk.decode_values(version, body, count)
        if self._decoded is not None:
            self._decoded.put(self._file, row_id, values)
        return values

    def _indexed(self) -> LabelIndex | None:
        """Return the labels in memory, for a file that never changes and has not too many."""
        if self._index is None and self._is_indexed:
            few = len(self._database.execute(_FEW_LABELS, (_MAX_CACHED_LABELS + 1,))) <= _MAX_CACHED_LABELS
            self._is_indexed = few
            if few:
                self._index = LabelIndex(self.path, self._database.execute(_LABELS))
        return self._index

    def _times(self, stamps: int) -> Times:
        known = self._stamps.get(stamps)
        if known is not None:
            return known
        times = read_stamps(self._database, stamps)
        self._stamps.put(stamps, times, 1)
        return times

    def _pair(self, label: int) -> tuple[str, str]:
        known = self._pairs.get(label)
        if known is None:
            rows = self._database.execute(f"{_LABELS} WHERE id = ?", (label,))
            if not rows:
                raise CorruptData(f"{self.path} is damaged: label {label} is missing")
            _, name, value, _, _ = sound_label(self.path, rows[0])
            known = to_text(name), to_text(value)
            self._pairs.put(label, known, _BYTES_A_PAIR + len(name) + len(value))
        return known


def _window(times: Times, start: int, end: int) -> tuple[slice, Times] | None:
    """Return which rows lie in [start, end] and their times, None if none does."""
    low, high = int(np.searchsorted(times, start, "left")), int(np.searchsorted(times, end, "right"))
    return (slice(low, high), times[low:high]) if low < high else None
