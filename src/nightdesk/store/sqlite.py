"""The one place that opens SQLite: durability, file modes, format numbers and errors are settled here once.

Every database is opened in WAL mode with `synchronous=FULL`: a transaction that has returned survives kill -9 and power
loss (with NORMAL, a replay of power cuts lost acknowledged commits at 261 of 400 points; with FULL at none).
"""

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from nightdesk.errors import CorruptData, NewerFormat, StoreError
from nightdesk.store.durable import sync_folder
from nightdesk.store.file_format import FileFormat as FileFormat
from nightdesk.store.sqlite_files import connect, make_private
from nightdesk.store.sqlite_files import move_database as move_database
from nightdesk.store.sqlite_files import remove_database as remove_database
from nightdesk.store.sqlite_files import sync_file as sync_file
from nightdesk.store.sqlite_header import format_of_tables, header_damage, is_damaged
from nightdesk.store.sqlite_words import in_our_words as in_our_words

Row = tuple[Any, ...]
Parameters = Sequence[Any]

_LOG_BYTES: Final = 8 * 1024 * 1024


class Database:
    """One SQLite file under one connection. Threads may share it: calls and transactions take turns.

    Raises, from every method:
        DataFolderFull: no space is left; the transaction is rolled back.
        CorruptData: the file is malformed, or is no database of this kind.
        StoreError: any other failure of the file, e.g. another program holds it locked.
    """

    def __init__(self, path: Path, file_format: FileFormat) -> None:
        """Open or make the file (mode 0600) and bring it to the newest format.

        Raises:
            NewerFormat: the file was written by a newer release; it is left as it was.
            CorruptData: it is there and empty: it was cut short, for a file is whole before it bears its name.
        """
        self.path = path
        self._turn = threading.RLock()
        if not path.exists():
            _make_whole(path, file_format)
        with in_our_words(path):
            self._connection = connect(path, "rw")
        try:
            with in_our_words(path):
                self._prepare(file_format)
        except BaseException:
            self._connection.close()
            raise

    @classmethod
    def unlogged(cls, path: Path, file_format: FileFormat) -> "Database":
        """Make a new file that is built in one go: no log, nothing durable before `close` and `sync_file`.

        A crash leaves rubbish, so it is right only under a name that nobody reads yet.
        """
        remove_database(path)
        database = cls.__new__(cls)
        database.path = path
        database._turn = threading.RLock()
        with in_our_words(path):
            make_private(path)
            database._connection = connect(path, "rw")
            try:
                for pragma in (
                    f"page_size = {file_format.page_size}",
                    f"auto_vacuum = {int(file_format.pointer_map)}",
                    "journal_mode = OFF",
                    "synchronous = OFF",
                ):
                    database._connection.execute(f"PRAGMA {pragma}")
                for number in range(file_format.number):
                    database._migrate(file_format, number)
            except BaseException:
                database._connection.close()
                raise
        return database

    @classmethod
    def in_memory(cls, file_format: FileFormat) -> "Database":
        """Make a database that ends with this object; for tests, and for what need not outlive the process."""
        database = cls.__new__(cls)
        database.path = Path(":memory:")
        database._turn = threading.RLock()
        database._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        for number in range(file_format.number):
            database._migrate(file_format, number)
        return database

    @classmethod
    def read_only(cls, path: Path, file_format: FileFormat, *, immutable: bool = False) -> "Database":
        """Open an existing file for reading; `immutable` skips all locking and is right only for a sealed file.

        Raises:
            NewerFormat: the file was written by a newer release.
            StoreError: the file is missing, or older than this release reads without a migration.
        """
        database = cls.__new__(cls)
        database.path = path
        database._turn = threading.RLock()
        with in_our_words(path):
            database._connection = connect(path, "ro", immutable=immutable)
        try:
            with in_our_words(path):
                database._demand_current(file_format)
        except BaseException:
            database._connection.close()
            raise
        return database

    def execute(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Run one statement and return its rows; outside `transaction` a change is durable when this returns.

        To learn what a change touched, use RETURNING.
        """
        with self._turn, in_our_words(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    def slices(self, table: str, column: str, row: int, bounds: Iterable[tuple[int, int]]) -> list[bytes]:
        """Return pieces (begin, end) of one blob without reading the rest of it; shorter where the blob ends before.

        Raises:
            CorruptData: there is no such row, or the value is no blob.
        """
        with self._turn, in_our_words(self.path), self._connection.blobopen(table, column, row, readonly=True) as blob:
            return [_piece(blob, begin, end) for begin, end in bounds]

    def execute_many(self, sql: str, rows: Iterable[Parameters]) -> None:
        """Run one statement for each row of parameters, in one transaction."""
        with self.transaction(), in_our_words(self.path):
            self._connection.executemany(sql, rows)

    @contextmanager
    def transaction(self, *, reading: bool = False) -> Iterator[None]:
        """Make everything inside durable at once, or nothing if an exception leaves; nested uses join the outermost.

        One for `reading` sees everything as of one instant, whatever other connections write meanwhile.
        """
        with self._turn:
            if self._connection.in_transaction:
                yield
                return
            self.begin(reading=reading)
            try:
                yield
                self.commit()
            except BaseException:
                self.roll_back()
                raise

    def begin(self, *, reading: bool = False) -> None:
        """Begin a transaction that outlasts a call; right only where one caller at a time uses the database."""
        with in_our_words(self.path):
            self._connection.execute("BEGIN" if reading else "BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make what happened since `begin` durable."""
        with in_our_words(self.path):
            self._connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Take back what happened since `begin`; nothing to do where a failure (a full disk, say) has done so."""
        if self._connection.in_transaction:
            with in_our_words(self.path):
                self._connection.execute("ROLLBACK")

    def checkpoint(self) -> None:
        """Move what the write-ahead log holds into the file and cut the log to zero, unless a reader is in its way."""
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def shrink(self) -> None:
        """Give the room of deleted rows back to the file system; needs room for a copy of what is left."""
        self.execute("VACUUM")
        self.checkpoint()

    def damage(self) -> list[str]:
        """Check the file's structure and return what is wrong; empty for a sound file. Reads the whole file."""
        return [str(row[0]) for row in self.execute("PRAGMA quick_check(10)") if row[0] != "ok"]

    def close(self) -> None:
        """Close the connection; a transaction that is open is rolled back."""
        with self._turn, in_our_words(self.path):
            self._connection.close()

    def _prepare(self, file_format: FileFormat) -> None:
        """Check the format before anything is written, then set durability and migrate."""
        found = self._checked_format(file_format)
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "fullfsync = 1",
            "foreign_keys = 1",
            # A log that grew behind somebody's reader is cut to this once it begins anew.
            f"journal_size_limit = {_LOG_BYTES}",
            "secure_delete = 0",
        ):
            self._connection.execute(f"PRAGMA {pragma}")
        self._demand_writable(found)
        if found < file_format.number:
            self._leave_copy(found)
        for number in range(found, file_format.number):
            self._migrate(file_format, number)

    def _demand_writable(self, found: int) -> None:
        """Refuse a file that SQLite will not write, as its header names a version that no SQLite has."""
        self._connection.execute("BEGIN")
        try:
            self._connection.execute(f"PRAGMA user_version = {found}")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_READONLY or not os.access(self.path, os.W_OK):
                raise
            raise CorruptData(f"{self.path} is damaged: its header says that it cannot be written") from error
        finally:
            self._connection.execute("ROLLBACK")

    def _demand_current(self, file_format: FileFormat) -> None:
        found = self._checked_format(file_format)
        if found < (file_format.oldest_read or file_format.number):
            raise StoreError(f"{self.path} has format {found}, not {file_format.number}: open it once for writing")

    def _checked_format(self, file_format: FileFormat) -> int:
        """Return the file's format number. Raises CorruptData where it has none, or is none of ours."""
        found, application_id = self._pragma("user_version"), self._pragma("application_id")
        is_empty = not self._connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
        if not is_empty and application_id != file_format.application_id:
            raise CorruptData(f"{self.path} is not a {file_format.noun} of Nightdesk; move it away")
        if is_empty:
            raise CorruptData(f"{self.path} is empty: it was cut short")
        told = found if found == file_format.number else format_of_tables(self._connection, file_format)
        if told is not None and is_damaged(found, told):
            raise CorruptData(
                f"{self.path} is damaged: its header names format {found}, its tables are those of format {told}"
            )
        if found < 1:
            raise CorruptData(f"{self.path} is damaged: its format number is {found}")
        if found > file_format.number:
            raise NewerFormat(
                f"{self.path} has format {found} and this release reads a {file_format.noun} up to format"
                f" {file_format.number}: upgrade Nightdesk, or restore the copy from before"
            )
        return found

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _migrate(self, file_format: FileFormat, number: int) -> None:
        with self.transaction():
            for statement in file_format.migrations[number]:
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA application_id = {file_format.application_id}")
            self._connection.execute(f"PRAGMA user_version = {number + 1}")

    def _leave_copy(self, found: int) -> None:
        """Keep the file as it was as `NAME.format-N`; an unfinished copy never bears that name."""
        kept = self.path.with_name(f"{self.path.name}.format-{found}")
        unfinished = kept.with_name(kept.name + ".part")
        _back_up(self._connection, unfinished)
        unfinished.replace(kept)


