"""Pages of the chunks of one pack, decoded side by side into a matrix."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from crc32c import crc32c

from nightdesk.errors import CorruptData
from nightdesk.model.series import Values
from nightdesk.store.samples.packed.bodies import CONSTANT, PageReader
from nightdesk.store.samples.packed.directory import Directory, Numbers
from nightdesk.store.sqlite import Database

_DENSE: Final = 4
"""Where at least one byte in this many of a stretch is wanted, the stretch is read whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """Pages [first_page, end_page) of chunks that share their instants."""

    chunks: Numbers
    count: int
    page_samples: int
    first_page: int
    end_page: int

    @classmethod
    def between(cls, directory: Directory, chunks: Numbers, low: int, high: int) -> "Wanted":
        """Return the pages that hold samples `low` to `high` (exclusive), of chunks with the same stamps."""
        one = int(chunks[0])
        size = int(directory.page_samples[one])
        return cls(chunks, int(directory.counts[one]), size, low // size, (high - 1) // size + 1)

    @property
    def first_sample(self) -> int:
        """The number of the first sample of the first page."""
        return self.first_page * self.page_samples

    @property
    def samples(self) -> int:
        """How many samples the pages hold of each chunk."""
        return min(self.end_page * self.page_samples, self.count) - self.first_sample


def read_pages(database: Database, pack: int, directory: Directory, wanted: Wanted) -> tuple[Values, dict[int, str]]:
    """Return values of shape (chunks, samples), and by row what is wrong with those that are damaged."""
    values = np.empty((len(wanted.chunks), wanted.samples))
    is_constant = directory.encodings[wanted.chunks] == CONSTANT
    values[is_constant] = directory.firsts[wanted.chunks[is_constant], np.newaxis]
    rows = np.flatnonzero(~is_constant)
    flawed: dict[int, str] = {}
    if len(rows):
        reader = _page_reader(directory.header)
        for row, body in zip(rows.tolist(), _bodies(database, pack, directory, wanted.chunks[rows]), strict=True):
            try:
                _read_row(reader, directory, wanted, int(wanted.chunks[row]), body, values[row])
            except CorruptData as error:
                flawed[row] = str(error)
    return values, flawed


def _read_row(
    reader: PageReader, directory: Directory, wanted: Wanted, number: int, body: bytes, target: Values
) -> None:
    if crc32c(body) != directory.crcs[number]:
        raise CorruptData("the chunk fails its check")
    sizes = directory.page_bytes[number]
    meta = int(directory.metas[number])
    begin = meta + sum(sizes[: wanted.first_page])
    pages = []
    for page in range(wanted.first_page, wanted.end_page):
        end = begin + sizes[page]
        pages.append((begin, end, min(wanted.page_samples, wanted.count - page * wanted.page_samples)))
        begin = end
    reader.read(int(directory.encodings[number]), body, meta, pages, target)


def _bodies(database: Database, pack: int, directory: Directory, chunks: Numbers) -> Iterator[bytes]:
    """Yield the bodies of chunks, read in one go where they lie close together."""
    begins = directory.begins[chunks]
    ends = begins + directory.sizes[chunks]
    low, high = int(begins.min()), int(ends.max())
    if _DENSE * int((ends - begins).sum()) >= high - low:
        (data,) = database.slices("pack", "bodies", pack, [(low, high)])
        for begin, end in zip((begins - low).tolist(), (ends - low).tolist(), strict=True):
            yield data[begin:end]
    else:
        yield from database.slices("pack", "bodies", pack, zip(begins.tolist(), ends.tolist(), strict=True))


@lru_cache(maxsize=8)
def _page_reader(header: bytes) -> PageReader:
    return PageReader(header)
