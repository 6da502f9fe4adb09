"""The sections of a group of series: each column of its buckets, less what the columns before it let expect.

The first value of a bucket follows the last one of the bucket before, the last follows the first; the lowest is the
smaller of the two or less, the highest the larger or more; the sum is that of values halfway between lowest and
highest. What is as expected costs next to nothing: all of a series that stands still, low and high of a counter.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import CorruptData
from nightdesk.model.buckets import Buckets, Column, Matrix, Sketches
from nightdesk.model.series import Times, Values
from nightdesk.store.tiers.cells.sketching import no_sketches
from nightdesk.store.tiers.files.arrays import Array, pack, unpack
from nightdesk.store.tiers.files.class_counts import Known
from nightdesk.store.tiers.files.rests import by_scale, from_scales
from nightdesk.store.tiers.files.sections import Section
from nightdesk.store.tiers.files.sketch_arrays import sketch_arrays, sketches_from, steps
from nightdesk.store.tiers.files.whole_numbers import (
    Rows,
    guess,
    numbers_of,
    places_of,
    rounded,
    row_starts,
    running,
    values_of,
)


def encode(buckets: Buckets) -> dict[Section, bytes]:
    """Write every column of a group of series, which has sketches."""
    counts = np.asarray(buckets[Column.COUNT], dtype=np.int64)
    held = counts > 0
    missing = np.asarray(buckets[Column.MISSING], dtype=np.int64)
    first, last, low, high, total, lost = (
        np.asarray(buckets[column], dtype=np.float64)[held]
        for column in (Column.FIRST, Column.LAST, Column.LOW, Column.HIGH, Column.SUM, Column.LOST)
    )
    rows, series = np.nonzero(held)[0], len(buckets)
    places = places_of(np.concatenate([low, high]), np.concatenate([rows, rows]), series)
    total, lost = rounded(total, rows, places), rounded(lost, rows, places)
    ended = np.flatnonzero(np.ascontiguousarray(buckets[Column.ENDED]).ravel())
    valued = (counts - missing)[held]
    known = Known(np.flatnonzero(held), valued, low, high, first, last)
    fell = lost != 0
    return {
        Section.CLOCK: pack(_clock(counts, buckets)),
        Section.MISSING: pack(_exceptions(missing.ravel())),
        Section.ENDED: pack([steps(ended)]),
        Section.EDGES: pack(_edges(first, last, rows, series)),
        Section.LOW: pack(_less(low, _smaller(first, last), rows, series)),
        Section.HIGH: pack(_less(high, _larger(first, last), rows, series)),
        Section.SUM: pack(_less(total, _halfway(low, high, valued), rows, series)),
        Section.LOST: pack([fell, *_less(lost[fell], high[fell], rows[fell], series)]),
        Section.SKETCH: pack(sketch_arrays(buckets.sketches or no_sketches(), known)),
    }


class GroupDecoder:
    """Decodes the sections of one group; each column once, however many others are stored against it."""

    def __init__(self, sections: Mapping[Section, bytes], series: int, ends: Times) -> None:
        """Take the sections that `sections_for` names; the matrices have shape (series, ends).

        Raises:
            CorruptData: here and in every method, where what is stored does not fit together.
        """
        self._sections, self._ends = sections, ends
        self._shape = (series, len(ends))
        lanes = unpack(sections[Section.CLOCK])
        with _shapes_fit():
            which, counts, self._since_first, self._until_last = lanes
            self._which = which
            self._lane_counts = counts.astype(np.int64).reshape(-1, len(ends))
            self.counts = self._lane_counts[which]
            self.held = self.counts > 0
            self._rows = np.nonzero(self.held)[0]
            if self.counts.shape != self._shape:
                raise ValueError("series are missing")
        self._kept: dict[Column, Values] = {}

    def column(self, column: Column) -> Matrix:
        """Return a column, shape (series, ends); what is told of an empty bucket is 0, NaN for values."""
        with _shapes_fit():
            match column:
                case Column.COUNT:
                    return self.counts
                case Column.FIRST_TIME:
                    return self._instants(self._since_first)
                case Column.LAST_TIME:
                    return self._instants(self._until_last)
                case Column.MISSING:
                    return self._missing()
                case Column.ENDED:
                    (steps,) = unpack(self._sections[Section.ENDED])
                    ended = np.zeros(self.counts.size, dtype=np.int64)
                    ended[np.cumsum(steps)] = 1
                    return ended.reshape(self._shape)
        filled = np.full(self._shape, 0.0 if column in (Column.SUM, Column.LOST) else np.nan)
        with _shapes_fit():
            filled[self.held] = self._values(column)
        return filled

    def sketches(self) -> Sketches:
        """Return the sketches of the cells that have one."""
        with _shapes_fit():
            values = map(self._values, (Column.LOW, Column.HIGH, Column.FIRST, Column.LAST))
            known = Known(np.flatnonzero(self.held), self._valued(), *values)
            return sketches_from(unpack(self._sections[Section.SKETCH]), known)

    def _instants(self, before_end: Array) -> NDArray[np.int64]:
        held = self._lane_counts > 0
        told = np.zeros(held.shape, dtype=np.int64)
        told[held] = np.broadcast_to(self._ends, held.shape)[held] - before_end
        return np.asarray(told[self._which])

    def _missing(self) -> NDArray[np.int64]:
        steps, numbers = unpack(self._sections[Section.MISSING])
        missing = np.zeros(self.counts.size, dtype=np.int64)
        missing[np.cumsum(steps)] = numbers
        return missing.reshape(self._shape)

    def _valued(self) -> NDArray[np.int64]:
        return np.asarray((self.counts - self._missing())[self.held])

    def _values(self, column: Column) -> Values:
        """Return a column's values in the buckets that hold samples, flat."""
        if column not in self._kept:
            if column in (Column.FIRST, Column.LAST):
                edges = iter(unpack(self._sections[Section.EDGES]))
                self._kept[Column.FIRST], self._kept[Column.LAST] = _edges_from(edges, self._rows)
            else:
                self._kept[column] = self._decoded(column)
        return self._kept[column]

    def _decoded(self, column: Column) -> Values:
        arrays = iter(unpack(self._sections[Section[column.name]]))
        match column:
            case Column.LOW:
                return _more(arrays, _smaller(self._values(Column.FIRST), self._values(Column.LAST)), self._rows)
            case Column.HIGH:
                return _more(arrays, _larger(self._values(Column.FIRST), self._values(Column.LAST)), self._rows)
            case Column.SUM:
                expected = _halfway(self._values(Column.LOW), self._values(Column.HIGH), self._valued())
                return _more(arrays, expected, self._rows)
            case _:
                fell = next(arrays)
                lost = np.zeros(len(self._rows))
                lost[fell] = _more(arrays, self._values(Column.HIGH)[fell], self._rows[fell])
                return lost


