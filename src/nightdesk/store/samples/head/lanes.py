"""Lanes: scrapes that come again and again with the same series, kept as a matrix of instants x series.

A scrape is one copied row. The series of a lane share one array of times, in memory, in the answer and in the day file.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.series import Refs, Times, Values

MAX_LANES: Final = 256
"""A read asks each lane, so their number is bounded; scrapes of further shapes go to the runs."""
MIN_SERIES: Final = 4
"""Below this a lane's bookkeeping costs more than it saves."""
_MAX_SEEN: Final = 1_024
_FIRST_ROWS: Final = 16


class Lane:
    """One shape of scrape. Written by one thread; readers need no lock, as rows below `length` never change."""

    __slots__ = ("_columns", "_sorted", "_times", "_values", "length", "refs")

    def __init__(self, refs: Refs) -> None:
        """Take the references in the order in which the scrape brings them, without repeats."""
        self.refs = refs
        self._columns = np.argsort(refs)
        self._sorted = refs[self._columns]
        self._times: Times = np.empty(_FIRST_ROWS, dtype=np.int64)
        self._values: Values = np.empty((_FIRST_ROWS, len(refs)), dtype=np.float64)
        self.length = 0

    def append(self, time: int, values: Values) -> None:
        """Add a row at a time (ms) later than every row before."""
        row = self.length
        if row == len(self._times):
            self._grow()
        self._times[row] = time
        self._values[row] = values
        self.length = row + 1

    def times(self) -> Times:
        """Return the instants so far."""
        length = self.length
        return self._times[:length]

    def read(self, wanted: Refs, start: int, end: int) -> tuple[Refs, Times, Values] | None:
        """Return which of `wanted` (sorted) are here, their times in [start, end] and values (series x times)."""
        # The length first: arrays seen later hold at least that many rows.
        length, values = self.length, self._values
        times = self._times[:length]
        low, high = np.searchsorted(times, start, "left"), np.searchsorted(times, end, "right")
        if low >= high:
            return None
        at = np.searchsorted(self._sorted, wanted)
        at[at == len(self._sorted)] = 0
        here = self._sorted[at] == wanted
        if not here.any():
            return None
        columns = self._columns[at[here]]
        if len(columns) == 1:
            block = values[low:high, columns[0]][np.newaxis, :].copy()
        else:
            block = np.ascontiguousarray(values[low:high].take(columns, axis=1).T)
        return wanted[here], times[low:high].copy(), block

    def without(self, refs: Refs, start: int, end: int) -> "list[Lane]":
        """Return lanes with the same samples but those of `refs` in [start, end]; itself where it has none of them."""
        times, hit = self.times(), np.isin(self.refs, refs)
        late = (times < start) | (times > end)
        if not hit.any() or late.all():
            return [self]
        cut = [self._part(np.ones(len(times), dtype=np.bool_), ~hit), self._part(late, hit)]
        return [lane for lane in cut if lane.length and len(lane.refs)]

    def _part(self, rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> "Lane":
        lane = Lane(self.refs[columns])
        lane._times = self.times()[rows]
        lane._values = np.ascontiguousarray(self._values[: self.length][rows][:, columns])
        lane.length = len(lane._times)
        return lane

    def _grow(self) -> None:
        times, values = np.empty(2 * self.length, dtype=np.int64), np.empty((2 * self.length, len(self.refs)))
        times[: self.length], values[: self.length] = self._times, self._values
        # Values first: a reader that sees the longer times must find the longer values too.
        self._values = values
        self._times = times


class Lanes:
    """The lanes of one generation, found by the bytes of a scrape's references."""

    def __init__(self) -> None:
        """Start with none: a shape gets its lane when it comes for the second time."""
        self._lanes: dict[bytes, Lane] = {}
        self._seen: dict[bytes, None] = {}

    def lane_for(self, refs: Refs) -> Lane | None:
        """Return the lane of this shape, or None while it should go to the runs."""
        if len(refs) < MIN_SERIES:
            return None
        key = refs.tobytes()
        lane = self._lanes.get(key)
        if lane is not None:
            return lane
        if key not in self._seen:
            if len(self._seen) >= _MAX_SEEN:
                self._seen.pop(next(iter(self._seen)))
            self._seen[key] = None
            return None
        if len(self._lanes) >= MAX_LANES or len(np.unique(refs)) != len(refs):
            return None
        lane = self._lanes[key] = Lane(refs.copy())
        return lane

    def adopt(self, lane: Lane) -> None:
        """Take a lane that is complete: no scrape finds it."""
        self._lanes[f"adopted {len(self._lanes)}".encode()] = lane

    def all(self) -> list[Lane]:
        """Return the lanes."""
        return list(self._lanes.values())
