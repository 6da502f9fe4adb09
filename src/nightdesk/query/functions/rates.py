"""How fast a series moves: rate, increase, delta, irate, idelta. Formulas: Prometheus 3, functions.go."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.instant import SECOND
from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels
from nightdesk.model.series import Times, Values
from nightdesk.query.functions.signature import Invocation
from nightdesk.query.grid import Grid, Indices
from nightdesk.query.selecting.windows import Block, Windows

_COUNTER_SUFFIXES = ("_total", "_sum", "_count", "_bucket")


def rate(call: Invocation) -> Grid:
    """Increase a second of a counter, extrapolated to the window's edges."""
    return _extrapolated(call, counter=True, per_second=True)


def increase(call: Invocation) -> Grid:
    """Increase of a counter, extrapolated to the window's edges."""
    return _extrapolated(call, counter=True, per_second=False)


def delta(call: Invocation) -> Grid:
    """Difference of a gauge, extrapolated to the window's edges."""
    return _extrapolated(call, counter=False, per_second=False)


def irate(call: Invocation) -> Grid:
    """Increase a second of a counter between a window's last two samples."""

    def compute(block: Block) -> Values:
        last, before, seconds = _last_two(block)
        # After a reset the counter began at zero, so its whole value is the increase.
        return np.where(last < before, last, last - before) / seconds

    return call.windows(0).compute(compute, minimum=2).without_name()


def idelta(call: Invocation) -> Grid:
    """Difference between a window's last two samples."""

    def compute(block: Block) -> Values:
        last, before, _ = _last_two(block)
        return last - before

    return call.windows(0).compute(compute, minimum=2).without_name()


def _last_two(block: Block) -> tuple[Values, Values, Values]:
    last, before = block.last, np.maximum(block.high - 2, 0)
    return block.at(last), block.at(before), (block.instants(last) - block.instants(before)) / SECOND


def _extrapolated(call: Invocation, *, counter: bool, per_second: bool) -> Grid:
    windows = call.windows(0)

    def compute(block: Block) -> Values:
        return _extrapolate(block, windows, counter=counter, per_second=per_second)

    grid = windows.compute(compute, minimum=2)
    if counter:
        doubt_counters(call, grid)
    return grid.without_name()


def _extrapolate(block: Block, windows: Windows, *, counter: bool, per_second: bool) -> Values:
    first = block.at(block.first)
    change = block.at(block.last)
    change -= first
    if counter:
        _add_resets(block, change)
    edges = Edges(first, change, block.instants(block.first), block.instants(block.last), block.counts)
    return extrapolated(edges, windows.start, windows.end, counter=counter, per_second=per_second)


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """What is known of windows, arrays that broadcast to (rows, steps); instants in milliseconds."""

    first: Values
    """The first value."""
    change: Values
    """From the first value to the last, resets of a counter made up for; `extrapolated` may write into it."""
    begun: Times
    """The instant of the first sample."""
    ended: Times
    """The instant of the last sample."""
    counts: NDArray[np.integer]
    """How many samples there are."""


def extrapolated(edges: Edges, start: Times, end: Times, *, counter: bool, per_second: bool) -> Values:
    """Extrapolate what was sampled to the edges of the windows (start[j], end[j]]; answers (rows, steps)."""
    change = edges.change
    sampled = (edges.ended - edges.begun) / SECOND
    average = sampled / np.maximum(edges.counts - 1, 1)
    to_start = (edges.begun - start) / SECOND
    to_end = (end - edges.ended) / SECOND
    # A sample within 1.1 intervals of an edge: the series goes on to it. Else it began or ended half an interval off.
    to_start = np.where(to_start >= average * 1.1, average / 2, to_start)
    to_end = np.where(to_end >= average * 1.1, average / 2, to_end)
    scale = 1.0 / sampled
    if per_second:
        scale = scale / ((end - start) / SECOND)
    if not counter:
        return change * ((sampled + to_start + to_end) * scale)
    # A counter is never extrapolated below zero.
    to_zero = sampled * (edges.first / change)
    useful = (change > 0) & (edges.first >= 0) & (to_zero < to_start)
    reach = np.where(useful, to_zero, to_start)
    reach += sampled + to_end
    reach *= scale
    return np.multiply(change, reach, out=reach)


def _add_resets(block: Block, change: Values) -> None:
    """Add to `change` what the counter stood at before each reset inside a window."""
    fell = block.values[:, 1:] < block.values[:, :-1]
    affected = np.flatnonzero(fell.any(axis=1))
    if not len(affected):
        return
    lost = np.where(fell[affected], block.values[affected, :-1], 0.0)
    # lost[k] lies between samples k and k + 1: in a window low..high it counts for low <= k < high - 1.
    change[affected] += sums_between(lost, block.low, np.maximum(block.high - 1, block.low))


def sums_between(values: Values, low: Indices, high: Indices) -> Values:
    """Sum `values[:, low[j]:high[j]]`, 0 where empty; no sum reaches past its window and loses accuracy there."""
    sums = np.zeros((len(values), len(low)))
    filled = np.flatnonzero(high > low)
    if len(filled):
        padded = np.concatenate([values, np.zeros((len(values), 1))], axis=1)
        edges = np.stack([low[filled], high[filled]], axis=1).ravel()
        sums[:, filled] = np.add.reduceat(padded, edges, axis=1)[:, ::2]
    return sums


def doubt_counters(call: Invocation, grid: Grid) -> None:
    """Say of what `rate` and `increase` were asked of that its name is no counter's."""
    labels = grid.rows(np.flatnonzero(grid.present.any(axis=1))).labels
    for name in labels.derived("names", _names) if isinstance(labels, LabelRows) else _names(labels):
        if name and not name.endswith(_COUNTER_SUFFIXES):
            message = f'metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "{name}"'
            call.notes.inform(message, call.span(0))


def _names(rows: Sequence[Labels]) -> list[str]:
    return sorted({labels.name for labels in rows})
