"""Curves made fit for their purpose: one mark a day for statistics, few points for a chart."""

from itertools import pairwise

import numpy as np

from nightdesk.analytics.local_days import DayRule
from nightdesk.analytics.returns.record import Floats
from nightdesk.model.curve import EquityCurve, Instants


def last_of_each_day(curve: EquityCurve, rule: DayRule) -> EquityCurve:
    """Keep the last mark of each account day; flows of the marks left out move on to the next one that stays."""
    if len(curve) < 2:
        return curve
    days = rule.days(curve.times)
    return _kept(curve, np.flatnonzero(np.append(days[1:] != days[:-1], True)))


def within(curve: EquityCurve, start: int, end: int) -> EquityCurve:
    """Keep the marks in [start, end) ns; the first of them is where equity and its peak begin."""
    first, last = np.searchsorted(curve.times, (start, end))
    return _kept(curve, np.arange(first, last))


def _kept(curve: EquityCurve, positions: Instants) -> EquityCurve:
    flows = np.diff(np.cumsum(curve.flows)[positions], prepend=0.0)
    if len(flows):
        flows[0] = 0.0
    return EquityCurve(curve.times[positions], curve.values[positions], flows, curve.currency, curve.basis)


def thinned(values: Floats, most: int) -> Instants:
    """Return positions of at most `most` values (4 or more) that keep a curve's shape: first, last, and every extreme.

    Each stretch of equal length gives its lowest and its highest value, so that no peak and no valley is lost.
    """
    if len(values) <= most:
        return np.arange(len(values))
    edges = np.linspace(0, len(values), (most - 2) // 2 + 1).astype(np.int64)
    kept = {0, len(values) - 1}
    for start, end in pairwise(edges.tolist()):
        part = values[start:end]
        kept |= {int(start + np.argmin(part)), int(start + np.argmax(part))}
    return np.array(sorted(kept), dtype=np.int64)
