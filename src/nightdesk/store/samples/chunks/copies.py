"""Compressed chunks that are carried from one file to another as they are."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from nightdesk.model.series import Refs, Times


class PackedChunk(NamedTuple):
    """One chunk on its way into a pack; a tuple, for there are as many as series and more."""

    series: int
    stamps: int
    samples: int
    first_time: int
    last_time: int
    page_samples: int
    encoding: int
    meta: int
    pages: tuple[int, ...]
    crc: int
    body: bytes
    summary: tuple[int, int, int, int, int, int]
    """The bits of first, last, sum, min, max and what rounding lost of the sum; sum, min and max are of a NaN where the
    chunk has no summary."""


@dataclass(frozen=True, slots=True, eq=False)
class Copies:
    """Compressed chunks that share their instants: one each of the series `ids`, in their order."""

    ids: Refs
    times: Times
    chunks: tuple[PackedChunk, ...]

    def under(self, ids: Refs) -> "Copies":
        """Return them under other ids, given in the order of theirs."""
        return replace(self, ids=ids)
