"""The table of stamps, in every format of day files: the instants that chunks share, each run of them stored once."""

import hashlib
import struct
from typing import Final

import numpy as np
from crc32c import crc32c

from nightdesk.errors import CorruptData
from nightdesk.model.series import Times
from nightdesk.store.samples.chunks.chunk import decode_times, encode_times
from nightdesk.store.sqlite import Database

STAMPS_TABLE: Final = """CREATE TABLE stamps (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,
    count INTEGER NOT NULL, version INTEGER NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL)"""

_MOST_KNOWN: Final = 65_536
"""Rows remembered by their instants, so that series of one scrape share a row."""
_INSERT: Final = "INSERT INTO stamps VALUES (?, ?, ?, ?, ?, ?, ?)"
_SELECT: Final = "SELECT first, last, count, version, crc, body FROM stamps WHERE id = ?"
_BOUNDS: Final = struct.Struct("<qqqII")


class StampsWriter:
    """Writes the stamps of one file that is being written; for one thread."""

    def __init__(self, database: Database, first_id: int) -> None:
        """Write into an open transaction; `first_id` and all ids above it are free."""
        self._database, self._next_id = database, first_id
        self._known: dict[bytes, int] = {}

    def id_of(self, times: Times) -> int:
        """Return the id of the row that holds these instants, written on first sight."""
        key = hashlib.blake2b(np.ascontiguousarray(times).tobytes(), digest_size=16).digest()
        known = self._known.get(key)
        if known is not None:
            return known
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        stamps = self._known[key] = self._next_id
        self._next_id += 1
        version, body = encode_times(times)
        first, last, count = int(times[0]), int(times[-1]), len(times)
        crc = _checksum(stamps, first, last, count, version, body)
        self._database.execute(_INSERT, (stamps, first, last, count, version, crc, body))
        return stamps


def read_stamps(database: Database, stamps: int) -> Times:
    """Return the instants of a row. Raises one of `FLAWS` where it is missing or damaged."""
    rows = database.execute(_SELECT, (stamps,))
    if not rows:
        raise CorruptData("the times are missing")
    ((first, last, count, version, crc, body),) = rows
    if _checksum(stamps, first, last, count, version, body) != crc:
        raise CorruptData("the times fail their check")
    return decode_times(version, body, count)


def _checksum(owner: int, first: int, last: int, count: int, version: int, body: bytes) -> int:
    """Return the CRC32C of a body of times together with the other columns of its row: a moved row fails too."""
    return int(crc32c(body, crc32c(_BOUNDS.pack(owner, first, last, count, version))))
