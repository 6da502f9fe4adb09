"""The sections of a group of series in a tier file: each column of its buckets, stored against what tells most of it.

A series that stood still in a bucket has one value for all of low, high, first and last; a counter has its first for
the low and its last for the high. So of those only what differs is stored, and of sums what is no plain product.
"""

from collections.abc import Collection, Mapping
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import CorruptData
from nightdesk.model.buckets import Buckets, Column, Matrix, Sketches
from nightdesk.model.series import Times, Values
from nightdesk.store.tiers.files.arrays import Array, pack, unpack
from nightdesk.store.tiers.files.decimal_rows import Rows, packed, places_of, rounded, unpacked
from nightdesk.store.tiers.making.sketching import no_sketches


class Section(IntEnum):
    """What a row of a tier file's `section` table holds; the numbers are part of the format."""

    CLOCK = 1
    """Counts and the instants of first and last samples: series of one scrape share a row."""
    MISSING = 2
    ENDED = 3
    LOW = 4
    HIGH = 5
    FIRST = 6
    LAST = 7
    SUM = 8
    LOST = 9
    SKETCH = 10


_CLOCK: Final = frozenset({Section.CLOCK})
_LOW: Final = _CLOCK | {Section.LOW}
_HIGH: Final = _LOW | {Section.HIGH}
_NEEDS: Final[Mapping[Column, frozenset[Section]]] = {
    Column.COUNT: _CLOCK,
    Column.FIRST_TIME: _CLOCK,
    Column.LAST_TIME: _CLOCK,
    Column.MISSING: frozenset({Section.MISSING}),
    Column.ENDED: frozenset({Section.ENDED}),
    Column.LOW: _LOW,
    Column.HIGH: _HIGH,
    Column.FIRST: _LOW | {Section.FIRST},
    Column.LAST: _HIGH | {Section.LAST},
    Column.SUM: _LOW | {Section.MISSING, Section.SUM},
    Column.LOST: _CLOCK | {Section.LOST},
}


def sections_for(columns: Collection[Column], *, sketches: bool) -> frozenset[Section]:
    """Return the sections that tell of columns."""
    needed = _CLOCK.union(*(_NEEDS[column] for column in columns))
    return needed | {Section.SKETCH} if sketches else needed


