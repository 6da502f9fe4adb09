"""Samples to buckets, and buckets to larger ones: every column merges exactly, sums up to rounding."""

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.buckets import Buckets, Column, Matrix, Sketches
from nightdesk.model.instant import DAY
from nightdesk.model.panel import Panel
from nightdesk.model.series import Times, Values, stale_mask
from nightdesk.store.tiers.cells.sketching import merged, no_sketches, sketched

Places = NDArray[np.intp]


def bucketed(
    panel: Panel, resolution: int, columns: Collection[Column] = tuple(Column), *, sketches: bool = True, phase: int = 0
) -> Buckets:
    """Tell of a panel's samples in buckets of a resolution in milliseconds, whose ends are at `phase` of its multiples.

    With a phase, midnight ends a bucket too, and the first millisecond of a day has a bucket of its own.
    """
    with np.errstate(all="ignore"):
        ends, begins, groups = _grouped(_ends(panel.times, resolution, phase))
        if np.isnan(panel.values).any():
            alone = _of_samples(panel)
            told = _folded(alone.columns, begins, groups)
            merged_ones = _merged_sketches(no_sketches(), alone, groups, len(ends)) if sketches else None
            return Buckets(panel.labels, ends, {column: told[column] for column in columns}, merged_ones)
        made = sketched(panel.values, groups, *_extremes(panel.values, begins)) if sketches else None
        return Buckets(panel.labels, ends, _of_clean(panel, begins, columns), made)


def coarser(buckets: Buckets, resolution: int) -> Buckets:
    """Merge buckets into larger ones; `resolution` is a multiple of theirs, or theirs to merge those of one end.

    The columns that there are are told, and sketches where there are some; see `folding_needs`.
    """
    if not len(buckets.ends):
        return buckets
    ends, begins, groups = _grouped(_ends(buckets.ends, resolution, 0))
    with np.errstate(all="ignore"):
        columns = _folded(buckets.columns, begins, groups)
    sketches = None if buckets.sketches is None else _merged_sketches(buckets.sketches, buckets, groups, len(ends))
    return Buckets(buckets.labels, ends, columns, sketches)


