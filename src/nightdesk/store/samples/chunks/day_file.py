"""What every kind of day file can tell: labels and postings, samples as matrices, chunks by their summaries."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nightdesk.model.labels import Labels
from nightdesk.model.series import Refs, Times, Values
from nightdesk.seams.samples import Budget
from nightdesk.store.samples.chunks.copies import Copies
from nightdesk.store.samples.matching import PostingsSource


@dataclass(frozen=True, slots=True, eq=False)
class FilePanel:
    """Samples of series `ids` (of one file) that share their instants; `values` has shape (series, instants)."""

    ids: Refs
    times: Times
    values: Values


@dataclass(frozen=True, slots=True, eq=False)
class FileChunks:
    """Chunks that share their instants, told by their summaries: one each of the series `ids`; arrays of one length.

    `first_time`, `last_time` (ms) and `count` are those of the shared instants. `losses` is what rounding lost of
    the sums. Chunks with a NaN, or whose sum may overflow, have no summary and are never told so.
    """

    ids: Refs
    first_time: int
    last_time: int
    count: int
    sums: Values
    losses: Values
    lows: Values
    highs: Values
    firsts: Values
    lasts: Values


class DayFile(PostingsSource, Protocol):
    """One day file, open for reading. Safe from several threads; its series are the ids of this file alone."""

    path: Path
    sealed: bool
    """It never changes any more, so what was read of it may be kept."""

    def names(self) -> list[str]:
        """Return all label names, sorted."""
        ...

    def labels(self, ids: Refs) -> dict[int, Labels]:
        """Return the label sets of series. Raises CorruptData where a row fails its check."""
        ...

    def panels(self, ids: Refs, start: int, end: int, budget: Budget) -> Iterator[FilePanel]:
        """Yield samples in [start, end], in the order of writing within each series; none is empty.

        Damaged chunks are noted and passed over. Nobody may write into the arrays.
        """
        ...

    def summarised(self, ids: Refs, start: int, end: int, budget: Budget) -> Iterator[FileChunks | FilePanel]:
        """Yield the same samples, chunks that lie inside [start, end] as a whole by their summaries where they can be.

        A file in which the chunks of a series may overlap tells all of them as samples.
        """
        ...

    def sizes(self, ids: Refs) -> dict[int, int]:
        """Return how many samples series have; rough where rows are damaged."""
        ...

    def copyable(self, ids: Refs) -> Refs:
        """Return which of some series `copies` gives whole, sorted."""
        ...

    def copies(self, ids: Refs, budget: Budget) -> Iterator[Copies]:
        """Yield the chunks of copyable series as they are compressed, in the order of time within each series.

        Damaged chunks are noted and passed over.
        """
        ...

    def close(self) -> None:
        """Close the file."""
        ...
