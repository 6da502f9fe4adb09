"""Chunks of one pack that share their instants: they are found once and then read side by side."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nightdesk.model.series import Refs
from nightdesk.store.samples.chunks.day_file import FileChunks
from nightdesk.store.samples.packed.directory import Directory, Numbers


@dataclass(frozen=True, slots=True, eq=False)
class ChunkGroup:
    """Chunks by their numbers in the directory, and the series each is of; all arrays are in order of series.

    They hold `count` samples each, from `first_time` to `last_time` (ms, both inclusive), at the instants `stamps`.
    """

    chunks: Numbers
    ids: Refs
    stamps: int
    count: int
    page_samples: int
    first_time: int
    last_time: int
    key: bytes
    """Tells the chunks of one pack from others of the same pack."""

    @classmethod
    def of(cls, directory: Directory, chunks: Numbers) -> "ChunkGroup":
        """Take chunks with the same stamps; there is at least one."""
        one = int(chunks[0])
        return cls(
            chunks,
            directory.series[chunks],
            int(directory.stamps[one]),
            int(directory.counts[one]),
            int(directory.page_samples[one]),
            int(directory.first_times[one]),
            int(directory.last_times[one]),
            chunks.tobytes(),
        )

    @property
    def nbytes(self) -> int:
        """Roughly what it takes in memory."""
        return 400 + 3 * self.chunks.nbytes

    def lies_within(self, start: int, end: int) -> bool:
        """Tell whether all samples lie in [start, end]."""
        return self.first_time >= start and self.last_time <= end

    def touches(self, start: int, end: int) -> bool:
        """Tell whether some samples may lie in [start, end]."""
        return self.first_time <= end and self.last_time >= start


def groups_of(directory: Directory, ids: Refs) -> Iterator[ChunkGroup]:
    """Yield the chunks of series `ids` (sorted, at least one) in groups, earlier stamps first."""
    at = ids.searchsorted(directory.series)
    at[at == len(ids)] = 0
    chunks = np.flatnonzero(ids[at] == directory.series)
    stamps = directory.stamps[chunks]
    for each in np.unique(stamps).tolist():
        yield ChunkGroup.of(directory, chunks[stamps == each])


def split_by_summary(directory: Directory, group: ChunkGroup) -> tuple[FileChunks | None, ChunkGroup | None]:
    """Return the chunks that their summaries tell whole, and those that have none and have to be decoded."""
    if directory.losses is None:
        return None, group
    is_told = ~np.isnan(directory.lows[group.chunks])
    told = group.chunks[is_told]
    rest = None if is_told.all() else ChunkGroup.of(directory, group.chunks[~is_told])
    if not len(told):
        return None, rest
    return FileChunks(
        directory.series[told],
        group.first_time,
        group.last_time,
        group.count,
        directory.sums[told],
        directory.losses[told],
        directory.lows[told],
        directory.highs[told],
        directory.firsts[told],
        directory.lasts[told],
    ), rest