def damage_of(path: Path, file_format: FileFormat | None = None) -> list[str]:
    """Check the structure of a database file and return what is wrong; the file is not changed.

    Raises:
        CorruptData: the file is no database, is empty, or is none of `file_format` where one is given.
        NewerFormat: a newer release wrote it.
        StoreError: it cannot be opened.
    """
    database = Database.__new__(Database)
    database.path, database._turn = path, threading.RLock()
    with in_our_words(path):
        database._connection = connect(path, "ro")
    try:
        with in_our_words(path):
            if file_format is not None:
                database._checked_format(file_format)
        return [*header_damage(path), *database.damage()]
    finally:
        database.close()


def copy_database(path: Path, target: Path) -> None:
    """Copy a database as it is at one instant, whoever writes to it meanwhile; durable when this returns.

    Raises:
        DataFolderFull: no room; the target is rubbish then.
        StoreError: it cannot be read.
    """
    with in_our_words(path):
        connection = connect(path, "ro")
        try:
            _back_up(connection, target)
        finally:
            connection.close()
    sync_file(target)


def _make_whole(path: Path, file_format: FileFormat) -> None:
    """Make a new file that bears its name once it has its tables, so that an empty one is known for damage."""
    unfinished = path.with_name(f"{path.name}.part")
    try:
        Database.unlogged(unfinished, file_format).close()
        sync_file(unfinished)
        remove_database(path)  # the log of one that is gone
        with in_our_words(path):
            unfinished.replace(path)
        sync_folder(path.parent)
    except BaseException:
        with suppress(StoreError):  # what went wrong before is what matters
            remove_database(unfinished)
        raise


def _back_up(connection: sqlite3.Connection, target: Path) -> None:
    remove_database(target)
    make_private(target)
    copy = sqlite3.connect(target)
    try:
        # All pages in one step: a step sees one instant, and a writer between two would have it begin again.
        connection.backup(copy)
        # One plain file: it is opened where nothing can be written, and moved alone.
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()


def _piece(blob: sqlite3.Blob, begin: int, end: int) -> bytes:
    blob.seek(min(begin, len(blob)))
    return blob.read(end - begin)
