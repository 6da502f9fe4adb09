"""Adding buckets of the same stretch from several places: what is gone, and what came for it later.

Count, sum, lowest, highest and sketch merge exactly. First and last are those of the earlier and of the later samples.
What a counter lost is exact where the two lie one after the other; where they are interleaved it is the larger of the
two, for they have seen the same resets.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.buckets import EVERY_COLUMN, Buckets, Column, Matrix, Sketches
from nightdesk.model.labels import Labels
from nightdesk.store.tiers.cells.laying import EMPTY, laid_out
from nightdesk.store.tiers.cells.sketching import merged, no_sketches

Mask = NDArray[np.bool_]


def added(layers: Sequence[Sequence[Buckets]]) -> list[Buckets]:
    """Add layers, in each of which a series comes once; all have every column, sketches and the same grid of ends.

    A bucket that came again, from the first of its samples to the last, counts once: it is taken from where it is
    fuller, from the later layer where that is as full.
    """
    layers = [layer for layer in layers if layer]
    if len(layers) < 2:
        return list(layers[0]) if layers else []
    rows = {labels for layer in layers for part in layer for labels in part.labels}
    ends = np.unique(np.concatenate([part.ends for layer in layers for part in layer]))
    sum_, *others = (_wide(layer, rows, ends) for layer in layers)
    for other in others:
        sum_ = _sum(sum_, other)
    return [sum_]


def _wide(layer: Sequence[Buckets], rows: set[Labels], ends: NDArray[np.int64]) -> Buckets:
    """Lay a layer out on all rows and ends."""
    missing = list(rows - {labels for part in layer for labels in part.labels})
    nothing = Buckets(missing, ends[:0], dict.fromkeys(Column, np.empty((len(missing), 0))))
    no_rows = Buckets([], ends, dict.fromkeys(Column, np.empty((0, len(ends)))))
    return laid_out([[*layer, nothing, no_rows]], EVERY_COLUMN, sketches=True)


class _Choice:
    """Which of two tells of each bucket: one alone, or both."""

    def __init__(self, one: Buckets, other: Buckets) -> None:
        held, other_held = (np.asarray(each[Column.COUNT]) > 0 for each in (one, other))
        again = held & other_held & _comes_again(one, other)
        fuller = np.asarray(one[Column.COUNT]) > np.asarray(other[Column.COUNT])
        self.one: Mask = held & (~other_held | (again & fuller))
        self.other: Mask = other_held & (~held | (again & ~fuller))
        self.both: Mask = held & other_held & ~again

    def of(self, column: Column, one: Matrix, other: Matrix, both: Matrix) -> Matrix:
        """Choose the values of a column, `both` where both tell."""
        empty = np.array(EMPTY.get(column, 0), one.dtype)
        return np.asarray(np.where(self.one, one, np.where(self.other, other, np.where(self.both, both, empty))))


def _comes_again(one: Buckets, other: Buckets) -> Mask:
    same = np.ones(np.shape(one[Column.COUNT]), dtype=np.bool_)
    for column in (Column.FIRST_TIME, Column.LAST_TIME):
        same &= one[column] == other[column]
    for column in (Column.FIRST, Column.LAST):
        same &= (one[column] == other[column]) | (np.isnan(one[column]) & np.isnan(other[column]))
    return same


@np.errstate(all="ignore")
def _sum(one: Buckets, other: Buckets) -> Buckets:
    choice = _Choice(one, other)
    begins_first = one[Column.FIRST_TIME] <= other[Column.FIRST_TIME]
    ends_last = one[Column.LAST_TIME] > other[Column.LAST_TIME]

    def both(column: Column, mine: Any, its: Any) -> Matrix:
        match column:
            case Column.COUNT | Column.MISSING | Column.SUM:
                return np.asarray(mine + its)
            case Column.LOW | Column.HIGH:
                return np.asarray((np.fmin if column is Column.LOW else np.fmax)(mine, its))
            case Column.FIRST | Column.FIRST_TIME:
                return np.asarray(np.where(begins_first, mine, its))
            case Column.LAST | Column.LAST_TIME | Column.ENDED:
                return np.asarray(np.where(ends_last, mine, its))
            case Column.LOST:
                return _lost(one, other)

    columns = {
        column: choice.of(column, one[column], other[column], both(column, one[column], other[column]))
        for column in Column
    }
    # A marker without samples has no instant: it ends whatever else is in its bucket.
    either = np.maximum(one[Column.ENDED], other[Column.ENDED])
    columns[Column.ENDED] = np.where(choice.both, columns[Column.ENDED], either)
    sketches = _sketches((one, choice.one | choice.both), (other, choice.other | choice.both))
    return Buckets(one.labels, one.ends, columns, sketches)


def _lost(one: Buckets, other: Buckets) -> Matrix:
    lost = np.asarray(one[Column.LOST] + other[Column.LOST])
    apart = np.maximum(one[Column.LOST], other[Column.LOST])
    for before, after in ((one, other), (other, one)):
        fell = np.where(after[Column.FIRST] < before[Column.LAST], before[Column.LAST], 0.0)
        apart = np.where(before[Column.LAST_TIME] < after[Column.FIRST_TIME], lost + fell, apart)
    return np.asarray(apart)


def _sketches(*layers: tuple[Buckets, Mask]) -> Sketches:
    """Merge the sketches of the buckets that count of each."""
    kept, plain, counts, lows = [], [], [], []
    for buckets, counting in layers:
        taken = counting.ravel()
        old = buckets.sketches or no_sketches()
        chosen = taken[old.cells]
        kept.append(Sketches(old.cells[chosen], old.codes[chosen], old.weights[chosen]))
        valued = np.asarray(buckets[Column.COUNT] - buckets[Column.MISSING], dtype=np.int64).ravel()
        alone = taken & (valued > 0)
        alone[old.cells] = False
        cells = np.flatnonzero(alone)
        plain.append(cells)
        counts.append(valued[cells])
        lows.append(np.asarray(buckets[Column.LOW], dtype=np.float64).ravel()[cells])
    cells, codes, weights = (
        np.concatenate([getattr(one, name) for one in kept]) for name in ("cells", "codes", "weights")
    )
    return merged(Sketches(cells, codes, weights), np.concatenate(plain), np.concatenate(counts), np.concatenate(lows))
