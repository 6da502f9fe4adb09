"""What a packed day file holds, as SQL and checksums (drawn in docs/format/day-file.md)."""

import struct
from pathlib import Path
from typing import Final

from crc32c import crc32c

from nightdesk.store.samples.chunks.stamps import STAMPS_TABLE
from nightdesk.store.samples.rows.format import DAY_FILE
from nightdesk.store.sqlite import FileFormat

PACKED: Final = FileFormat(
    noun="day file",
    application_id=DAY_FILE.application_id,
    migrations=(
        # Format 1 is that of rows; a file is never changed from the one into the other, only written anew.
        (),
        (
            """CREATE TABLE labels (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, crc INTEGER NOT NULL,
                body BLOB NOT NULL)""",
            STAMPS_TABLE,
            """CREATE TABLE pack (id INTEGER PRIMARY KEY, low INTEGER NOT NULL, high INTEGER NOT NULL,
                first INTEGER NOT NULL, last INTEGER NOT NULL, crc INTEGER NOT NULL,
                directory BLOB NOT NULL, bodies BLOB NOT NULL)""",
        ),
        # Format 3 was never written: one wrong bit would make 1 of it.
        (),
        # The directory tells the losses of sums too.
        ("ALTER TABLE pack RENAME COLUMN directory TO chunks",),
    ),
    page_size=4_096,
    before=DAY_FILE,
    pointer_map=True,
    oldest_read=2,
)
"""A day file like those of rows, so that a release which knows only those says "upgrade" and touches nothing."""

_LABELS_PLACE: Final = struct.Struct("<qq")
_PACK_PLACE: Final = struct.Struct("<5q")
_HEADER: Final = struct.Struct(">60xi4xi")
"""SQLite's own header: user_version at byte 60, application_id at byte 68."""


def is_packed(path: Path) -> bool:
    """Return whether a file says in its first bytes that it is a day file of this format or a later one.

    False too for a file that is gone: opening it tells.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
    except OSError:
        return False
    if len(head) < _HEADER.size:
        return False
    number, application_id = _HEADER.unpack(head)
    return bool(number >= PACKED.oldest_read and application_id == PACKED.application_id)


def labels_checksum(first: int, count: int, body: bytes) -> int:
    """Return the CRC32C over a row of `labels`."""
    return int(crc32c(body, crc32c(_LABELS_PLACE.pack(first, count))))


def pack_checksum(pack: int, low: int, high: int, first: int, last: int, directory: bytes) -> int:
    """Return the CRC32C over a row of `pack` without its bodies, whose checksums are in the directory."""
    return int(crc32c(directory, crc32c(_PACK_PLACE.pack(pack, low, high, first, last))))
