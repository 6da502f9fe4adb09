"""The first hundred bytes of a database of ours: what they can only be, told when they are not, and put right.

https://sqlite.org/fileformat2.html#the_database_header: most of it is the same in every file of a kind, so that damage
there is known for what it is, and costs nothing.
"""

import functools
import os
import sqlite3
from pathlib import Path
from typing import Final

from nightdesk.store.file_format import FileFormat
from nightdesk.store.sqlite_words import in_our_words

_SIZE: Final = 100
_MOST_MENDED: Final = 4
"""A header with more wrong bytes than this is not that of one of our files with some damage."""
_CONSTANT: Final = {0: b"SQLite format 3\0", 20: bytes((0, 64, 32, 32))}
"""The name; no reserved bytes, and three fractions that SQLite never changed."""
_VERSIONS: Final = 18
"""Where it says how a file is written and read: both 1 for a plain file, both 2 with a write-ahead log."""
_SCHEMA: Final = {44: bytes((0, 0, 0, 4)), 56: bytes((0, 0, 0, 1))}
"""The format of the schema, and text in UTF-8; of a file whose first page lies in its log both may be nought."""
_NUMBER: Final = 60
_APPLICATION: Final = 68

_TABLES: Final = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
_Tables = frozenset[tuple[str, str, str, str | None]]


def format_of_tables(connection: sqlite3.Connection, file_format: FileFormat) -> int | None:
    """Return the number of the format that has just these tables, None for tables that this release does not know.

    Each format has other tables than the one before, so the tables tell the format a second time.
    """
    return _known(file_format).get(frozenset(connection.execute(_TABLES).fetchall()))


def is_damaged(number: int, told: int) -> bool:
    """Tell whether a header's number is damage, given that the tables are those of format `told`.

    It is where the tables are of a later format, and where one bit is the other way round. What is further off was
    written by somebody who meant it.
    """
    return number < told or ((number ^ told) & 0xFFFF_FFFF).bit_count() == 1


@functools.cache
def _known(file_format: FileFormat) -> dict[_Tables, int]:
    known = {} if file_format.before is None else dict(_known(file_format.before))
    connection = sqlite3.connect(":memory:")
    try:
        for number, statements in enumerate(file_format.migrations, start=1):
            for statement in statements:
                connection.execute(statement)
            if statements:
                known[frozenset(connection.execute(_TABLES).fetchall())] = number
    finally:
        connection.close()
    return known


def header_damage(path: Path) -> list[str]:
    """Return what a file's header cannot say if the file is sound; empty for a sound one, and one too short to tell."""
    header = _header(path)
    if len(header) < _SIZE:
        return []
    wrong = _differing(header, {**_CONSTANT, _VERSIONS: _versions(header)})
    return [f"byte {at} of its header is {header[at]}, and can only be {right}" for at, right in wrong.items()]


def mended(path: Path, file_format: FileFormat) -> list[int]:
    """Put right what a header of this kind can only be, durably, and return the bytes that were wrong.

    Right only while nobody has the file open. Nothing is done where so much is wrong that it is another file's header,
    nor to the number of a kind that has had several.
    """
    header = _header(path)
    if len(header) < _SIZE:
        return []
    told = {**_CONSTANT, **_SCHEMA, _VERSIONS: _versions(header), 16: file_format.page_size.to_bytes(2, "big")}
    told[_APPLICATION] = file_format.application_id.to_bytes(4, "big")
    if file_format.number == 1:
        told[_NUMBER] = file_format.number.to_bytes(4, "big")
    wrong = _differing(header, told)
    if len(wrong) > _MOST_MENDED:
        return []
    with in_our_words(path), path.open("r+b") as file:
        for at, right in wrong.items():
            file.seek(at)
            file.write(bytes((right,)))
        file.flush()
        os.fsync(file.fileno())
    return list(wrong)


def _header(path: Path) -> bytes:
    with in_our_words(path), path.open("rb") as file:
        return file.read(_SIZE)


def _versions(header: bytes) -> bytes:
    """Return what both bytes were before one of them was damaged: no single bit makes 1 of 2."""
    return b"\1\1" if 1 in header[_VERSIONS : _VERSIONS + 2] else b"\2\2"


def _differing(header: bytes, told: dict[int, bytes]) -> dict[int, int]:
    return {
        begin + at: right
        for begin, rights in told.items()
        for at, right in enumerate(rights)
        if header[begin + at] != right
    }
