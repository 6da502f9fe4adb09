"""Range vectors: series in blocks that share their timestamps, and for every step the window (t - range, t]."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from nightdesk.model.instant import SECOND
from nightdesk.model.labels import Labels
from nightdesk.model.panel import FEW_ROWS, equal_rows
from nightdesk.model.series import Times, Values, has_nan, stale_mask
from nightdesk.query.grid import Grid, Indices, Mask
from nightdesk.query.kernels.columns import columns
from nightdesk.query.selecting.reading import Reading
from nightdesk.seams.samples import Budget

CELLS_A_TURN = 1 << 19
"""How many cells of work pass between two looks at the budget: some milliseconds of numpy."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Series whose windows hold the same samples by number.

    `rows` are their places in the range vector; `values` has shape (rows, samples), `times` (1, samples) where they
    share their timestamps and (rows, samples) where they do not; step j's window is samples `low[j]:high[j]`. Stale
    markers have been taken out.
    """

    rows: Indices
    times: Times
    values: Values
    low: Indices
    high: Indices
    look: Callable[[], None] = field(default=lambda: None, repr=False)
    """Looks at the budget; for work that takes many turns even on one row."""

    @property
    def counts(self) -> Indices:
        """Samples in each window, shape (steps,)."""
        return self.high - self.low

    @property
    def first(self) -> Indices:
        """Where each window's first sample is; some sample where a window is empty."""
        first: Indices = np.minimum(self.low, self.values.shape[1] - 1)
        return first

    @property
    def last(self) -> Indices:
        """Where each window's last sample is; some sample where a window is empty."""
        return np.maximum(self.high - 1, 0)

    def at(self, samples: Indices) -> Values:
        """Return values by number, shape (rows, steps)."""
        return columns(self.values, samples)

    def instants(self, samples: Indices) -> Times:
        """Return timestamps by number in ms, shape (1 or rows, steps).

        Distances are taken between these: seconds since 1970 as floats are good to a quarter of a microsecond only,
        which shows in a rate's seventh digit.
        """
        instants: Times = self.times.take(samples, axis=1)
        return instants

    def seconds(self, samples: Indices) -> Values:
        """Return timestamps by number in seconds, shape (1 or rows, steps): it broadcasts over the rows."""
        return self.times.take(samples, axis=1) / SECOND

    def parts(self, cells: int, each: float = 1.0, look: Callable[[], None] | None = None) -> Iterator["Block"]:
        """Cut the block by rows so that no part has many more cells than asked, in samples or steps, `each` a step.

        The parts look at the budget by `look`, or as the block does.
        """
        width = max(self.values.shape[1], round(each * len(self.low)), 1)
        height = max(1, cells // width)
        for start in range(0, len(self.rows), height):
            cut = slice(start, start + height)
            times = self.times if len(self.times) == 1 else self.times[cut]
            yield Block(self.rows[cut], times, self.values[cut], self.low, self.high, look or self.look)


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """A range vector at every step: windows are (start[j], end[j]] in milliseconds."""

    labels: list[Labels]
    blocks: list[Block]
    start: Times
    end: Times
    refused: Mask
    budget: Budget
    own_bytes: int = 0
    """Bytes of samples that were copied; others are those of a read."""

    def occupied(self) -> Mask:
        """Tell of each window whether any series has a sample in it, shape (steps,)."""
        some = np.zeros(len(self.end), dtype=np.bool_)
        for block in self.blocks:
            some |= block.counts > 0
        return some

    def compute(self, function: Callable[[Block], Values], minimum: int = 1, *, walks: bool = False) -> Grid:
        """Apply a function to every block; it answers (rows, steps).

        A cell is present where its window holds at least `minimum` samples; names are kept. A function that `walks`
        looks at every sample of every window, so that its cost grows with their width: it gets fewer rows at a time.
        """
        shape = (len(self.labels), len(self.end))
        values, present = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
        for block in self.blocks:
            enough = block.counts >= minimum
            if not enough.any():
                continue
            width = int(block.counts.max()) if walks else 1
            for part in block.parts(CELLS_A_TURN, (width + 3) / 4, self.budget.check):
                self.budget.check()
                with np.errstate(all="ignore"):
                    values[part.rows] = function(part)
                present[part.rows] = enough
        refused = self.refused & ~present[:, -1] if shape[1] else self.refused
        return Grid(self.labels, values, present, refused)


_Part: TypeAlias = tuple[Indices, Times, Values]
"""Rows, the instants they share and their values."""


class _BlockBuilder:
    """Gathers series whose windows hold the same samples by number, be their timestamps shared or not."""

    def __init__(self, start: Times, end: Times) -> None:
        self._start, self._end = start, end
        self._ranges: list[tuple[Indices, Indices]] = []
        self._parts: dict[tuple[int, bytes, bytes], list[_Part]] = {}

    def add(self, rows: Indices, times: Times, values: Values) -> None:
        """Take rows that share their timestamps."""
        low = times.searchsorted(self._start, side="right")
        high = np.maximum(times.searchsorted(self._end, side="right"), low)
        key = (len(times), low.tobytes(), high.tobytes())
        if key not in self._parts:
            self._parts[key] = []
            self._ranges.append((low, high))
        self._parts[key].append((rows, times, values))

    def blocks(self) -> list[Block]:
        """Return what was gathered: many small parts as one, large ones as they are."""
        found: list[Block] = []
        for (low, high), parts in zip(self._ranges, self._parts.values(), strict=True):
            by_times: dict[int, list[_Part]] = {}
            for part in parts:
                by_times.setdefault(id(part[1]), []).append(part)
            merged = [one for same in by_times.values() for one in _merged(same, own_times=False)]
            found += [
                Block(rows, times if times.ndim == 2 else times[None], values, low, high)
                for rows, times, values in _merged(merged, own_times=len(by_times) > 1)
            ]
        return found


def _merged(parts: "list[_Part]", *, own_times: bool) -> "list[_Part]":
    """Put parts of few rows below each other; with `own_times` every row has its instants, else all share them."""
    if len(parts) < 2 or sum(len(rows) for rows, _, _ in parts) >= FEW_ROWS * len(parts):
        return parts
    times = parts[0][1]
    if own_times:
        times = np.concatenate([np.broadcast_to(times, values.shape) for _, times, values in parts])
    rows = np.concatenate([rows for rows, _, _ in parts])
    return [(rows, times, np.concatenate([values for _, _, values in parts]))]


def cut_windows(reading: Reading, start: Times, end: Times, budget: Budget, refused: Mask | None = None) -> Windows:
    """Build the windows (start[j], end[j]] over what a reader gave."""
    builder = _BlockBuilder(start, end)
    for turn, (panel, places) in enumerate(zip(reading.panels, reading.places, strict=True)):
        if turn % 256 == 0:
            budget.check()
        for rows, times, kept in _without_stale(places, panel.times, panel.values):
            builder.add(rows, times, kept)
    if refused is None:
        refused = np.zeros(len(reading), dtype=np.bool_)
    blocks, read = builder.blocks(), {id(panel.values) for panel in reading.panels}
    copied = sum(block.values.nbytes for block in blocks if id(block.values) not in read)
    return Windows(reading.labels, blocks, start, end, refused, budget, copied)


def _without_stale(rows: Indices, times: Times, matrix: Values) -> Iterator[tuple[Indices, Times, Values]]:
    """Take stale markers out; rows that ended at the same instants go on sharing their timestamps."""
    if not has_nan(matrix) or not (stale := stale_mask(matrix)).any():
        yield rows, times, matrix
        return
    for members in equal_rows(stale):
        kept = ~stale[members[0]]
        yield rows[members], times[kept], matrix[members][:, kept]


def grid_windows(grid: Grid, steps: Times, start: Times, end: Times, budget: Budget) -> Windows:
    """Build windows over a grid: what a subquery is. Series present at the same steps share their timestamps."""
    builder = _BlockBuilder(start, end)
    for members in equal_rows(grid.present):
        kept = grid.present[members[0]]
        builder.add(members, steps[kept], grid.values[members][:, kept])
    blocks = builder.blocks()
    copied = sum(block.values.nbytes for block in blocks)
    return Windows(grid.labels, blocks, start, end, grid.refused, budget, copied)


def gathered(block: Block, cells: int = CELLS_A_TURN) -> Iterator[tuple[slice, Values, Mask]]:
    """Lay the windows side by side: (steps, cube of shape (rows, those steps, width), mask (those steps, width)).

    Cells past a window's end hold whatever; the mask tells. Cut by steps so that a cube stays small; before each of
    them comes a look at the budget.
    """
    width = int(block.counts.max(initial=0))
    across = max(1, cells // max(1, width * len(block.rows)))
    offsets = np.arange(width)
    last = max(0, block.values.shape[1] - 1)
    for start in range(0, len(block.low), across):
        block.look()
        cut = slice(start, start + across)
        indices = block.low[cut, None] + offsets
        inside = indices < block.high[cut, None]
        yield cut, block.values[:, np.minimum(indices, last)], inside
