"""Chunks that are carried from one packed file to another as they are: checked, but neither decoded nor compressed."""

from collections.abc import Iterable

import numpy as np
from crc32c import crc32c

from nightdesk.model.series import Times
from nightdesk.store.samples.chunks.copies import Copies, PackedChunk
from nightdesk.store.samples.packed.directory import Directory, Numbers


def copies_of(
    directory: Directory, chunks: Numbers, bodies: Iterable[bytes], times: Times
) -> tuple[Copies, dict[int, str]]:
    """Take chunks out of a pack, and tell by their places what is wrong with those that are damaged and left out."""
    assert directory.losses is not None, "chunks without losses are not copyable"
    figures = (
        directory.firsts, directory.lasts, directory.sums, directory.lows, directory.highs, directory.losses,
    )  # fmt: skip
    summaries = zip(*(figure[chunks].view(np.uint64).tolist() for figure in figures), strict=True)
    columns = (directory.series, directory.page_samples, directory.encodings, directory.metas, directory.crcs)
    rows = zip(chunks.tolist(), *(column[chunks].tolist() for column in columns), bodies, summaries, strict=True)
    first, last, count = int(times[0]), int(times[-1]), len(times)
    taken: list[PackedChunk] = []
    flawed: dict[int, str] = {}
    for place, (number, series, page_samples, encoding, meta, crc, body, summary) in enumerate(rows):
        if crc32c(body) != crc:
            flawed[place] = "the chunk fails its check"
            continue
        pages = directory.page_bytes[number]
        taken.append(
            PackedChunk(series, 0, count, first, last, page_samples, encoding, meta, pages, crc, body, summary)
        )
    ids = np.array([each.series for each in taken], dtype=np.int64)
    return Copies(ids, times, tuple(taken)), flawed
