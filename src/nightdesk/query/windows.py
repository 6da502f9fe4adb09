"""Range vectors: series in blocks that share their timestamps, and for every step the window (t - range, t]."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nightdesk.model.labels import Labels
from nightdesk.model.series import Series, Times, Values, stale_mask
from nightdesk.query.grid import Grid, Indices, Mask
from nightdesk.seams import Budget

CELLS_A_TURN = 1 << 19
"""How many cells of work pass between two looks at the budget: some milliseconds of numpy."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Series that share timestamps.

    `rows` are their places in the range vector; `times` has shape (samples,), `values` (rows, samples);
    step j's window is samples `low[j]:high[j]`. Stale markers have been taken out.
    """

    rows: Indices
    times: Times
    values: Values
    low: Indices
    high: Indices

    @property
    def counts(self) -> Indices:
        """Samples in each window, shape (steps,)."""
        return self.high - self.low

    def parts(self, cells: int) -> Iterator["Block"]:
        """Cut the block by rows so that no part has many more cells than asked, in samples or steps."""
        width = max(len(self.times), len(self.low), 1)
        height = max(1, cells // width)
        for start in range(0, len(self.rows), height):
            cut = slice(start, start + height)
            yield Block(self.rows[cut], self.times, self.values[cut], self.low, self.high)


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """A range vector at every step: windows are (start[j], end[j]] in milliseconds."""

    labels: list[Labels]
    blocks: list[Block]
    start: Times
    end: Times
    refused: Mask
    budget: Budget

    def compute(self, function: Callable[[Block], Values], minimum: int = 1) -> Grid:
        """Apply a function to every block; it answers (rows, steps).

        A cell is present where its window holds at least `minimum` samples; names are kept.
        """
        shape = (len(self.labels), len(self.end))
        values, present = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
        for block in self.blocks:
            enough = block.counts >= minimum
            if not enough.any():
                continue
            for part in block.parts(CELLS_A_TURN):
                self.budget.check()
                with np.errstate(all="ignore"):
                    values[part.rows] = function(part)
                present[part.rows] = enough
        refused = self.refused & ~present[:, -1] if shape[1] else self.refused
        return Grid(self.labels, values, present, refused)


def cut_windows(
    series: Sequence[Series], start: Times, end: Times, budget: Budget, refused: Mask | None = None
) -> Windows:
    """Build the windows (start[j], end[j]] over series as a reader gives them."""
    shared: dict[int, list[int]] = {}
    for row, one in enumerate(series):
        shared.setdefault(id(one.times), []).append(row)
    blocks = []
    for turn, rows in enumerate(shared.values()):
        if turn % 256 == 0:
            budget.check()
        times = series[rows[0]].times
        matrix = np.stack([series[row].values for row in rows])
        for places, kept_times, kept in _without_stale(np.array(rows), times, matrix):
            low = np.searchsorted(kept_times, start, side="right")
            high = np.searchsorted(kept_times, end, side="right")
            blocks.append(Block(places, kept_times, kept, low, np.maximum(low, high)))
    if refused is None:
        refused = np.zeros(len(series), dtype=np.bool_)
    return Windows([one.labels for one in series], blocks, start, end, refused, budget)


def _without_stale(rows: Indices, times: Times, matrix: Values) -> Iterator[tuple[Indices, Times, Values]]:
    """Take stale markers out; rows that ended at the same instants go on sharing their timestamps."""
    stale = stale_mask(matrix)
    if not stale.any():
        yield rows, times, matrix
        return
    for members in same_rows(stale):
        kept = ~stale[members[0]]
        yield rows[members], times[kept], matrix[members][:, kept]


def same_rows(mask: Mask) -> list[Indices]:
    """Group the rows of a mask that are equal."""
    groups: dict[bytes, list[int]] = {}
    for row, packed in enumerate(np.packbits(mask, axis=1)):
        groups.setdefault(packed.tobytes(), []).append(row)
    return [np.array(members) for members in groups.values()]


def grid_windows(grid: Grid, steps: Times, start: Times, end: Times, budget: Budget) -> Windows:
    """Build windows over a grid: what a subquery is. Series present at the same steps share their timestamps."""
    blocks = []
    for members in same_rows(grid.present):
        kept = grid.present[members[0]]
        times = steps[kept]
        low = np.searchsorted(times, start, side="right")
        high = np.searchsorted(times, end, side="right")
        blocks.append(Block(members, times, grid.values[members][:, kept], low, np.maximum(low, high)))
    return Windows(grid.labels, blocks, start, end, grid.refused, budget)


def gathered(block: Block, cells: int = CELLS_A_TURN) -> Iterator[tuple[slice, Values, Mask]]:
    """Lay the windows side by side: (steps, cube of shape (rows, those steps, width), mask (those steps, width)).

    Cells past a window's end hold whatever; the mask tells. Cut by steps so that a cube stays small.
    """
    width = int(block.counts.max(initial=0))
    across = max(1, cells // max(1, width * len(block.rows)))
    offsets = np.arange(width)
    last = max(0, len(block.times) - 1)
    for start in range(0, len(block.low), across):
        cut = slice(start, start + across)
        indices = block.low[cut, None] + offsets
        inside = indices < block.high[cut, None]
        yield cut, block.values[:, np.minimum(indices, last)], inside
