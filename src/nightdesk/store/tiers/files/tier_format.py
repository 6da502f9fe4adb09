"""What a tier file is, as SQL and as small byte fields (drawn in docs/format/tier-file.md)."""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
from crc32c import crc32c

from nightdesk.model.series import Times
from nightdesk.store.sqlite import FileFormat

TIER_FILE: Final = FileFormat(
    noun="tier file",
    application_id=0x4E445431,
    migrations=(
        (
            """CREATE TABLE span (id INTEGER PRIMARY KEY, resolution INTEGER NOT NULL, first INTEGER NOT NULL,
                buckets INTEGER NOT NULL, series INTEGER NOT NULL, source TEXT NOT NULL, version INTEGER NOT NULL,
                crc INTEGER NOT NULL, labels BLOB NOT NULL)""",
            """CREATE TABLE section (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, crc INTEGER NOT NULL,
                body BLOB NOT NULL)""",
        ),
    ),
    page_size=1_024,  # each section ends within a page, and there are nine to a group
)

VERSION: Final = 2
"""Of the encoding of labels and sections."""
SERIES_A_GROUP: Final = 64
"""A question about one series decodes those of its group."""
SECTION_BITS: Final = 8
"""A section's id is (group << 8) + what it holds: the sections of a group lie together."""

_SPAN: Final = struct.Struct("<qqIIB")
_PLACE: Final = struct.Struct("<qB")


@dataclass(frozen=True, slots=True)
class Span:
    """What a tier file tells of: buckets that end at first, first + resolution, ... (ms)."""

    resolution: int
    first: int
    buckets: int
    source: str
    """What it was made of, so that a change of it shows."""

    @property
    def ends(self) -> Times:
        """Where the buckets end, shape (buckets,)."""
        return self.first + self.resolution * np.arange(self.buckets, dtype=np.int64)

    @property
    def last(self) -> int:
        """Where the last bucket ends."""
        return self.first + self.resolution * (self.buckets - 1)


def span_checksum(span: Span, series: int, version: int, labels: bytes) -> int:
    """Return the CRC32C over the row of `span`."""
    head = _SPAN.pack(span.resolution, span.first, span.buckets, series, version)
    return int(crc32c(labels, crc32c(span.source.encode("utf-8"), crc32c(head))))


def section_checksum(place: int, version: int, body: bytes) -> int:
    """Return the CRC32C over a row of `section`: a moved row fails too."""
    return int(crc32c(body, crc32c(_PLACE.pack(place, version))))
