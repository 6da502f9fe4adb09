"""Ranges that look beyond their edges: `x[5m] anchored` and `x[5m] smoothed`, and `x smoothed` at an instant.

A plain window holds what lies within it, and rates are extrapolated to its edges. An anchored window begins with the
last sample before it instead. A smoothed one has a value at each edge, on the straight line between the samples to
both sides. Neither looks further than the lookback. Rules: Prometheus 3, promql/functions.go, `extendedRate`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightdesk.errors import QueryError
from nightdesk.model.instant import SECOND
from nightdesk.model.series import Series, Times, Values, stale_mask
from nightdesk.query.functions.rates import doubt_counters, sums_between
from nightdesk.query.functions.signature import Invocation
from nightdesk.query.grid import Grid, Indices, Mask
from nightdesk.query.language.tree import Call, Extended, MatrixSelector, unwrap
from nightdesk.seams.samples import Budget

_COUNTERS: Final = frozenset({"rate", "increase"})
_FUNCTIONS: Final[dict[Extended, tuple[str, ...]]] = {
    Extended.ANCHORED: ("changes", "delta", "increase", "rate", "resets"),
    Extended.SMOOTHED: ("delta", "increase", "rate"),
}
"""What makes sense of samples from outside the window, in the order in which the refusal names it."""


def extended_argument(call: Call) -> MatrixSelector | None:
    """Return the argument that is an anchored or smoothed range, if there is one.

    Raises:
        QueryError: the function knows nothing of samples from outside its window.
    """
    for argument in map(unwrap, call.arguments):
        if isinstance(argument, MatrixSelector) and argument.selector.extended is not None:
            extended = argument.selector.extended
            if call.name not in _FUNCTIONS[extended]:
                allowed = ", ".join(_FUNCTIONS[extended])
                raise QueryError(f"{extended.value} modifier can only be used with: {allowed} - not with {call.name}")
            return argument
    return None


@dataclass(frozen=True, slots=True, eq=False)
class ExtendedWindows:
    """Series, read a lookback beyond the windows (start[j], end[j]] where `extended` looks there; milliseconds."""

    series: Sequence[Series]
    extended: Extended
    start: Times
    end: Times
    lookback: int
    budget: Budget

    def edges(self, *, counter: bool) -> Iterator[tuple[int, "_Edges"]]:
        """Yield the number of each series that has samples, and what it has at the edges of every window."""
        smoothed = self.extended is Extended.SMOOTHED
        for row, one in enumerate(self.series):
            if row % 64 == 0:
                self.budget.check()
            kept = ~stale_mask(one.values)
            if kept.any():
                yield row, _Edges.of(self, one.times[kept], one.values[kept], smoothed=smoothed, counter=counter)

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

    def grid(self, compute: Callable[["_Edges"], Values], *, counter: bool) -> Grid:
        """Apply a function of a series' edges, of shape (steps,), to every series."""
        shape = (len(self.series), len(self.end))
        values, present = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
        with np.errstate(all="ignore"):
            for row, edges in self.edges(counter=counter):
                values[row], present[row] = compute(edges), edges.present
        return Grid.of([one.labels for one in self.series], values, present)


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
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
    def of(cls, windows: ExtendedWindows, times: Times, values: Values, *, smoothed: bool, counter: bool) -> "_Edges":
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


# ------------------------------------------------------------------ functions


def over_extended(call: Invocation, windows: ExtendedWindows) -> Grid:
    """Compute a function that `extended_argument` has let through."""
    name = call.call.name
    if name in ("changes", "resets"):
        differs = _fell if name == "resets" else _moved
        return windows.grid(lambda edges: _counted(edges, differs), counter=False).without_name()
    counter = name in _COUNTERS
    seconds = (windows.end - windows.start) / SECOND if name == "rate" else 1.0

    def compute(edges: _Edges) -> Values:
        change = edges.right - edges.left
        return (change + _lost(edges) if counter else change) / seconds

    grid = windows.grid(compute, counter=counter)
    if counter:
        doubt_counters(call, grid)
    return grid.without_name()


def _lost(edges: _Edges) -> Values:
    """Sum what the counter stood at before each reset between the edges; both edges take part."""
    values, first, last = edges.values, edges.inner_first, edges.inner_last
    some = last >= first
    most = len(values) - 1
    begun = np.where(some, values[np.minimum(first, most)], edges.right)
    ended = np.where(some, values[np.clip(last, 0, most)], edges.left)
    at_start = np.where(some & (begun < edges.left), edges.left, 0.0)
    at_end = np.where(edges.right < ended, ended, 0.0)
    fallen = np.where(values[1:] < values[:-1], values[:-1], 0.0)
    # fallen[k] lies between samples k and k + 1.
    begin = np.minimum(first, most)
    within = sums_between(fallen[None, :], begin, np.maximum(last, begin))[0]
    return at_start + np.where(some, within, 0.0) + at_end


def _fell(before: Values, after: Values) -> Mask:
    return np.less(after, before)


def _moved(before: Values, after: Values) -> Mask:
    return np.not_equal(before, after) & ~(np.isnan(before) & np.isnan(after))


def _counted(edges: _Edges, differs: Callable[[Values, Values], Mask]) -> Values:
    total = np.concatenate([[0], np.cumsum(differs(edges.values[:-1], edges.values[1:]))])
    counts: Values = (total[edges.last] - total[edges.first]).astype(np.float64)
    return counts


# ------------------------------------------------------------------- instants


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
