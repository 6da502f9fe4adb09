"""Curves made fit for their purpose: one return a day for statistics, few points for a chart."""

from itertools import pairwise

import numpy as np

from nightdesk.analytics.local_days import DayRule
from nightdesk.analytics.returns.record import Floats
from nightdesk.model.curve import EquityCurve, Instants, Returns


def within(curve: EquityCurve, start: int, end: int) -> EquityCurve:
    """Keep the marks in [start, end) ns after the last one before it, on which the first of them is a return.

    So the same periods are in the window as of reported returns: those that end in it.
    """
    first, last = np.searchsorted(curve.times, (start, end))
    return _kept(curve, np.arange(max(int(first) - 1, 0), max(first, last)))


def last_of_each_day(curve: EquityCurve, rule: DayRule) -> EquityCurve:
    """Keep the very first mark, where equity begins, and the last one of each account day after it."""
    return _kept(curve, _from_the_first(_day_ends(curve, rule))) if len(curve) else curve


def daily_returns(curve: EquityCurve, rule: DayRule) -> Returns:
    """Chain the time-weighted returns from mark to mark and compound those of each account day into one.

    The first day counts from its first mark. Money moved in the course of a day hides no loss of the hours before it.
    """
    if len(curve) < 2:
        return curve.returns()
    ends = _day_ends(curve, rule)
    # Between two flows the chain is one quotient; only where money moved, the marks on both sides are links.
    moved = np.flatnonzero(curve.flows)
    links = _kept(curve, np.unique(np.concatenate((_from_the_first(ends), moved, moved[moved > 0] - 1))))
    chained = links.returns()
    lasts = np.searchsorted(chained.times, curve.times[ends])
    if len(lasts) == len(chained):
        return chained
    starts = np.concatenate(([0], lasts[:-1] + 1))
    return Returns(chained.times[lasts], np.multiply.reduceat(1 + chained.values, starts) - 1, chained.basis)


def _day_ends(curve: EquityCurve, rule: DayRule) -> Instants:
    """Return the positions of the last mark of each account day; the very first mark ends no period."""
    days = rule.days(curve.times[1:])
    return 1 + np.flatnonzero(np.append(days[1:] != days[:-1], [True] * min(1, len(days))))


def _from_the_first(positions: Instants) -> Instants:
    return np.concatenate((np.zeros(1, dtype=np.int64), positions))


def _kept(curve: EquityCurve, positions: Instants) -> EquityCurve:
    """Keep some marks; flows of those left out move on to the next one that stays."""
    flows = np.zeros(len(positions))
    if len(positions) > 1:
        flows[1:] = np.add.reduceat(curve.flows[: positions[-1] + 1], positions[:-1] + 1)
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
