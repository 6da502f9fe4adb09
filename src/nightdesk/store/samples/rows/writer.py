"""Writing a day file of rows: series get ids and postings, equal times are stored once, values become chunks."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from nightdesk.errors import CorruptData, StoreError
from nightdesk.model.labels import Labels
from nightdesk.model.series import Times, Values
from nightdesk.store.disk_reserve import demand_disk
from nightdesk.store.samples.chunks import chunk
from nightdesk.store.samples.chunks.stamps import StampsWriter
from nightdesk.store.samples.label_bytes import to_bytes, to_text
from nightdesk.store.samples.rows.format import (
    DAY_FILE,
    MAX_SEQUENCE,
    SEQUENCE_BITS,
    decode_ids,
    encode_ids,
    label_checksum,
    ranges,
    series_checksum,
    sound_label,
    sound_series,
)
from nightdesk.store.sqlite import Database, Row, sync_file

_FLUSH_ROWS: Final = 512
_ROW_BYTES: Final = 64
"""What a chunk takes beside its body: measured 49."""
_SERIES_BYTES: Final = 160
"""What a new series takes with its labels: measured 98 with three of them, 156 with nine."""
_HIGHEST: Final = "SELECT max(id) FROM chunk WHERE id BETWEEN ? AND ? GROUP BY id >> 20"
_INSERT_CHUNK: Final = "INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class DayWriter:
    """One transaction on one day file: `add` series after series, then `finish`, or `abandon` to change nothing."""

    def __init__(self, database: Database) -> None:
        """Learn what the file holds and begin."""
        self._database = database
        self._labels: dict[tuple[str, str], int] = {}
        self._postings: dict[int, list[int]] = {}
        self._changed: set[int] = set()
        self._series: dict[Labels, int] = {}
        self._sequences: dict[int, int] = {}
        self._chunks: list[Row] = []
        self._logged = 0
        """Bytes that lie in the log of a supplement and need their room again when it is folded in."""
        try:
            self._learn()
            self._flushed_series = len(self._series)
            """Series that were there before, or whose room was asked for."""
            ((next_stamps,),) = database.execute("SELECT coalesce(max(id), 0) + 1 FROM stamps")
            self._stamps = StampsWriter(database, next_stamps)
            database.begin()
        except BaseException:
            database.close()
            raise

    @classmethod
    def supplement(cls, path: Path) -> "DayWriter":
        """Open or make the file that takes a day's newly sealed chunks; readers go on meanwhile."""
        return cls(Database(path, DAY_FILE))

    @property
    def path(self) -> Path:
        """The file that is written."""
        return self._database.path

    def add(self, labels: Sequence[Labels], times: Times, values: Values) -> None:
        """Store samples of (series x instants), times strictly ascending; later chunks win over earlier ones."""
        series = [self._series_id(each) for each in labels]
        self._learn_sequences(series)
        for low in range(0, len(times), chunk.MAX_CHUNK_SAMPLES):
            piece = slice(low, low + chunk.MAX_CHUNK_SAMPLES)
            self._add_chunks(series, self._stamps.id_of(times[piece]), np.ascontiguousarray(values[:, piece]))
        if len(self._chunks) >= _FLUSH_ROWS:
            self._flush()

    def finish(self) -> None:
        """Make everything added durable, and close the file."""
        self._flush()
        self._write_labels()
        self._database.commit()
        self._database.close()
        sync_file(self._database.path)

    def abandon(self) -> None:
        """Take everything back and close the file."""
        try:
            self._database.roll_back()
        finally:
            self._database.close()

    def _learn(self) -> None:
        names: dict[int, tuple[str, str]] = {}
        file = self._database.path
        for row in self._database.execute("SELECT id, name, value, series, crc FROM label"):
            label, name, value, series, _ = sound_label(file, row)
            names[label] = (to_text(name), to_text(value))
            self._labels[names[label]] = label
            self._postings[label] = decode_ids(series).tolist()
        for series, labels, crc in self._database.execute("SELECT id, labels, crc FROM series"):
            ids = sound_series(file, series, labels, crc).tolist()
            if not names.keys() >= set(ids):
                raise CorruptData(f"{file} is damaged: labels of series {series} are missing")
            self._series[Labels(names[label] for label in ids)] = series

    def _series_id(self, labels: Labels) -> int:
        known = self._series.get(labels)
        if known is not None:
            return known
        series = len(self._series) + 1
        self._series[labels] = series
        row = encode_ids(self._label_id(pair, series) for pair in labels)
        self._database.execute("INSERT INTO series VALUES (?, ?, ?)", (series, row, series_checksum(series, row)))
        self._sequences[series] = 0
        return series

    def _label_id(self, pair: tuple[str, str], series: int) -> int:
        label = self._labels.setdefault(pair, len(self._labels) + 1)
        self._postings.setdefault(label, []).append(series)
        self._changed.add(label)
        return label

    def _add_chunks(self, series: Sequence[int], stamps: int, values: Values) -> None:
        """Store one chunk of each series."""
        count = values.shape[1]
        for each, row, told in zip(series, values, chunk.summaries(values), strict=True):
            row_id = self._next_chunk(each)
            version, body = chunk.encode_values(row)
            crc = chunk.checksum(row_id, stamps, count, told, version, body)
            self._chunks.append((row_id, stamps, count, *told, version, crc, body))

    def _learn_sequences(self, series: Sequence[int]) -> None:
        """Find the next number of a chunk of each series, of those that lie side by side in one go."""
        unknown = np.array(sorted(each for each in series if each not in self._sequences), dtype=np.int64)
        found: dict[int, int] = {}
        for low, high in ranges(unknown):
            keys = (low << SEQUENCE_BITS, (high << SEQUENCE_BITS) + MAX_SEQUENCE)
            for (highest,) in self._database.execute(_HIGHEST, keys):
                found[highest >> SEQUENCE_BITS] = (highest & MAX_SEQUENCE) + 1
        self._sequences.update((each, found.get(each, 0)) for each in unknown.tolist())

    def _next_chunk(self, series: int) -> int:
        sequence = self._sequences[series]
        if sequence > MAX_SEQUENCE:
            raise StoreError(f"{self._database.path} has no numbers left for chunks of one series: compact the day")
        self._sequences[series] = sequence + 1
        return (series << SEQUENCE_BITS) + sequence

    def _flush(self) -> None:
        new_series = len(self._series) - self._flushed_series
        waiting = sum(len(row[-1]) + _ROW_BYTES for row in self._chunks) + new_series * _SERIES_BYTES
        self._flushed_series += new_series
        self._logged += waiting
        demand_disk(self._database.path.parent, waiting + self._logged)
        self._database.execute_many(_INSERT_CHUNK, self._chunks)
        self._chunks.clear()

    def _write_labels(self) -> None:
        self._database.execute_many("INSERT OR REPLACE INTO label VALUES (?, ?, ?, ?, ?)", self._changed_labels())

    def _changed_labels(self) -> Iterable[Row]:
        for (name, value), label in self._labels.items():
            if label in self._changed:
                name_bytes, value_bytes = to_bytes(name), to_bytes(value)
                series = encode_ids(self._postings[label])
                crc = label_checksum(label, name_bytes, value_bytes, series)
                yield label, name_bytes, value_bytes, series, crc
