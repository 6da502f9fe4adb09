"""Tombstones: deletions that are durable and hidden from every read, and still to be cleaned out of the files.

The file is made with the first deletion, and a desk that never deletes has none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from crc32c import crc32c

from nightdesk.errors import CorruptData, Overloaded
from nightdesk.model.series import Batch
from nightdesk.store.samples.chunks.day_file import DayFile
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.deletion.deletion import (
    Deletion,
    Selector,
    batch_without,
    read_selectors,
    write_selectors,
)
from nightdesk.store.samples.deletion.masked_day_file import MaskedDayFile
from nightdesk.store.samples.matching import PostingsSource
from nightdesk.store.set_aside import name_aside
from nightdesk.store.sqlite import Database, FileFormat, Row, move_database
from nightdesk.store.sqlite_header import mended

JournalFilter = Callable[[int, Batch], Batch]
"""Returns the batch of a journal entry, given with its number, without what was deleted of it."""

MOST_PENDING: Final = 100
"""Every read of an old day file asks each tombstone."""

TOMBSTONES: Final = FileFormat(
    noun="file of deletions",
    application_id=0x4E444458,
    migrations=(
        (
            """CREATE TABLE deletion (id INTEGER PRIMARY KEY AUTOINCREMENT, selectors TEXT NOT NULL,
                first INTEGER NOT NULL, last INTEGER NOT NULL, journal_end INTEGER NOT NULL,
                last_file INTEGER NOT NULL, crc INTEGER NOT NULL)""",
            """CREATE TABLE settled (deletion INTEGER NOT NULL REFERENCES deletion (id) ON DELETE CASCADE,
                day INTEGER NOT NULL, PRIMARY KEY (deletion, day)) WITHOUT ROWID""",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A deletion that is not cleaned out of every file yet."""

    deletion: Deletion
    settled: frozenset[int] = frozenset()
    """Days whose files have been rewritten, or hold nothing of it."""

    def masks(self, day: int, file: int) -> bool:
        """Tell whether it masks samples of a day's file with this number."""
        deletion = self.deletion
        return file <= deletion.last_file and deletion.touches(day) and day not in self.settled

    def with_settled(self, day: int) -> Self:
        """Return it with one more day done."""
        return type(self)(self.deletion, self.settled | {day})


