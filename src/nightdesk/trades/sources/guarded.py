"""A SQLite file that somebody else wrote: opened without ever writing, and read within bounds whatever stands in it."""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from nightdesk.clock import Deadline, SystemClock

Row = Mapping[str, Any]

READ_SECONDS: Final = 60.0
"""A hundred thousand trades take a few; what takes longer was made to."""
MOST_CELL: Final = 1 << 20
"""Bytes of one cell."""
TOO_LARGE: Final = "\x00too large"
"""Stands in a row of which nothing but its id was read."""
_STEPS: Final = 10_000
"""Steps of SQLite's machine between two looks at the clock."""
_IS_REAL: Final = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? AND sql NOT LIKE 'create virtual%'"


def connect(file: Path, busy_seconds: float, *, idle: bool, seconds: float = READ_SECONDS) -> sqlite3.Connection:
    """Open without ever writing, not even the files beside it; after so many seconds every question is interrupted."""
    address = f"{file.absolute().as_uri()}?mode=ro" + ("&immutable=1" if idle else "")
    connection = sqlite3.connect(address, uri=True, timeout=busy_seconds, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.text_factory = lambda text: text.decode("utf-8", "backslashreplace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_CELL)
    deadline = Deadline(SystemClock(), seconds)
    connection.set_progress_handler(lambda: deadline.passed, _STEPS)
    return connection


def columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the columns of a table, none for what is no table of its own: a view runs whatever its author wrote."""
    if connection.execute(_IS_REAL, (table,)).fetchone() is None:
        return set()
    return {row["name"] for row in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))}


def rows(connection: sqlite3.Connection, table: str) -> list[Row]:
    """Return all rows by id; of one with a cell beyond the bound its id alone, under `TOO_LARGE`."""
    try:
        return [dict(row) for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY id')]  # noqa: S608 - our names
    except sqlite3.Error as error:
        if not _is_too_large(error):
            raise
    return list(_one_by_one(connection, table))


def _one_by_one(connection: sqlite3.Connection, table: str) -> Iterator[Row]:
    for (number,) in connection.execute(f'SELECT id FROM "{table}" ORDER BY id').fetchall():  # noqa: S608 - our names
        try:
            found = connection.execute(f'SELECT * FROM "{table}" WHERE id = ?', (number,)).fetchone()  # noqa: S608 - our names
        except sqlite3.Error as error:
            if not _is_too_large(error):
                raise
            yield {"id": number, TOO_LARGE: True}
        else:
            if found is not None:
                yield dict(found)


def _is_too_large(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_TOOBIG or "too big" in str(error)
