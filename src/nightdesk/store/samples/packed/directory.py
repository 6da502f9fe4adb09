"""The directory of a pack: where each chunk lies in its bodies, what it is of, and its summary."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import CorruptData
from nightdesk.model.series import Refs, Times, Values
from nightdesk.store.samples.chunks.copies import PackedChunk
from nightdesk.store.samples.packed.columns import decode_columns, encode_columns

Numbers = NDArray[np.int64]

_KINDS: Final = (
    np.uint8,  # header of the compressor
    np.uint32,  # series, each less the one before
    np.uint32,  # stamps
    np.uint32,  # count
    np.int64,  # first time
    np.int64,  # last time
    np.uint32,  # samples a page
    np.uint8,  # encoding
    np.uint32,  # bytes of the chunk's meta data
    np.uint32,  # bytes of each page
    np.uint32,  # twin
    np.uint32,  # CRC32C
    np.uint64,  # first
    np.uint64,  # last
    np.uint64,  # sum
    np.uint64,  # min xor first
    np.uint64,  # max xor last
    np.uint64,  # what rounding lost of the sum
)


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """Arrays with one item a chunk, in order of series; `pages` holds the ends of all pages, from the first body on."""

    header: bytes
    series: Refs
    stamps: Numbers
    counts: Numbers
    first_times: Times
    last_times: Times
    page_samples: Numbers
    encodings: NDArray[np.uint8]
    begins: Numbers
    """Where each chunk's body begins."""
    metas: Numbers
    page_bytes: tuple[tuple[int, ...], ...]
    sizes: Numbers
    """Bytes of each chunk's body."""
    crcs: Numbers
    firsts: Values
    lasts: Values
    sums: Values
    lows: Values
    highs: Values
    losses: Values | None
    """None in a file of format 2: its sums were taken with whatever rounding lost."""

    @property
    def nbytes(self) -> int:
        """Roughly what it takes in memory."""
        return 200 * len(self.series) + 8 * sum(map(len, self.page_bytes))


def encode_directory(header: bytes, chunks: Sequence[PackedChunk]) -> tuple[bytes, bytes]:
    """Return the directory and the bodies of chunks, given in order of series; equal bodies are stored once."""
    twins, kept = _twins(chunks)
    firsts, lasts, sums, lows, highs, losses = (
        np.array(column, dtype=np.uint64) for column in zip(*(chunk.summary for chunk in chunks), strict=True)
    )
    directory = encode_columns(
        [
            np.frombuffer(header, np.uint8),
            np.diff(_column([chunk.series for chunk in chunks]), prepend=np.uint32(0)),
            _column([chunk.stamps for chunk in chunks]),
            _column([chunk.samples for chunk in chunks]),
            np.array([chunk.first_time for chunk in chunks], dtype=np.int64),
            np.array([chunk.last_time for chunk in chunks], dtype=np.int64),
            _column([chunk.page_samples for chunk in chunks]),
            np.array([chunk.encoding for chunk in chunks], dtype=np.uint8),
            _column([chunk.meta for chunk in chunks]),
            _column([size for chunk in chunks for size in chunk.pages]),
            _column(twins),
            _column([chunk.crc for chunk in chunks]),
            firsts,
            lasts,
            sums,
            lows ^ firsts,
            highs ^ lasts,
            losses,
        ]
    )
    return directory, b"".join(kept)


def decode_directory(data: bytes, *, with_losses: bool = True) -> Directory:
    """Read what `encode_directory` wrote, or earlier releases without losses.

    Raises:
        CorruptData: it is something else.
    """
    kinds = _KINDS if with_losses else _KINDS[:-1]
    header, series, stamps, counts, first_times, last_times, page_samples, *rest = decode_columns(data, kinds)
    encodings, metas, pages, twins, crcs, firsts, lasts, sums, lows, highs, *losses = rest
    of_chunks = (series, stamps, counts, first_times, last_times, page_samples, encodings, metas, twins, crcs)
    if len({len(column) for column in (*of_chunks, firsts, lasts, sums, lows, highs, *losses)}) != 1:
        raise CorruptData("the arrays of a directory differ in length")
    numbers = [column.astype(np.int64) for column in (counts, page_samples, metas, pages, twins)]
    counts, page_samples, metas, pages, twins = numbers
    page_counts = np.where(metas > 0, -(-counts // np.maximum(page_samples, 1)), 0)
    ends = np.cumsum(page_counts)
    if len(ends) and int(ends[-1]) != len(pages):
        raise CorruptData("a directory has more or fewer pages than its chunks")
    page_bytes = tuple(tuple(group.tolist()) for group in np.split(pages, ends[:-1]))
    sizes = metas + np.array([sum(group) for group in page_bytes], dtype=np.int64)
    stored = np.where(twins > 0, 0, sizes)
    begins = np.cumsum(stored) - stored
    begins = np.where(twins > 0, begins[np.maximum(twins - 1, 0)], begins)
    return Directory(
        header=header.tobytes(),
        series=np.cumsum(series.astype(np.int64)),
        stamps=stamps.astype(np.int64),
        counts=counts,
        first_times=first_times,
        last_times=last_times,
        page_samples=page_samples,
        encodings=encodings,
        begins=begins,
        metas=metas,
        page_bytes=page_bytes,
        sizes=sizes,
        crcs=crcs.astype(np.int64),
        firsts=firsts.view(np.float64),
        lasts=lasts.view(np.float64),
        sums=sums.view(np.float64),
        lows=(lows ^ firsts).view(np.float64),
        highs=(highs ^ lasts).view(np.float64),
        losses=losses[0].view(np.float64) if losses else None,
    )


def _twins(chunks: Sequence[PackedChunk]) -> tuple[list[int], list[bytes]]:
    """Return for each chunk 1 + the number of an earlier one with the same body, or 0, and the bodies to store."""
    known: dict[bytes, int] = {}
    twins: list[int] = []
    kept: list[bytes] = []
    for number, chunk in enumerate(chunks):
        earlier = known.setdefault(chunk.body, number)
        is_twin = earlier != number and bool(chunk.body)
        twins.append(earlier + 1 if is_twin else 0)
        if not is_twin:
            kept.append(chunk.body)
    return twins, kept


def _column(numbers: Sequence[int]) -> NDArray[Any]:
    return np.array(numbers, dtype=np.uint32)
