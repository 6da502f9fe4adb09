"""What a counter or a gauge did in a window, out of the samples at its edges. Formulas: Prometheus 3, functions.go."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.instant import SECOND
from nightdesk.model.series import Times, Values
from nightdesk.query.grid import Indices


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """What is known of windows, arrays that broadcast to (rows, steps); instants in milliseconds."""

    first: Values
    """The first value."""
    change: Values
    """From the first value to the last, resets of a counter made up for."""
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
    is_near = to_zero < to_start
    if is_near.any():  # most counters are far from zero
        to_start = np.where(is_near & (change > 0) & (edges.first >= 0), to_zero, to_start)
    result: Values = change * ((to_start + (sampled + to_end)) * scale)
    return result


def sums_between(values: Values, low: Indices, high: Indices) -> Values:
    """Sum `values[:, low[j]:high[j]]`, 0 where empty; no sum reaches past its window and loses accuracy there."""
    sums = np.zeros((len(values), len(low)))
    filled = np.flatnonzero(high > low)
    if len(filled):
        padded = np.concatenate([values, np.zeros((len(values), 1))], axis=1)
        edges = np.stack([low[filled], high[filled]], axis=1).ravel()
        sums[:, filled] = np.add.reduceat(padded, edges, axis=1)[:, ::2]
    return sums
