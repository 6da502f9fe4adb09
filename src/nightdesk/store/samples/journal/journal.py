"""The journal: one SQLite file that stands before all day files; a write is acknowledged after its commit."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np
from crc32c import crc32c

from nightdesk.errors import CorruptData
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.journal.entry import decode_entry, encode_entry, entry_refs
from nightdesk.store.samples.journal.mark import Mark, path_of
from nightdesk.store.samples.journal.renewal import finish_renewal, is_held_up, renewed
from nightdesk.store.samples.label_bytes import decode_labels, encode_labels
from nightdesk.store.sqlite import Database, FileFormat

JOURNAL: Final = FileFormat(
    noun="journal of samples",
    application_id=0x4E444A31,
    migrations=(
        (
            "CREATE TABLE series (ref INTEGER PRIMARY KEY, labels BLOB NOT NULL, crc INTEGER NOT NULL)",
            "CREATE TABLE entry (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL)",
        ),
    ),
)
"""AUTOINCREMENT: the number of a dropped entry is never given to another."""
_LOOK_AFTER_BYTES: Final = 1024 * 1024
"""Entries written between two looks at the length of the log: to look costs as much as a tenth of a small commit."""
_BEFORE_ALL: Final = -(2**63)
_MOST_NUMBER: Final = 2**53
"""A million entries a second for 285 years."""


class Journal:
    """Entries in the order of commits, and the label sets that their references stand for."""

    def __init__(self, path: Path) -> None:
        """Open or make the journal.

        Raises:
            CorruptData: the file is malformed; `NewerFormat` as everywhere.
        """
        finish_renewal(path)
        self._database = Database(path, JOURNAL)
        self._mark: Mark | None = Mark(path_of(path))
        self.bytes = 0
        """Size of the entries that wait to be sealed, known after `measure`."""
        self._unlooked = _LOOK_AFTER_BYTES
        """Bytes of entries since the last look at the length of the log."""

    @classmethod
    def read_only(cls, path: Path) -> Self:
        """Open a journal for reading, beside the desk that writes it or without one. Raises as `Journal` does."""
        journal = cls.__new__(cls)
        journal._database, journal._mark, journal.bytes = Database.read_only(path, JOURNAL), None, 0
        return journal

    def series(self) -> Iterator[tuple[int, Labels | None]]:
        """Yield references, rising, with their labels; None where the row fails its check."""
        for ref, data, checksum in self._database.execute("SELECT ref, labels, crc FROM series ORDER BY ref"):
            _demand_number(ref)
            is_sound = isinstance(data, bytes) and _series_checksum(ref, data) == checksum
            yield ref, decode_labels(data) if is_sound else None

    def entries(self) -> Iterator[tuple[int, Batch | None]]:
        """Yield entry numbers, rising, with their samples; None where the entry fails its check."""
        for number, body in self._bodies():
            try:
                yield number, decode_entry(body)
            except CorruptData:
                yield number, None

    def references(self) -> set[int]:
        """Return the references that entries name; an entry that fails its check may add some."""
        found: set[int] = set()
        for _, body in self._bodies():
            found.update(np.unique(entry_refs(body)).tolist())
        return found

    def missing(self) -> int:
        """Return how many entries are missing at the end: they were durable once."""
        return max(0, self._mark.read() - self.last_number()) if self._mark is not None else 0

    def accept_loss(self) -> None:
        """Go on from what is here: what is missing has been told."""
        if self._mark is not None:
            self._mark.write(self.last_number())

    def last_number(self) -> int:
        """Return the highest number that an entry ever had, 0 before the first.

        Raises:
            CorruptData: it is none that a journal could have come to; entries could get no number after it.
        """
        rows = self._database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entry'")
        ((number,),) = rows or ((0,),)
        _demand_number(number)
        return int(number)

    def first_number(self) -> int | None:
        """Return the number of the oldest entry, None without any."""
        ((number,),) = self._database.execute("SELECT min(id) FROM entry")
        return None if number is None else int(number)

    def size(self) -> int:
        """Return the bytes that the file and its log take on the disk."""
        path = self._database.path
        files = (path, path.with_name(f"{path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def measure(self) -> None:
        """Take the size of the entries."""
        ((size,),) = self._database.execute("SELECT coalesce(sum(length(body)), 0) FROM entry")
        self.bytes = int(size)

    def write(self, series: Iterable[tuple[int, Labels]], batches: Sequence[Batch]) -> int:
        """Store new series and one entry in one transaction; durable when it returns its number (0 for no samples).

        Raises:
            DataFolderFull: nothing was stored.
        """
        coded = [(ref, encode_labels(labels)) for ref, labels in series]
        named = [(ref, data, _series_checksum(ref, data)) for ref, data in coded]
        with self._database.transaction():
            if named:
                self._database.execute_many("INSERT OR REPLACE INTO series VALUES (?, ?, ?)", named)
            if not batches:
                return 0
            body = encode_entry(batches)
            ((number,),) = self._database.execute("INSERT INTO entry (body) VALUES (?) RETURNING id", (body,))
        self.bytes += len(body)
        self._unlooked += len(body)
        if self._mark is not None:
            self._mark.write(int(number))
        return int(number)

    def drop_through(self, number: int) -> None:
        """Forget the entries up to and with this one: day files hold them."""
        self._database.execute("DELETE FROM entry WHERE id <= ?", (number,))
        self.measure()

    def forget_series(self, refs: Iterable[int]) -> None:
        """Forget series that no entry names."""
        self._database.execute_many("DELETE FROM series WHERE ref = ?", ((ref,) for ref in refs))

    def forget_all_series(self) -> None:
        """Forget all series; right only without entries."""
        self._database.execute("DELETE FROM series")

    def relieve(self) -> bool:
        """Go on in a fresh file where a reader elsewhere lets the log grow without end; return whether it was so.

        Raises:
            DataFolderFull: there is no room for a copy; the old file goes on.
        """
        if self._unlooked < _LOOK_AFTER_BYTES:
            return False
        self._unlooked = 0
        if not is_held_up(self._database):
            return False
        self._database = renewed(self._database, JOURNAL)
        return True

    def shrink(self) -> None:
        """Give the room of dropped entries back; otherwise the file keeps its largest size, which is bounded."""
        self._database.shrink()

    def close(self) -> None:
        """Close the file."""
        self._database.close()
        if self._mark is not None:
            self._mark.close()

    def _bodies(self) -> Iterator[tuple[int, bytes]]:
        """Yield entries one by one, so that those before a malformed page are had before it is met."""
        number = _BEFORE_ALL
        while rows := self._database.execute("SELECT id, body FROM entry WHERE id > ? ORDER BY id LIMIT 1", (number,)):
            ((found, body),) = rows
            _demand_number(found)
            if found <= number:
                # A damaged tree hands the same key over for ever: SQLite trusts that keys rise.
                raise CorruptData(f"the journal is damaged: its entries go from {number} to {found}")
            number = found
            # A flipped bit can change a column's type; what is no blob fails its check like any other damage.
            yield number, body if isinstance(body, bytes) else b""


def _demand_number(key: object) -> None:
    """Refuse a key that is no number, as a flipped bit can make it, or one that no journal lives to see."""
    if not isinstance(key, int) or key > _MOST_NUMBER:
        raise CorruptData(f"the journal is damaged: a key is {key!r}")


def _series_checksum(ref: int, data: bytes) -> int:
    """Return the CRC32C over a reference and its labels: labels under a foreign reference fail too."""
    return int(crc32c(ref.to_bytes(8, "little", signed=True) + data))
