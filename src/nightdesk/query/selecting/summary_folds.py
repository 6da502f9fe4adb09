"""Folding windows out of summaries: whole chunks by what was kept of them, the edges sample by sample.

A chunk counts in a window (start, end] if its first instant is after the start and its last at or before the end. A
sample is a chunk of one, so both are folded alike: a column of the matrices below is a chunk or a sample.

Sums of chunks and of samples at the edges come with what rounding lost of them, so the sum of a window is that of its
samples, to the last digit, wherever the chunks were cut.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightdesk.model.exact_sums import MOST, exact_sums
from nightdesk.model.label_rows import LabelRows
from nightdesk.model.panel import ChunkSummaries, Summarised
from nightdesk.model.series import Times, Values
from nightdesk.query.grid import Grid, Indices, Mask
from nightdesk.query.kernels.extremes import window_extremes
from nightdesk.query.kernels.running_sum import RunningSum
from nightdesk.query.selecting.reading import Reading, ordered_rows
from nightdesk.query.selecting.windows import CELLS_A_TURN, Block, cut_windows
from nightdesk.seams.samples import Budget


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """Rows of the answer and what is known of their columns; window j holds columns `low[j]:high[j]`.

    The six matrices have shape (rows, columns), `counts` (windows,) says how many samples that is, `last_times` has
    shape (1 or rows, columns). Samples have no `losses`.
    """

    rows: Indices
    low: Indices
    high: Indices
    counts: Values
    first_times: Times
    last_times: Times
    sums: Values
    losses: Values | None
    lows: Values
    highs: Values
    firsts: Values
    lasts: Values

    @classmethod
    def of_block(cls, block: Block) -> "_Columns":
        """Take samples: each is its own sum, extreme, first and last."""
        values, times, counts = block.values, block.times, block.counts.astype(np.float64)
        return cls(
            block.rows, block.low, block.high, counts, times, times, values, None, values, values, values, values
        )  # fmt: skip

    @classmethod
    def of_chunks(cls, told: ChunkSummaries, rows: Indices, start: Times, end: Times) -> "_Columns":
        """Take chunks whose rows have these places in the answer."""
        low = told.first_times.searchsorted(start, side="right")
        high = np.maximum(told.last_times.searchsorted(end, side="right"), low)
        running = np.append(0, np.cumsum(told.counts))
        counts = (running[high] - running[low]).astype(np.float64)
        first_times, last_times = told.first_times[None, :], told.last_times[None, :]
        return cls(
            rows, low, high, counts, first_times, last_times,
            told.sums, told.losses, told.lows, told.highs, told.firsts, told.lasts,
        )  # fmt: skip

    @property
    def has_any(self) -> Mask:
        """Tell of each window whether it holds a column."""
        some: Mask = self.high > self.low
        return some

    def addends(self, window: int) -> Values:
        """Return all that adds up to the sum of a window, shape (rows, addends)."""
        columns = slice(int(self.low[window]), int(self.high[window]))
        if self.losses is None:
            return self.sums[:, columns]
        return np.concatenate((self.sums[:, columns], self.losses[:, columns]), axis=1)


class _Totals:
    """What is known of every series and window so far; arrays of shape (series, windows)."""

    def __init__(self, shape: tuple[int, int]) -> None:
        """Start from nothing."""
        self.counts = np.zeros(shape)
        self.values = np.full(shape, np.nan)
        self.sums = RunningSum.zeros(shape)
        self.may_overflow = False
        """Sums were met of which samples alone tell whether they overflow on the way."""
        self.at = np.zeros(shape, dtype=np.int64)


_Take = Callable[[_Totals, _Columns], None]


@dataclass(frozen=True, slots=True)
class SummaryFold:
    """How a function of a range is told from summaries: what it takes of columns, and its answer out of the totals."""

    take: _Take
    result: Callable[[_Totals], Values]


def _count(totals: _Totals, columns: _Columns) -> None:
    totals.counts[columns.rows] += columns.counts


def _sum(totals: _Totals, columns: _Columns) -> None:
    _count(totals, columns)
    for window in range(len(columns.low)):
        found = exact_sums(columns.addends(window))
        part = RunningSum(totals.sums.total[columns.rows, window], totals.sums.lost[columns.rows, window])
        part.add(found.totals)
        part.lost += found.losses
        totals.sums.total[columns.rows, window], totals.sums.lost[columns.rows, window] = part.total, part.lost
        totals.may_overflow |= bool((np.abs(found.totals) >= MOST).any())


def _extreme(matrix: Callable[[_Columns], Values], fold: np.ufunc) -> _Take:
    def take(totals: _Totals, columns: _Columns) -> None:
        _count(totals, columns)
        found = window_extremes(matrix(columns), columns.low, columns.high, fold)
        found[:, ~columns.has_any] = np.nan
        totals.values[columns.rows] = fold(totals.values[columns.rows], found)

    return take


def _last(totals: _Totals, columns: _Columns) -> None:
    last = np.maximum(columns.high - 1, 0)
    _take(totals, columns, columns.lasts.take(last, axis=1), columns.last_times.take(last, axis=1), 1)


def _first(totals: _Totals, columns: _Columns) -> None:
    first = np.minimum(columns.low, columns.firsts.shape[1] - 1)
    _take(totals, columns, columns.firsts.take(first, axis=1), columns.first_times.take(first, axis=1), -1)


def _take(totals: _Totals, columns: _Columns, values: Values, times: Times, direction: int) -> None:
    """Put values in where they are later (direction 1) or earlier (-1) than what is there."""
    rows = columns.rows
    better = (totals.counts[rows] == 0) | (direction * times > direction * totals.at[rows])
    better &= columns.has_any
    totals.values[rows] = np.where(better, values, totals.values[rows])
    totals.at[rows] = np.where(better, times, totals.at[rows])
    _count(totals, columns)


def _mean(totals: _Totals) -> Values:
    return totals.sums.result() / np.maximum(totals.counts, 1.0)


def _values(totals: _Totals) -> Values:
    return totals.values


MEAN: Final = SummaryFold(_sum, _mean)
COUNT: Final = SummaryFold(_count, lambda totals: totals.counts)
FIRST: Final = SummaryFold(_first, _values)
LAST: Final = SummaryFold(_last, _values)
HIGHEST: Final = SummaryFold(_extreme(lambda columns: columns.highs, np.fmax), _values)
LOWEST: Final = SummaryFold(_extreme(lambda columns: columns.lows, np.fmin), _values)
PRESENT: Final = SummaryFold(_count, lambda totals: np.ones(totals.counts.shape))
SUM: Final = SummaryFold(_sum, lambda totals: totals.sums.result())


def fold(how: SummaryFold, told: Summarised, start: Times, end: Times, budget: Budget) -> Grid | None:
    """Fold summaries over the windows (start[j], end[j]]; metric names are kept.

    None where the summaries do not tell: sums that are infinite, or so large that they may be on the way.
    """
    lists = [*(each.labels for each in told.chunks), *(each.labels for each in told.panels)]
    if not lists:
        return Grid.empty(len(end))
    labels, places = ordered_rows(lists)
    totals = _Totals((len(labels), len(end)))
    with np.errstate(all="ignore"):
        for columns in _all_columns(told, labels, places, start, end, budget):
            budget.check()
            how.take(totals, columns)
        values = how.result(totals)
    present = totals.counts > 0
    if totals.may_overflow:
        return None
    return Grid.of(labels, np.where(present, values, 0.0), present)


def _all_columns(
    told: Summarised, labels: LabelRows, places: list[Indices], start: Times, end: Times, budget: Budget
) -> Iterator[_Columns]:
    """Yield all columns, each time of rows that differ from each other: a series may be in several panels."""
    for chunks, rows in zip(told.chunks, places, strict=False):
        yield _Columns.of_chunks(chunks, rows, start, end)
    for panel, rows in zip(told.panels, places[len(told.chunks) :], strict=True):
        for block in cut_windows(Reading((panel,), labels, (rows,)), start, end, budget).blocks:
            if block.values.shape[1]:  # a series may have nothing but stale markers
                yield from map(_Columns.of_block, block.parts(CELLS_A_TURN))