def _ends(instants: Times, resolution: int, phase: int) -> Times:
    """Return the end of the bucket that holds each instant."""
    if not phase:
        return np.asarray(-(-instants // resolution) * resolution)
    shifted = -(-(instants - phase) // resolution) * resolution + phase
    midnights = -(-instants // DAY) * DAY
    return np.minimum(shifted, midnights)


def _grouped(ends: Times) -> tuple[Times, Places, Places]:
    """Return the different ends, where each begins among them, and which of them each is."""
    begins = np.flatnonzero(np.diff(ends, prepend=ends[0] - 1))
    groups = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(ends)))
    return ends[begins], begins, groups


def _extremes(values: Values, begins: Places) -> tuple[Values, Values]:
    return np.minimum.reduceat(values, begins, axis=1), np.maximum.reduceat(values, begins, axis=1)


def _of_clean(panel: Panel, begins: Places, columns: Collection[Column]) -> dict[Column, Matrix]:
    """Tell of samples among which is no NaN: what is told of their instants is the same for all rows."""
    values, times = panel.values, panel.times
    lasts = np.append(begins[1:], len(times)) - 1
    shape = (len(panel), len(begins))

    def tell(column: Column) -> Matrix:
        match column:
            case Column.COUNT:
                return np.broadcast_to(lasts - begins + 1, shape)
            case Column.MISSING | Column.ENDED:
                return np.broadcast_to(np.int64(0), shape)
            case Column.FIRST_TIME | Column.LAST_TIME:
                return np.broadcast_to(times[begins if column is Column.FIRST_TIME else lasts], shape)
            case Column.FIRST | Column.LAST:
                return values[:, begins if column is Column.FIRST else lasts]
            case Column.LOW | Column.HIGH:
                return np.asarray((np.minimum if column is Column.LOW else np.maximum).reduceat(values, begins, axis=1))
            case Column.SUM:
                return np.asarray(np.add.reduceat(values, begins, axis=1))
            case Column.LOST:
                return _lost_inside(values, begins)

    return {column: tell(column) for column in columns}


def _lost_inside(values: Values, begins: Places) -> Values:
    fell = values[:, 1:] < values[:, :-1]
    fell[:, begins[1:] - 1] = False  # between two buckets
    if not fell.any():
        return np.zeros((len(values), len(begins)))
    before = np.concatenate([np.zeros((len(values), 1)), np.where(fell, values[:, :-1], 0.0)], axis=1)
    return np.asarray(np.add.reduceat(before, begins, axis=1))


def _of_samples(panel: Panel) -> Buckets:
    """Tell of each sample as of a bucket of its own, which ends at its instant."""
    values, stale = panel.values, stale_mask(panel.values)
    missing = np.isnan(values) & ~stale
    zeros, times = np.broadcast_to(0.0, values.shape), np.broadcast_to(panel.times, values.shape)
    columns: dict[Column, Matrix] = {
        Column.COUNT: (~stale).astype(np.int64),
        Column.MISSING: missing.astype(np.int64),
        Column.ENDED: stale.astype(np.int64),
        Column.FIRST_TIME: times,
        Column.LAST_TIME: times,
        Column.SUM: np.where(np.isnan(values), 0.0, values),
        Column.LOST: zeros,
        **dict.fromkeys((Column.FIRST, Column.LAST, Column.LOW, Column.HIGH), values),
    }
    return Buckets(panel.labels, panel.times, columns, no_sketches())


def folding_needs(columns: Collection[Column], *, sketches: bool) -> frozenset[Column]:
    """Return the columns that `coarser` has to be given so that it tells `columns`."""
    needed = {Column.COUNT, *columns}
    if Column.LOST in needed:
        needed |= {Column.FIRST, Column.LAST}
    return frozenset(needed | {Column.MISSING, Column.LOW} if sketches else needed)


def _folded(old: Mapping[Column, Matrix], begins: Places, groups: Places) -> dict[Column, Matrix]:
    held = old[Column.COUNT] > 0
    some = np.add.reduceat(held, begins, axis=1, dtype=np.int64) > 0
    first, last = _first_of(held, begins), _last_of(held, begins, groups)

    def fold(column: Column) -> Matrix:
        told = old[column]
        match column:
            case Column.COUNT | Column.MISSING:
                return np.asarray(np.add.reduceat(told, begins, axis=1), dtype=np.int64)
            case Column.ENDED:
                final = _last_of(held | (told > 0), begins, groups)
                return np.asarray(np.take_along_axis(told, final, axis=1), dtype=np.int64)
            case Column.FIRST_TIME | Column.LAST_TIME:
                return np.where(
                    some, np.take_along_axis(told, first if column is Column.FIRST_TIME else last, axis=1), 0
                )
            case Column.FIRST | Column.LAST:
                return np.where(
                    some, np.take_along_axis(told, first if column is Column.FIRST else last, axis=1), np.nan
                )
            case Column.LOW | Column.HIGH:
                pick = np.fmin if column is Column.LOW else np.fmax
                return np.asarray(pick.reduceat(np.where(held, told, np.nan), begins, axis=1))
            case Column.SUM:
                return np.asarray(np.add.reduceat(np.where(held, told, 0.0), begins, axis=1))
            case Column.LOST:
                return np.asarray(np.add.reduceat(_lost(old, held, begins, groups), begins, axis=1))

    return {column: fold(column) for column in old}


def _first_of(held: NDArray[np.bool_], begins: Places) -> NDArray[np.int64]:
    """Return the first place held in each group; some place where none is."""
    width = held.shape[1]
    places = np.minimum.reduceat(np.where(held, np.arange(width), width), begins, axis=1)
    return np.asarray(np.minimum(places, width - 1))


def _last_of(held: NDArray[np.bool_], begins: Places, groups: Places) -> NDArray[np.int64]:
    """Return the last place held in each group; its last place where none is."""
    places = np.maximum.reduceat(np.where(held, np.arange(held.shape[1]), -1), begins, axis=1)
    ends = np.append(begins[1:], len(groups)) - 1
    return np.where(places < 0, ends, places)


def _lost(old: Mapping[Column, Matrix], held: NDArray[np.bool_], begins: Places, groups: Places) -> Values:
    """Return what was lost inside each bucket and at its border to the one before it in its group."""
    lost: Values = np.where(held, old[Column.LOST], 0.0)
    place = np.maximum.accumulate(np.where(held, np.arange(held.shape[1]), -1), axis=1)
    before = np.concatenate([np.full((len(held), 1), -1), place[:, :-1]], axis=1)
    stood = np.take_along_axis(old[Column.LAST], np.maximum(before, 0), axis=1)
    fell = held & (before >= begins[groups]) & (old[Column.FIRST] < stood)
    return np.where(fell, lost + stood, lost)


def _merged_sketches(old: Sketches, buckets: Buckets, groups: Places, width: int) -> Sketches:
    narrow = len(buckets.ends)
    present = np.asarray(buckets[Column.COUNT] - buckets[Column.MISSING], dtype=np.int64).ravel()
    plain = present > 0
    plain[old.cells] = False
    cells = np.flatnonzero(plain)
    renumbered = Sketches(_moved(old.cells, groups, narrow, width), old.codes, old.weights)
    lows = np.asarray(buckets[Column.LOW], dtype=np.float64).ravel()[cells]
    return merged(renumbered, _moved(cells, groups, narrow, width), present[cells], lows)


def _moved(cells: NDArray[np.int64], groups: Places, narrow: int, width: int) -> NDArray[np.int64]:
    rows, columns = np.divmod(cells, narrow)
    return np.asarray(rows * width + groups[columns], dtype=np.int64)
