"""Classic histograms, series with a label `le`: histogram_quantile and histogram_fraction.

Formulas: Prometheus 3, promql/quantile.go.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from nightdesk.model.go_numbers import open_metrics_text
from nightdesk.model.labels import Labels, quote
from nightdesk.model.panel import equal_rows
from nightdesk.model.series import Values
from nightdesk.query.functions.monotonic import Repairs
from nightdesk.query.functions.signature import SCALAR, STRING, VECTOR, Function, Invocation
from nightdesk.query.grid import Grid, Indices, stacked
from nightdesk.query.kernels.quantiles import note_bad_quantiles
from nightdesk.query.language.strings import is_utf8
from nightdesk.query.names import name_of


@dataclass(slots=True)
class _Histogram:
    """The rows of one histogram and their upper bounds."""

    rows: list[int] = field(default_factory=list)
    bounds: list[float] = field(default_factory=list)


_Estimate = Callable[[str, Values, Values, Indices], Values]
"""From the name of a histogram, its bounds, its counts and the numbers of the steps to what is estimated there."""


def _quantile_of(call: Invocation) -> Grid:
    wanted = call.scalar(0)
    note_bad_quantiles(wanted, call.notes, call.span(0))
    return _quantile(call, call.grid(1), wanted, position=1)


def _quantiles_of(call: Invocation) -> Grid:
    label = call.text(1)
    grids = []
    for index in range(2, len(call)):
        wanted = call.scalar(index)
        note_bad_quantiles(wanted, call.notes, call.span(index))
        # The label may be that of the name: the old one goes first.
        found = _quantile(call, call.grid(0), wanted, position=0).without_name()
        texts = np.array([open_metrics_text(value) for value in wanted.tolist()])
        # A quantile that changes from step to step has its own label at each.
        for text in dict.fromkeys(texts.tolist()):
            labels = [labels.merged({label: text}) for labels in found.labels]
            grids.append(Grid(labels, found.values, found.present & (texts == text), found.refused))
    return stacked(grids).merged(call.budget)


def _fraction_of(call: Invocation) -> Grid:
    lower, upper = call.scalar(0), call.scalar(1)

    def estimate(_: str, bounds: Values, counts: Values, steps: Indices) -> Values:
        return _fraction(bounds, counts, lower[steps], upper[steps])

    return _over_histograms(call, call.grid(2), estimate, position=2)


def _quantile(call: Invocation, grid: Grid, wanted: Values, position: int) -> Grid:
    repairs = Repairs(call.notes, call.span(position))

    def estimate(name: str, bounds: Values, counts: Values, steps: Indices) -> Values:
        if len(bounds) < 2 or bounds[-1] != np.inf:
            # Of such a histogram nothing is known, so there is nothing to mend.
            return _interpolate(bounds, counts, wanted[steps])
        q = wanted[steps]
        # Outside of 0..1 no bucket is looked at.
        looked = (q >= 0) & (q <= 1)
        return _interpolate(bounds, repairs.mend(name, bounds, counts, call.steps[steps], looked), q)

    return _over_histograms(call, grid, estimate, position)


def _of_native(call: Invocation) -> Grid:
    # Samples are floats, all of them.
    return Grid.empty(len(call.steps))


def _of_metric(labels: Labels) -> str:
    name = name_of(labels)
    return f" for metric name {quote(name)}" if name else ""


# ------------------------------------------------------------------- grouping


def _over_histograms(call: Invocation, grid: Grid, estimate: _Estimate, position: int) -> Grid:
    """Gather rows to histograms and estimate each at the steps at which it has buckets."""
    histograms = _gather(call, grid, position)
    steps = len(call.steps)
    values, present = np.zeros((len(histograms), steps)), np.zeros((len(histograms), steps), dtype=np.bool_)
    refused = np.zeros(len(histograms), dtype=np.bool_)
    for place, (key, histogram) in enumerate(histograms.items()):
        if place % 32 == 0:
            call.budget.check()
        order = np.argsort(histogram.bounds, kind="stable")
        rows, bounds = np.array(histogram.rows)[order], np.array(histogram.bounds)[order]
        here = grid.present[rows]
        refused[place] = grid.refused[rows].any()
        for members in equal_rows(here.T):
            buckets = here[:, members[0]]
            if buckets.any():
                counts = grid.values[np.ix_(rows[buckets], members)]
                with np.errstate(all="ignore"):
                    values[place, members] = estimate(name_of(key), *_coalesced(bounds[buckets], counts), members)
                present[place, members] = True
    refused &= ~present[:, -1]
    return Grid(list(histograms), values, present, refused)


def _gather(call: Invocation, grid: Grid, position: int) -> dict[Labels, _Histogram]:
    histograms: dict[Labels, _Histogram] = {}
    for row, labels in enumerate(grid.labels):
        bound = _bound(labels.get("le"))
        if bound is None:
            if not grid.present[row].any():
                continue
            message = f'bucket label "le" is missing or has a malformed value of {quote(labels.get("le"))}'
            call.notes.warn(message + _of_metric(labels), call.span(position))
            continue
        histogram = histograms.setdefault(labels.without(("le",)), _Histogram())
        histogram.rows.append(row)
        histogram.bounds.append(bound)
    return histograms


def _bound(text: str) -> float | None:
    if not is_utf8(text) or text != text.strip() or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _coalesced(bounds: Values, counts: Values) -> tuple[Values, Values]:
    """Add up buckets of one bound, which may be written as 0.2 and 2e-1."""
    distinct, first = np.unique(bounds, return_index=True)
    if len(distinct) == len(bounds):
        return bounds, counts
    return distinct, np.add.reduceat(counts, first, axis=0)


# ------------------------------------------------------------------- formulas


def _interpolate(bounds: Values, counts: Values, wanted: Values) -> Values:
    """Estimate quantiles; `bounds` (buckets,), `counts` (buckets, steps) cumulative, `wanted` (steps,)."""
    if len(bounds) < 2 or bounds[-1] != np.inf:
        result = np.full(len(wanted), np.nan)
    else:
        total = counts[-1]
        rank = wanted * total
        bucket = _bucket_of(counts, rank)
        result = _within(bounds, counts, bucket, rank)
        # Beyond the last bound nothing is known but that bound.
        result = np.where(bucket == len(bounds) - 1, bounds[-2], result)
        result = np.where(total == 0, np.nan, result)
    result = np.where(wanted < 0, -np.inf, np.where(wanted > 1, np.inf, result))
    return np.where(np.isnan(wanted), np.nan, result)


def _bucket_of(counts: Values, rank: Values) -> Indices:
    """Find the bucket of every rank, the last one where no other holds it.

    Where a count is NaN, and so in no order, it matters that Prometheus searches by halves.
    """
    if not np.isnan(counts).any():
        holding = np.vstack([counts[:-1] >= rank, np.ones(len(rank), dtype=np.bool_)])
        return np.asarray(np.argmax(holding, axis=0))
    steps = np.arange(len(rank))
    low, high = np.zeros(len(rank), dtype=np.intp), np.full(len(rank), len(counts) - 1)
    while (searched := low < high).any():
        middle = (low + high) // 2
        holds = counts[middle, steps] >= rank
        low, high = np.where(searched & ~holds, middle + 1, low), np.where(searched & holds, middle, high)
    return low


def _within(bounds: Values, counts: Values, bucket: Indices, rank: Values) -> Values:
    steps = np.arange(len(rank))
    below = np.maximum(bucket - 1, 0)
    first = bucket == 0
    start = np.where(first, 0.0, bounds[below])
    smaller = np.where(first, 0.0, counts[below, steps])
    end = bounds[bucket]
    result = start + (end - start) * ((rank - smaller) / (counts[bucket, steps] - smaller))
    # The first bucket starts at 0 where it can; below 0 its own bound is all that is known.
    return np.where(first & (bounds[0] <= 0), bounds[0], result)


def _fraction(bounds: Values, counts: Values, lower: Values, upper: Values) -> Values:
    if bounds[-1] != np.inf:
        return np.full(len(lower), np.nan)
    total = counts[-1]
    share: Values = (_rank(bounds, counts, upper) - _rank(bounds, counts, lower)) / total
    share = np.where(lower >= upper, 0.0, share)
    return np.where((total == 0) | np.isnan(lower) | np.isnan(upper), np.nan, share)


def _rank(bounds: Values, counts: Values, at: Values) -> Values:
    """How many observations lie below `at`; none of a last bucket without end, all of a first without beginning."""
    steps = np.arange(len(at))
    bucket = np.minimum(np.searchsorted(bounds, at, side="left"), len(bounds) - 1)
    first = bucket == 0
    start = np.where(first, 0.0 if bounds[0] > 0 else -np.inf, bounds[np.maximum(bucket - 1, 0)])
    smaller = np.where(first, 0.0, counts[np.maximum(bucket - 1, 0), steps])
    here = counts[bucket, steps]
    inside = smaller + (here - smaller) * (at - start) / (bounds[bucket] - start)
    rank = np.where(np.isinf(start) | (at == bounds[bucket]), here, np.where(bounds[bucket] == np.inf, smaller, inside))
    below: Values = np.minimum(np.where(at <= start, smaller, rank), counts[-1])
    return below


# fmt: off
ROWS: Final = (
    Function(
        "histogram_fraction", (SCALAR, SCALAR, VECTOR), VECTOR,
        "The share of observations between two bounds, interpolated within buckets.", _fraction_of, row_by_row=True,
    ),
    Function(
        "histogram_quantile", (SCALAR, VECTOR), VECTOR,
        "The q-quantile of every histogram, interpolated within its bucket.", _quantile_of, row_by_row=True,
    ),
    Function(
        "histogram_quantiles", (VECTOR, STRING, SCALAR, SCALAR), VECTOR,
        "Up to ten quantiles of every histogram, each under its own value of a label.",
        _quantiles_of, optional=1, repeats=8, fans_out=True, experimental=True, keeps_name=True,
    ),
    *(
        Function(name, (VECTOR,), VECTOR, says, _of_native)
        for name, says in (
            ("histogram_avg", "Of native histograms, which there are none of: nothing."),
            ("histogram_count", "Of native histograms: nothing."),
            ("histogram_stddev", "Of native histograms: nothing."),
            ("histogram_stdvar", "Of native histograms: nothing."),
            ("histogram_sum", "Of native histograms: nothing."),
        )
    ),
)
# fmt: on
