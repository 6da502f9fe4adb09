"""What a day file holds, as SQL and as small byte fields (drawn in docs/format/day-file.md)."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from crc32c import crc32c

from nightdesk.errors import CorruptData
from nightdesk.model.series import Refs
from nightdesk.store.samples.chunks.stamps import STAMPS_TABLE
from nightdesk.store.sqlite import FileFormat, Row

DAY_FILE: Final = FileFormat(
    noun="day file",
    application_id=0x4E444431,
    migrations=(
        (
            """CREATE TABLE label (id INTEGER PRIMARY KEY, name BLOB NOT NULL, value BLOB NOT NULL,
                series BLOB NOT NULL, crc INTEGER NOT NULL)""",
            "CREATE UNIQUE INDEX label_pair ON label (name, value)",
            "CREATE TABLE series (id INTEGER PRIMARY KEY, labels BLOB NOT NULL, crc INTEGER NOT NULL)",
            STAMPS_TABLE,
            """CREATE TABLE chunk (id INTEGER PRIMARY KEY, stamps INTEGER NOT NULL, count INTEGER NOT NULL,
                sum REAL, min REAL, max REAL, first REAL, last REAL,
                version INTEGER NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL)""",
        ),
    ),
    page_size=32_768,
)

SEQUENCE_BITS: Final = 20
"""A chunk's id is (series << 20) + its number: the chunks of a series lie together and need no index."""
MAX_SEQUENCE: Final = (1 << SEQUENCE_BITS) - 1

_DENSE: Final = 4
"""Where at least one in this many ids of a range is wanted, the range is read whole."""


def encode_ids(ids: Iterable[int]) -> bytes:
    """Write ids as uint32 little-endian."""
    return np.fromiter(ids, dtype="<u4").tobytes()


def decode_ids(data: bytes) -> Refs:
    """Read what `encode_ids` wrote."""
    return np.frombuffer(data, "<u4").astype(np.int64)


def label_checksum(label: int, name: bytes, value: bytes, series: bytes) -> int:
    """Return the CRC32C over a row of `label`; names and values cannot run into each other."""
    head = label.to_bytes(8, "little", signed=True) + len(name).to_bytes(4, "little")
    return int(crc32c(head + name + value + series))


def sound_label(file: Path, row: Row) -> Row:
    """Return a row (id, name, value, series, crc) of `label` as it is. Raises CorruptData if it fails its check."""
    label, name, value, series, crc = row
    # A flipped bit can change a column's type, so that has to be looked at first.
    is_typed = isinstance(label, int) and all(isinstance(field, bytes) for field in (name, value, series))
    if not is_typed or label_checksum(label, name, value, series) != crc:
        raise CorruptData(f"{file} is damaged: label {label} fails its check")
    return row


def sound_series(file: Path, series: object, labels: object, crc: object) -> Refs:
    """Return the label ids of a series. Raises CorruptData if the row fails its check."""
    if not isinstance(series, int) or not isinstance(labels, bytes) or series_checksum(series, labels) != crc:
        raise CorruptData(f"{file} is damaged: the labels of series {series} fail their check")
    return decode_ids(labels)


def series_checksum(series: int, labels: bytes) -> int:
    """Return the CRC32C over a row of `series`."""
    return int(crc32c(series.to_bytes(8, "little", signed=True) + labels))


def ranges(ids: Refs) -> Iterator[tuple[int, int]]:
    """Cut sorted ids into ranges of which a good part is wanted, so that few statements read many rows."""
    if not len(ids):
        return
    breaks = np.flatnonzero(np.diff(ids) > _DENSE) + 1
    bounds = [0, *breaks.tolist(), len(ids)]
    for low, high in itertools.pairwise(bounds):
        yield int(ids[low]), int(ids[high - 1])
