"""Bodies of chunks: values compressed by pcodec in pages, so that a question about an hour decodes a few of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pcodec import ChunkConfig, DeltaSpec, PagingSpec, wrapped

from nightdesk.errors import CorruptData
from nightdesk.model.series import Values
from nightdesk.store.samples.packed.decimals import Integers, places_of, scaled, unscale

CONSTANT: Final = 0
"""Every value has the bits of the first one, which the directory holds: no body."""
FLOATS: Final = 1
INTEGERS: Final = 2
"""2 + d: integers, 10 ** d times the values."""

MOST_PAGE_SAMPLES: Final = 1_536
"""A day at 15 s is 4 pages; twice as many cost 1 % more bytes."""
_LEVEL: Final = 6
_FEWEST_FOR_ORDERS: Final = 16
_SECOND: Final = 0.8
"""Second differences are taken where they are smaller than this times what the first ones spread around their mean."""


@dataclass(frozen=True, slots=True)
class Body:
    """A compressed chunk: meta data of `meta` bytes, then its pages."""

    encoding: int
    meta: int
    pages: tuple[int, ...]
    data: bytes


_CONSTANT_BODY: Final = Body(CONSTANT, 0, (), b"")


def page_samples_of(count: int) -> int:
    """Return how many samples each page of a chunk has, all but the last: as even as can be."""
    return -(-count // -(-count // MOST_PAGE_SAMPLES))


def header() -> bytes:
    """Return what the compressor writes once for all chunks: its own format number."""
    return bytes(wrapped.FileCompressor().write_header())


def encode_rows(values: Values) -> list[Body]:
    """Compress each row of (series x instants), at most 8,192 instants; every bit comes back."""
    bits = values.view(np.uint64)
    bodies = [_CONSTANT_BODY] * len(values)
    changing = np.flatnonzero((bits != bits[:, :1]).any(axis=1))
    left = values[changing]
    places = places_of(left) if len(left) else np.empty(0, dtype=np.int64)
    for candidate in np.unique(places[places >= 0]).tolist():
        chosen = np.flatnonzero(places == candidate)
        integers, fits = scaled(left[chosen], candidate)
        places[chosen[~fits]] = -1
        integers = integers[fits]
        orders = _orders(integers)
        for row, numbers, order in zip(changing[chosen[fits]].tolist(), integers, orders, strict=True):
            bodies[row] = _compressed(INTEGERS + candidate, numbers, order)
    for row in changing[places < 0].tolist():
        bodies[row] = _compressed(FLOATS, values[row], None)
    return bodies


@dataclass(frozen=True, slots=True)
class Pages:
    """Consecutive pages of one body: where the first begins, and the bytes and samples of each."""

    begin: int
    sizes: Sequence[int]
    samples: Sequence[int]


class PageReader:
    """Decompresses pages of chunks that were written under one header. For one thread."""

    def __init__(self, header: bytes) -> None:
        """Raises CorruptData for a header that this release's compressor does not read."""
        try:
            self._file, _ = wrapped.FileDecompressor.new(header)
        except (RuntimeError, TypeError) as error:
            raise CorruptData(f"a pack is compressed in a way that this release does not know: {error}") from error
        self._scratch: Integers = np.empty(0, dtype=np.int64)

    def read(self, encoding: int, body: bytes, meta: int, pages: Pages, target: Values) -> None:
        """Decompress consecutive pages of a body, whose meta data is `meta` bytes, into `target`.

        Raises:
            CorruptData: a page does not decode.
        """
        if encoding == FLOATS:
            self._read("f64", body, meta, pages, target)
            return
        if len(self._scratch) < len(target):
            self._scratch = np.empty(len(target), dtype=np.int64)
        integers = self._scratch[: len(target)]
        self._read("i64", body, meta, pages, integers)
        unscale(integers, encoding - INTEGERS, target)

    def _read(self, kind: str, body: bytes, meta: int, pages: Pages, target: Values | Integers) -> None:
        try:
            chunk, _ = self._file.chunk_decompressor(body[:meta], kind)
            low, begin = 0, pages.begin
            for size, samples in zip(pages.sizes, pages.samples, strict=True):
                progress, _ = chunk.read_page_into(body[begin : begin + size], samples, target[low : low + samples])
                if progress.n_processed != samples:
                    raise CorruptData("a page holds fewer samples than its directory says")
                begin, low = begin + size, low + samples
        except (RuntimeError, ValueError, TypeError) as error:
            raise CorruptData(f"a page does not decode: {error}") from error


def _orders(integers: Integers) -> list[int]:
    """Return for each row whether its differences (1) or the differences of these (2) compress better.

    The compressor's own search goes by few samples, and misses that the rate of a counter drifts over a day: the second
    differences of such a one are a fifth smaller. Judged by mean sizes, 2 bytes in 10,000 are lost against trying both.
    """
    if integers.shape[1] < _FEWEST_FOR_ORDERS:
        return [1] * len(integers)
    first = np.diff(integers, axis=1).astype(np.float64)
    around = np.abs(first - first.mean(axis=1, keepdims=True)).mean(axis=1)
    second = np.abs(np.diff(first, axis=1)).mean(axis=1)
    return [2 if is_smaller else 1 for is_smaller in (second < _SECOND * around).tolist()]


def _compressed(encoding: int, numbers: NDArray[np.float64] | Integers, order: int | None) -> Body:
    sizes = _page_sizes(len(numbers))
    compressor = wrapped.FileCompressor().chunk_compressor(numbers, _config(len(numbers), order))
    meta = compressor.write_meta()
    pages = [compressor.write_page(page) for page in range(len(sizes))]
    return Body(encoding, len(meta), tuple(map(len, pages)), b"".join((meta, *pages)))


@lru_cache(maxsize=256)
def _config(count: int, order: int | None) -> ChunkConfig:
    delta = DeltaSpec.auto() if order is None else DeltaSpec.try_consecutive(order)
    return ChunkConfig(
        compression_level=_LEVEL, delta_spec=delta, paging_spec=PagingSpec.exact_page_sizes(list(_page_sizes(count)))
    )


@lru_cache(maxsize=256)
def _page_sizes(count: int) -> tuple[int, ...]:
    size = page_samples_of(count)
    return tuple(min(size, count - low) for low in range(0, count, size))
