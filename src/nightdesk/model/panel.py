"""Series side by side: a panel holds samples of series that share their instants, or chunks are told by summaries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.labels import Labels
from nightdesk.model.series import Series, Times, Values

Counts = NDArray[np.int64]
"""How many samples, shape (chunks,)."""
FEW_ROWS: Final = 32
"""Matrices of fewer rows on average are laid into one: below it calls of numpy cost more than the cells."""


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Series that share their instants: row i of `values`, shape (series, instants), belongs to `labels[i]`.

    `times` is strictly ascending and never empty. Stale markers are values like any other here. Nobody may write into
    the arrays: they may be shared with a cache.
    """

    labels: Sequence[Labels]
    times: Times
    values: Values

    def __len__(self) -> int:
        return len(self.labels)

    def series(self) -> Iterator[Series]:
        """Yield the rows as series; they share one `times` object."""
        for labels, values in zip(self.labels, self.values, strict=True):
            yield Series(labels, self.times, values)


@dataclass(frozen=True, slots=True, eq=False)
class ChunkSummaries:
    """Chunks, consecutive samples of series, told by their summary; the series share where each chunk begins and ends.

    `first_times`, `last_times` (ms, both inclusive) and `counts` have shape (chunks,), rising and not overlapping;
    the six summaries have shape (series, chunks). No chunk holds a NaN, and with it no stale marker. A sum that
    has no value (infinities of both signs) is NaN; `losses` is what rounding lost of the sums (see `exact_sums`).
    """

    labels: Sequence[Labels]
    first_times: Times
    last_times: Times
    counts: Counts
    sums: Values
    losses: Values
    lows: Values
    highs: Values
    firsts: Values
    lasts: Values


@dataclass(frozen=True, slots=True, eq=False)
class Summarised:
    """What an interval holds: whole chunks as summaries, the rest as samples; no sample is in both.

    A series may be in several of either; between them its instants never overlap.
    """

    chunks: Sequence[ChunkSummaries]
    panels: Sequence[Panel]


def panels_of(series: Iterable[Series]) -> list[Panel]:
    """Lay series side by side: those that share one `times` object are one panel."""
    shared: dict[int, list[Series]] = {}
    for one in series:
        shared.setdefault(id(one.times), []).append(one)
    return [
        Panel([one.labels for one in rows], rows[0].times, np.stack([one.values for one in rows]))
        for rows in shared.values()
    ]


def equal_rows(matrix: NDArray[np.int64] | NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Group the rows of a matrix that are equal, e.g. in their instants; groups are in the order of first rows."""
    if not len(matrix):
        return []
    if bool((matrix == matrix[0]).all()):
        return [np.arange(len(matrix))]
    cells = np.packbits(matrix, axis=1) if matrix.dtype == np.bool_ else matrix
    groups: dict[bytes, list[int]] = {}
    for row, own in enumerate(cells):
        groups.setdefault(own.tobytes(), []).append(row)
    return [np.array(members) for members in groups.values()]
