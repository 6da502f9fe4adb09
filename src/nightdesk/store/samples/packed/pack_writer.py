"""Writing a packed day file: series come in order of their labels, and their chunks are gathered into packs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Final

import numpy as np
from crc32c import crc32c

from nightdesk.model.exact_sums import exact_sums
from nightdesk.model.labels import Labels
from nightdesk.model.series import Refs, Times, Values
from nightdesk.store.disk_reserve import demand_disk
from nightdesk.store.samples.chunks import chunk
from nightdesk.store.samples.chunks.copies import Copies, PackedChunk
from nightdesk.store.samples.chunks.stamps import StampsWriter
from nightdesk.store.samples.packed import bodies
from nightdesk.store.samples.packed.directory import encode_directory
from nightdesk.store.samples.packed.label_block import BLOCK_SERIES, encode_labels_block
from nightdesk.store.samples.packed.pack_format import PACKED, labels_checksum, pack_checksum
from nightdesk.store.sqlite import Database, sync_file

PACK_CHUNKS: Final = 256
MOST_WAITING_BYTES: Final = 8 * 2**20
"""Bodies that wait for their packs to be full; many packs are open at a time where samples come every 0.1 s."""


class PackWriter:
    """Builds one file: `name` series and `add` their samples, group after group, then `finish`, or `abandon`."""

    def __init__(self, path: Path) -> None:
        """Make a file under a name that nobody reads yet."""
        self._database = Database.unlogged(path, PACKED)
        self._labels: list[Labels] = []
        self._series = self._named = self._packs = 0
        self._stamps = StampsWriter(self._database, first_id=0)
        self._header = bodies.header()
        self._open: dict[int, list[PackedChunk]] = {}
        """By the number of the chunk within its series, so that the chunks of a pack lie side by side in time."""
        self._waiting = 0
        try:
            self._database.begin()
        except BaseException:
            self._database.close()
            raise

    @classmethod
    @contextmanager
    def building(cls, path: Path) -> Iterator["PackWriter"]:
        """Give a writer that is finished at the end; of what fails, be it at the first byte, no file is left."""
        try:
            writer = cls(path)
            try:
                yield writer
                writer.finish()
            except BaseException:
                writer.abandon()
                raise
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    @property
    def is_empty(self) -> bool:
        """Whether the file holds no series."""
        return not self._series

    def name(self, labels: Sequence[Labels]) -> Refs:
        """Return the ids of further series, which come in order of their labels."""
        ids = np.arange(self._series, self._series + len(labels), dtype=np.int64)
        self._series += len(labels)
        self._labels += labels
        while len(self._labels) >= BLOCK_SERIES:
            self._write_labels()
        return ids

    def add(self, ids: Refs, times: Times, values: Values) -> None:
        """Store samples of (series x instants), times strictly ascending; each series comes once."""
        for number, low in enumerate(range(0, len(times), chunk.MAX_CHUNK_SAMPLES)):
            piece = slice(low, low + chunk.MAX_CHUNK_SAMPLES)
            self._add_piece(number, ids, times[piece], np.ascontiguousarray(values[:, piece]))

    def copy(self, copies: Sequence[Copies]) -> None:
        """Store all chunks of some series as they are compressed; those of one series come in order of time."""
        numbers: dict[int, int] = {}
        for each in copies:
            stamps = self._stamps.id_of(each.times)
            for series, copied in zip(each.ids.tolist(), each.chunks, strict=True):
                number = numbers.get(series, 0)
                numbers[series] = number + 1
                self._open.setdefault(number, []).append(copied._replace(series=series, stamps=stamps))
                self._waiting += len(copied.body)
        for number in range(max(numbers.values(), default=0)):
            self._write_full(number)

    def finish(self) -> None:
        """Make everything added durable, and close the file."""
        self._write_waiting()
        while self._labels:
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

    def _add_piece(self, number: int, ids: Refs, times: Times, values: Values) -> None:
        stamps, count = self._stamps.id_of(times), len(times)
        first_time, last_time = int(times[0]), int(times[-1])
        page_samples = bodies.page_samples_of(count)
        encoded = bodies.encode_rows(values)
        told = _summaries(values)
        waiting = self._open.setdefault(number, [])
        for series, body, summary in zip(ids.tolist(), encoded, told, strict=True):
            crc = int(crc32c(body.data))
            waiting.append(
                PackedChunk(
                    series, stamps, count, first_time, last_time, page_samples,
                    body.encoding, body.meta, body.pages, crc, body.data, summary,
                )
            )  # fmt: skip
            self._waiting += len(body.data)
        self._write_full(number)

    def _write_full(self, number: int) -> None:
        """Write the packs that are full; all, where more waits than may."""
        waiting = self._open.setdefault(number, [])
        waiting.sort(key=attrgetter("series"))
        while len(waiting) >= PACK_CHUNKS:
            self._write_earlier(number, waiting[PACK_CHUNKS - 1].series)
            self._write_pack(waiting[:PACK_CHUNKS])
            del waiting[:PACK_CHUNKS]
        if self._waiting > MOST_WAITING_BYTES:
            self._write_waiting()

    def _write_earlier(self, number: int, series: int) -> None:
        """Write what waits of earlier chunks of series up to this one: packs of one series are in order of time."""
        earlier = self._open.get(number - 1)
        if earlier and earlier[0].series <= series:
            self._write_earlier(number - 1, earlier[-1].series)
            self._write_pack(earlier)
            earlier.clear()

    def _write_waiting(self) -> None:
        for number in sorted(self._open):
            if waiting := self._open[number]:
                self._write_pack(waiting)
        self._open.clear()

    def _write_pack(self, chunks: Sequence[PackedChunk]) -> None:
        directory, body = encode_directory(self._header, chunks)
        demand_disk(self._database.path.parent, len(directory) + len(body))
        first, last = min(each.first_time for each in chunks), max(each.last_time for each in chunks)
        place = (self._packs, chunks[0].series, chunks[-1].series, first, last)
        crc = pack_checksum(*place, directory)
        self._database.execute("INSERT INTO pack VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*place, crc, directory, body))
        self._packs += 1
        self._waiting -= sum(len(each.body) for each in chunks)

    def _write_labels(self) -> None:
        group, self._labels = self._labels[:BLOCK_SERIES], self._labels[BLOCK_SERIES:]
        body = encode_labels_block(group)
        crc = labels_checksum(self._named, len(group), body)
        self._database.execute("INSERT INTO labels VALUES (?, ?, ?, ?)", (self._named, len(group), crc, body))
        self._named += len(group)


def _summaries(values: Values) -> list[tuple[int, int, int, int, int, int]]:
    """Return the bits of first, last, sum, min, max and loss of each row; without summary, sum, min and max are NaN."""
    totals, losses = exact_sums(values)
    with np.errstate(invalid="ignore"):
        lows, highs = values.min(axis=1), values.max(axis=1)
    # Whether finite values overflow on the way is for their samples to tell.
    lows[np.isinf(totals) & np.isfinite(lows) & np.isfinite(highs)] = np.nan
    totals[np.isnan(lows)] = highs[np.isnan(lows)] = np.nan
    figures = (values[:, 0], values[:, -1], totals, lows, highs, losses)
    return list(zip(*(np.ascontiguousarray(figure).view(np.uint64).tolist() for figure in figures), strict=True))
