"""Functions of ranges that look beyond their edges (`selecting.extended`). Rules: Prometheus 3, `extendedRate`."""

from collections.abc import Callable

import numpy as np

from nightdesk.model.instant import SECOND
from nightdesk.model.series import Values
from nightdesk.query.functions.signature import Beyond
from nightdesk.query.grid import Grid, Mask
from nightdesk.query.kernels.extrapolation import sums_between
from nightdesk.query.language.tree import Extended
from nightdesk.query.selecting.extended import ExtendedWindows, WindowEdges


def moved(*, counter: bool, per_second: bool) -> Beyond:
    """Make a function of what happened between both edges: the value at the right one less that at the left one."""

    def compute(windows: ExtendedWindows) -> Grid:
        seconds = (windows.end - windows.start) / SECOND if per_second else 1.0

        def change(edges: WindowEdges) -> Values:
            moved = edges.right - edges.left
            return (moved + _lost(edges) if counter else moved) / seconds

        return windows.grid(change, counter=counter)

    return Beyond(frozenset(Extended), compute)


def counted(differs: Callable[[Values, Values], Mask]) -> Beyond:
    """Make a function that counts neighbours which differ, the sample before the window among them."""

    def count(edges: WindowEdges) -> Values:
        total = np.concatenate([[0], np.cumsum(differs(edges.values[:-1], edges.values[1:]))])
        counts: Values = (total[edges.last] - total[edges.first]).astype(np.float64)
        return counts

    return Beyond(frozenset({Extended.ANCHORED}), lambda windows: windows.grid(count, counter=False))


def _lost(edges: WindowEdges) -> Values:
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
