"""Smallest and largest of windows in a time that hardly depends on their width."""

import numpy as np

from nightdesk.model.series import Values
from nightdesk.query.grid import Indices


def window_extremes(values: Values, low: Indices, high: Indices, fold: np.ufunc) -> Values:
    """Fold windows `low[j]:high[j]` of every row by fmin or fmax; shapes (rows, samples), (steps,) to (rows, steps).

    A table holds the fold of 1, 2, 4, ... samples from each one; any window is the fold of two entries that overlap,
    which fmin and fmax do not mind. NaN comes out where a window holds nothing else; an empty window is 0.
    """
    result = np.zeros((len(values), len(low)))
    counts = high - low
    levels = np.frexp(counts.astype(np.float64))[1] - 1
    table, width = values, 1
    for level in range(int(levels.max(initial=-1)) + 1):
        steps = np.flatnonzero((levels == level) & (counts > 0))
        if len(steps):
            ends = table.take(high[steps] - width, axis=1)
            result[:, steps] = fold(table.take(low[steps], axis=1), ends)
        if table.shape[1] > width:
            table = fold(table[:, :-width], table[:, width:])
        width *= 2
    return result
