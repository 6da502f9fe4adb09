"""Pages of the chunks of one pack, decoded side by side into a matrix."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from crc32c import crc32c

from nightdesk.errors import CorruptData
from nightdesk.model.series import Values
from nightdesk.store.samples.packed.bodies import CONSTANT, PageReader, Pages
from nightdesk.store.samples.packed.chunk_groups import ChunkGroup
from nightdesk.store.samples.packed.directory import Directory, Numbers
from nightdesk.store.sqlite import Database

_DENSE: Final = 4
"""Where at least one byte in this many of a range is wanted, the range is read whole."""


@dataclass(frozen=True, slots=True)
class PageRange:
    """Pages [first_page, end_page) of chunks of `count` samples."""

    count: int
    page_samples: int
    first_page: int
    end_page: int

    @classmethod
    def between(cls, group: ChunkGroup, low: int, high: int) -> "PageRange":
        """Return the pages that hold samples `low` to `high` (exclusive) of the chunks of a group."""
        size = group.page_samples
        return cls(group.count, size, low // size, (high - 1) // size + 1)

    @property
    def first_sample(self) -> int:
        """The number of the first sample of the first page."""
        return self.first_page * self.page_samples

    @property
    def samples(self) -> int:
        """How many samples the pages hold of each chunk."""
        return min(self.end_page * self.page_samples, self.count) - self.first_sample

    def samples_of_pages(self) -> tuple[int, ...]:
        """Return how many samples each of the pages holds."""
        size = self.page_samples
        return tuple(min(size, self.count - page * size) for page in range(self.first_page, self.end_page))


def read_pages(
    database: Database, pack: int, directory: Directory, chunks: Numbers, wanted: PageRange
) -> tuple[Values, dict[int, str]]:
    """Return values of shape (chunks, samples), and by row what is wrong with those that are damaged."""
    values = np.empty((len(chunks), wanted.samples))
    is_constant = directory.encodings[chunks] == CONSTANT
    values[is_constant] = directory.firsts[chunks[is_constant], np.newaxis]
    rows = np.flatnonzero(~is_constant)
    flawed: dict[int, str] = {}
    if not len(rows):
        return values, flawed
    reader, samples = PageReader(directory.header), wanted.samples_of_pages()
    chunks = chunks[rows]
    bodies = bodies_of(database, pack, directory, chunks)
    columns = (rows, chunks, directory.encodings[chunks], directory.metas[chunks], directory.crcs[chunks])
    for row, number, encoding, meta, crc, body in zip(*(column.tolist() for column in columns), bodies, strict=True):
        sizes = directory.page_bytes[number]
        pages = Pages(meta + sum(sizes[: wanted.first_page]), sizes[wanted.first_page : wanted.end_page], samples)
        if crc32c(body) != crc:
            flawed[row] = "the chunk fails its check"
            continue
        try:
            reader.read(encoding, body, meta, pages, values[row])
        except CorruptData as error:
            flawed[row] = str(error)
    return values, flawed


def bodies_of(database: Database, pack: int, directory: Directory, chunks: Numbers) -> Iterator[bytes]:
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
