"""Ranges that look beyond their edges: `x[5m] anchored` and `x[5m] smoothed`, and `x smoothed` at an instant.

A plain window holds what lies within it, and rates are extrapolated to its edges. An anchored window begins with the
last sample before it instead. A smoothed one has a value at each edge, on the straight line between the samples to
both sides. Neither looks further than the lookback. Rules: Prometheus 3, promql/functions.go, `extendedRate`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nightdesk.model.series import Series, Times, Values, stale_mask
from nightdesk.query.grid import Grid, Indices, Mask
from nightdesk.query.language.tree import Extended
from nightdesk.seams.samples import Budget


@dataclass(frozen=True, slots=True, eq=False)
class ExtendedWindows:
    """Series, read a lookback beyond the windows (start[j], end[j]] where `extended` looks there; milliseconds."""

    series: Sequence[Series]
    extended: Extended
    start: Times
    end: Times
    lookback: int
    budget: Budget

    def edges(self, *, counter: bool) -> Iterator[tuple[int, "WindowEdges"]]:
        """Yield the number of each series that has samples, and what it has at the edges of every window."""
        smoothed = self.extended is Extended.SMOOTHED
        for row, one in enumerate(self.series):
            if row % 64 == 0:
                self.budget.check()
            kept = ~stale_mask(one.values)
            if kept.any():
                yield row, WindowEdges.of(self, one.times[kept], one.values[kept], smoothed=smoothed, counter=counter)

    def samples(self) -> list[Series]:
        """Return the samples of each series' only window, with values at its edges."""
        found: list[Series] = []
        for row, edges in self.edges(counter=False):
            if not edges.present[0]:
                continue
            first, last = int(edges.inner_first[0]), int(edges.inner_last[0])
            times = np.concatenate([self.start[:1], edges.times[first : last + 1], self.end[:1]])
            values = np.concatenate([edges.left[:1], edges.values[first : last + 1], edges.right[:1]])
            found.append(Series(self.series[row].labels, times, values))
        return found

    def grid(self, compute: Callable[["WindowEdges"], Values], *, counter: bool) -> Grid:
        """Apply a function of a series' edges, of shape (steps,), to every series."""
        shape = (len(self.series), len(self.end))
        values, present = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
        with np.errstate(all="ignore"):
            for row, edges in self.edges(counter=counter):
                values[row], present[row] = compute(edges), edges.present
        return Grid.of([one.labels for one in self.series], values, present)


@dataclass(frozen=True, slots=True, eq=False)
class WindowEdges:
    """A series at the edges of its windows; indices and values have shape (steps,), they mean nothing where absent.

    `left` and `right` are the values at the edges. Samples `inner_first` to `inner_last`, both included, lie strictly
    within; `first` is the sample a window begins with, be it before its start, `last` the one it ends with.
    """

    times: Times
    values: Values
    first: Indices
    last: Indices
    inner_first: Indices
    inner_last: Indices
    left: Values
    right: Values
    present: Mask

    @classmethod
    def of(
        cls, windows: ExtendedWindows, times: Times, values: Values, *, smoothed: bool, counter: bool
    ) -> "WindowEdges":
        """Find the edges of every window in the samples of one series, stale markers left out."""
        start, end = windows.start, windows.end
        beyond = windows.lookback if smoothed else 0
        low = times.searchsorted(start - windows.lookback, side="right")
        high = times.searchsorted(end + beyond, side="right")
        some = high > low
        # An empty window has indices all the same: they stay inside the arrays, and the mask tells.
        most = len(times) - 1
        low = np.minimum(low, most)
        final = np.clip(high - 1, low, most)
        first = np.maximum(low, np.clip(times.searchsorted(start, side="right"), low, final) - 1)
        last = np.clip(times.searchsorted(end, side="left"), low, final) if smoothed else final
        present = some & (times[last] > start)
        left, right = values[first], values[last]
        if smoothed:
            present &= times[first] <= end
            following, before = np.minimum(first + 1, most), np.maximum(last - 1, 0)
            line = _Line(times, values, counter)
            left = np.where(times[first] < start, line.between(first, following, start), left)
            right = np.where((last > low) & (times[last] > end), line.between(before, last, end), right)
        inner_first, inner_last = first + (times[first] <= start), last - (times[last] >= end)
        return cls(times, values, first, last, inner_first, inner_last, left, right, present)


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """Straight lines between neighbours; a counter that was reset between them is taken to have begun at zero."""

    times: Times
    values: Values
    counter: bool = False

    def between(self, first: Indices, second: Indices, at: Times) -> Values:
        """Return the values at some instants on the lines from each first to its second sample."""
        begun, reached = self.values[first], self.values[second]
        if self.counter:
            begun = np.where(reached < begun, 0.0, begun)
        with np.errstate(all="ignore"):
            share = (at - self.times[first]).astype(np.float64)
            values: Values = begun + (reached - begun) * share / (self.times[second] - self.times[first])
        return values


def smoothed_at(series: Sequence[Series], at: Times, lookback: int, budget: Budget) -> Grid:
    """Return each series' value on the line between its neighbours at some instants.

    Behind its last sample a series goes on at that value for the lookback; before its first it is absent.
    """
    shape = (len(series), len(at))
    values, present = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    for row, one in enumerate(series):
        if row % 64 == 0:
            budget.check()
        kept = ~stale_mask(one.values)
        times, own = one.times[kept], one.values[kept]
        if not len(times):
            continue
        before = times.searchsorted(at, side="right") - 1
        following = np.minimum(before + 1, len(times) - 1)
        found = np.maximum(before, 0)
        present[row] = (before >= 0) & (times[found] > at - lookback)
        between = (times[found] < at) & (following > before) & (times[following] <= at + lookback)
        values[row] = np.where(between, _Line(times, own).between(found, following, at), own[found])
    return Grid.of([one.labels for one in series], values, present)