class Tombstones:
    """The tombstones of a store. One thread at a time changes them; any may read."""

    def __init__(self, path: Path, damage: Damage) -> None:
        """Read the tombstones; a malformed file is set aside and reported: what it masked shows again."""
        self._path, self._damage = path, damage
        self._database: Database | None = None
        self._pending: tuple[Tombstone, ...] = ()
        self.last_file = 0
        """Day files up to this number take nothing new: a deletion goes by what they held."""
        if path.exists():
            try:
                self._pending = self._read_or_mended()
            except CorruptData as error:
                self._set_aside(error)
        self._look()

    @property
    def pending(self) -> tuple[Tombstone, ...]:
        """What is not cleaned out of every file yet, oldest first."""
        return self._pending

    def add(self, selectors: Sequence[Selector], start: int, end: int, *, journal_end: int, last_file: int) -> Deletion:
        """Note a deletion; it is durable when this returns, and masks its samples from the next read on.

        Raises:
            Overloaded: too many wait already.
            DataFolderFull: no room to note it.
        """
        self.demand_turn()
        text = write_selectors(selectors)
        database = self._opened()
        with database.transaction():
            ((number,),) = database.execute(
                "INSERT INTO deletion (selectors, first, last, journal_end, last_file, crc)"
                " VALUES (?, ?, ?, ?, ?, 0) RETURNING id",
                (text, start, end, journal_end, last_file),
            )
            crc = _checksum((number, text, start, end, journal_end, last_file))
            database.execute("UPDATE deletion SET crc = ? WHERE id = ?", (crc, number))
        deletion = Deletion(number, tuple(selectors), start, end, journal_end, last_file)
        self._pending = (*self._pending, Tombstone(deletion))
        self._look()
        return deletion

    def demand_turn(self) -> None:
        """Raise Overloaded where no further deletion can wait."""
        if len(self._pending) >= MOST_PENDING:
            raise Overloaded(f"{len(self._pending)} deletions wait to be carried out: try again later")

    def settle(self, numbers: Sequence[int], day: int) -> None:
        """Note that the files of a day hold nothing of these deletions any more."""
        self._opened().execute_many("INSERT OR IGNORE INTO settled VALUES (?, ?)", ((each, day) for each in numbers))
        self._pending = tuple(
            each.with_settled(day) if each.deletion.number in numbers else each for each in self._pending
        )

    def drop(self, number: int) -> None:
        """Forget a deletion that is cleaned out of every file."""
        self._opened().execute("DELETE FROM deletion WHERE id = ?", (number,))
        self._pending = tuple(each for each in self._pending if each.deletion.number != number)
        self._look()

    def agree_with(self, journal_end: int) -> None:
        """Compare with the last number that the journal ever gave: one that ends earlier is a new one.

        Its entries came after every deletion, whatever numbers they bear.
        """
        stale = [each.deletion for each in self._pending if each.deletion.journal_end > journal_end]
        for old in stale:
            crc = _checksum((old.number, write_selectors(old.selectors), old.start, old.end, 0, old.last_file))
            self._opened().execute("UPDATE deletion SET journal_end = 0, crc = ? WHERE id = ?", (crc, old.number))
        if stale:
            self._pending = read_tombstones(self._opened())

    def masked(self, day: int, number: int, file: DayFile) -> DayFile:
        """Return a day's file without what tombstones mask of it."""
        masking = [each.deletion for each in self._pending if each.masks(day, number)]
        return MaskedDayFile(file, day, masking) if masking else file

    def masking(self, day: int, number: int) -> list[int]:
        """Return the numbers of the tombstones that mask something of a day's file."""
        return [each.deletion.number for each in self._pending if each.masks(day, number)]

    def journal_filter(self, source: PostingsSource) -> JournalFilter:
        """Return what takes deleted samples out of journal entries; `source` has the journal's references."""
        chosen = [(each.deletion, each.deletion.chosen(source)) for each in self._pending]

        def left_of(entry: int, batch: Batch) -> Batch:
            for deletion, refs in chosen:
                if entry <= deletion.journal_end:
                    batch = batch_without(batch, refs, deletion.start, deletion.end)
            return batch

        return left_of

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _opened(self) -> Database:
        if self._database is None:
            self._database = Database(self._path, TOMBSTONES)
        return self._database

    def _read_or_mended(self) -> tuple[Tombstone, ...]:
        try:
            return read_tombstones(self._opened())
        except CorruptData as error:
            self.close()
            wrong = mended(self._path, TOMBSTONES)
            if not wrong:
                raise
            self._damage.note(self._path.name, f"{error}; bytes {wrong} of its header were wrong and are mended")
        return read_tombstones(self._opened())

    def _look(self) -> None:
        self.last_file = max((each.deletion.last_file for each in self._pending), default=0)

    def _set_aside(self, error: CorruptData) -> None:
        self.close()
        aside = name_aside(self._path)
        move_database(self._path, aside)
        self._damage.note(self._path.name, f"{error}; kept as {aside.name}, what was deleted last may show again")


def read_tombstones(database: Database) -> tuple[Tombstone, ...]:
    """Return the tombstones of a file of deletions, oldest first. Raises CorruptData where a row fails its check."""
    settled: dict[int, set[int]] = {}
    for number, day in database.execute("SELECT deletion, day FROM settled"):
        if not isinstance(number, int) or not isinstance(day, int):
            raise CorruptData(f"{database.path} is damaged: a day that deletion {number!r} has settled is {day!r}")
        settled.setdefault(number, set()).add(day)
    rows = database.execute("SELECT id, selectors, first, last, journal_end, last_file, crc FROM deletion ORDER BY id")
    return tuple(Tombstone(_sound(row), frozenset(settled.get(row[0], ()))) for row in rows)


def _sound(row: Row) -> Deletion:
    *fields, crc = row
    number, text, start, end, journal_end, last_file = fields
    # A flipped bit can change a column's type, so that has to be looked at first.
    numbers = (number, start, end, journal_end, last_file)
    if not isinstance(text, str) or not all(isinstance(each, int) for each in numbers) or _checksum(fields) != crc:
        raise CorruptData(f"deletion {number} fails its check")
    return Deletion(number, read_selectors(text), start, end, journal_end, last_file)


def _checksum(fields: Sequence[int | str]) -> int:
    """Return the CRC32C over the fields of a deletion, each on a line of its own."""
    return int(crc32c("\n".join(map(str, fields)).encode()))