class _shapes_fit:  # noqa: N801 - reads as a sentence where it is used
    """Tell what does not fit together in the words of damage."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ValueError | IndexError | TypeError | StopIteration):
            raise CorruptData(f"sections of a tier do not fit together: {error}") from error


# ------------------------------------------------------------- what is expected


def _smaller(first: Values, last: Values) -> Values:
    # Not np.minimum: which zero it takes of 0.0 and -0.0 differs between machines.
    return np.where(first <= last, first, last)


def _larger(first: Values, last: Values) -> Values:
    return np.where(first <= last, last, first)


@np.errstate(all="ignore")
def _halfway(low: Values, high: Values, valued: NDArray[np.int64]) -> Values:
    return np.asarray((low + high) * valued / 2.0)


# ------------------------------------------------------------- values


def _less(values: Values, expected: Values, rows: Rows, series: int) -> list[Array]:
    """Return the places of each series, and its values less what is expected, by scale."""
    places = places_of(values, rows, series)
    rests = numbers_of(values, rows, places) - numbers_of(guess(expected), rows, places)
    return [places, *by_scale(rests, rows, series)]


def _more(arrays: Iterator[Array], expected: Values, rows: Rows) -> Values:
    """Undo `_less`."""
    places = next(arrays)
    return values_of(from_scales(arrays, rows) + numbers_of(guess(expected), rows, places), rows, places)


def _edges(first: Values, last: Values, rows: Rows, series: int) -> list[Array]:
    """Return the places of each series and its first value, then the steps to each first and on to each last."""
    places = places_of(np.concatenate([first, last]), np.concatenate([rows, rows]), series)
    begun, ended = numbers_of(first, rows, places), numbers_of(last, rows, places)
    starts = row_starts(rows)
    to_first = begun - np.concatenate([begun[:1], ended[:-1]])
    to_first[starts] = 0
    return [places, begun[starts], *by_scale(to_first, rows, series), *by_scale(ended - begun, rows, series)]


def _edges_from(arrays: Iterator[Array], rows: Rows) -> tuple[Values, Values]:
    """Undo `_edges`."""
    places, bases = next(arrays), next(arrays)
    to_first, to_last = from_scales(arrays, rows), from_scales(arrays, rows)
    ended = running([to_first, to_last], bases, rows)
    return values_of(ended - to_last, rows, places), values_of(ended, rows, places)


# ------------------------------------------------------------- counts and instants


def _clock(counts: NDArray[np.int64], buckets: Buckets) -> list[Array]:
    ends = buckets.ends
    held = counts > 0
    first = np.where(held, ends - buckets[Column.FIRST_TIME], 0).astype(np.int64)
    last = np.where(held, ends - buckets[Column.LAST_TIME], 0).astype(np.int64)
    lanes, which = np.unique(np.concatenate([counts, first, last], axis=1), axis=0, return_inverse=True)
    lane_counts, lane_first, lane_last = np.split(lanes, 3, axis=1)
    there = lane_counts > 0
    return [which.astype(np.int32).ravel(), lane_counts, lane_first[there], lane_last[there]]


def _exceptions(flat: NDArray[np.int64]) -> list[Array]:
    places = np.flatnonzero(flat)
    return [steps(places), flat[places]]