def encode(buckets: Buckets) -> dict[Section, bytes]:
    """Write every column of a group of series, which has sketches."""
    counts = np.asarray(buckets[Column.COUNT], dtype=np.int64)
    held = counts > 0
    missing = np.asarray(buckets[Column.MISSING], dtype=np.int64)
    low, high, first, last, total, lost = (
        np.asarray(buckets[column], dtype=np.float64)[held]
        for column in (Column.LOW, Column.HIGH, Column.FIRST, Column.LAST, Column.SUM, Column.LOST)
    )
    rows, series = np.nonzero(held)[0], len(buckets)
    places = places_of(np.concatenate([low, high]), np.concatenate([rows, rows]), series)
    total = rounded(total, rows, places)
    ended = np.flatnonzero(np.ascontiguousarray(buckets[Column.ENDED]).ravel())
    sketches = buckets.sketches or no_sketches()
    return {
        Section.CLOCK: pack(_clock(counts, buckets)),
        Section.MISSING: pack(_exceptions(missing.ravel())),
        Section.ENDED: pack([_steps(ended)]),
        Section.LOW: pack(packed(low, rows, series)),
        Section.HIGH: pack(_differing(high, low, rows, series)),
        Section.FIRST: pack(_differing(first, low, rows, series)),
        Section.LAST: pack(_differing(last, high, rows, series)),
        Section.SUM: pack(_differing(total, _plain_sums(low, counts[held], missing[held]), rows, series)),
        Section.LOST: pack(_differing(lost, np.zeros(len(lost)), rows, series)),
        Section.SKETCH: pack(_sketch_arrays(sketches)),
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
            steps, sizes, firsts, rises, weights = unpack(self._sections[Section.SKETCH])
            cells = np.repeat(np.cumsum(steps), sizes)
            begins = np.cumsum(sizes) - sizes
            codes = np.zeros(len(cells), dtype=np.int64)
            inner = np.ones(len(cells), dtype=np.bool_)
            inner[begins] = False
            codes[inner] = rises
            climbed = np.cumsum(codes)
            codes = climbed - np.repeat(climbed[begins] - firsts, sizes) if len(begins) else codes
            return Sketches(cells.astype(np.int64), codes.astype(np.int32), weights.astype(np.int64) + 1)

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

    def _values(self, column: Column) -> Values:
        """Return a column's values in the buckets that hold samples, flat."""
        if column not in self._kept:
            self._kept[column] = self._decoded(column)
        return self._kept[column]

    def _decoded(self, column: Column) -> Values:
        section = unpack(self._sections[Section[column.name]])
        match column:
            case Column.LOW:
                return unpacked(section, self._rows)
            case Column.HIGH | Column.FIRST:
                return self._restored(section, self._values(Column.LOW))
            case Column.LAST:
                return self._restored(section, self._values(Column.HIGH))
            case Column.SUM:
                counts, missing = self.counts[self.held], self._missing()[self.held]
                return self._restored(section, _plain_sums(self._values(Column.LOW), counts, missing))
            case _:
                return self._restored(section, np.zeros(int(self.held.sum())))

    def _restored(self, section: list[Array], expected: Values) -> Values:
        differs, *arrays = section
        restored = expected.copy()
        restored[differs] = unpacked(arrays, self._rows[differs], expected[differs])
        return restored


class _shapes_fit:  # noqa: N801 - reads as a sentence where it is used
    """Tell what does not fit together in the words of damage."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ValueError | IndexError | TypeError):
            raise CorruptData(f"sections of a tier do not fit together: {error}") from error


def _clock(counts: NDArray[np.int64], buckets: Buckets) -> list[Array]:
    ends = buckets.ends
    held = counts > 0
    first = np.where(held, ends - buckets[Column.FIRST_TIME], 0).astype(np.int64)
    last = np.where(held, ends - buckets[Column.LAST_TIME], 0).astype(np.int64)
    lanes, which = np.unique(np.concatenate([counts, first, last], axis=1), axis=0, return_inverse=True)
    lane_counts, lane_first, lane_last = np.split(lanes, 3, axis=1)
    there = lane_counts > 0
    return [which.astype(np.int32).ravel(), lane_counts, lane_first[there], lane_last[there]]


def _differing(values: Values, expected: Values, rows: Rows, series: int) -> list[Array]:
    differs = values.view(np.int64) != expected.view(np.int64)
    return [differs, *packed(values[differs], rows[differs], series, expected[differs])]


@np.errstate(all="ignore")
def _plain_sums(low: Values, counts: NDArray[np.int64], missing: NDArray[np.int64]) -> Values:
    """Return what sums are where all values are the lowest."""
    valued = counts - missing
    return np.where(valued > 0, low * valued, 0.0)


def _steps(places: NDArray[Any]) -> NDArray[np.int64]:
    return np.diff(places, prepend=0).astype(np.int64)


def _exceptions(flat: NDArray[np.int64]) -> list[Array]:
    places = np.flatnonzero(flat)
    return [_steps(places), flat[places]]


def _sketch_arrays(sketches: Sketches) -> list[Array]:
    begins = np.flatnonzero(np.diff(sketches.cells, prepend=-1))
    sizes = np.diff(begins, append=len(sketches.cells))
    inner = np.ones(len(sketches.cells), dtype=np.bool_)
    inner[begins] = False
    rises = np.diff(sketches.codes, prepend=0)[inner]
    arrays = (_steps(sketches.cells[begins]), sizes, sketches.codes[begins], rises, sketches.weights - 1)
    return [array.astype(np.int32) for array in arrays]
