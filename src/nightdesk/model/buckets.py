"""Buckets: what a series did in each 5 m or 1 h, kept when its samples are gone, or asked for where they are many.

A bucket of end `e` tells of the samples in (e - resolution, e], as a window of PromQL at `e` would hold them, so that
windows whose edges are multiples of the resolution are told without any error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.instant import HOUR, MAX_INSTANT, MINUTE
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.series import Times
from nightdesk.model.sketch import Codes

FIVE_MINUTES: Final = 5 * MINUTE
ONE_HOUR: Final = HOUR
RESOLUTIONS: Final = (FIVE_MINUTES, ONE_HOUR)
"""Of the tiers there are, in milliseconds, finest first; each divides the next, and all divide a day."""


class Column(Enum):
    """What is told of a bucket. Times are int64 milliseconds, counts int64, the others float64."""

    COUNT = "count"
    """Samples, NaN included, stale markers not."""
    MISSING = "missing"
    """How many of them are NaN."""
    ENDED = "ended"
    """1 where the last sample is a stale marker; all other columns pass over those."""
    FIRST_TIME = "first_time"
    LAST_TIME = "last_time"
    FIRST = "first"
    LAST = "last"
    LOW = "low"
    """Smallest value, NaN only where all are."""
    HIGH = "high"
    SUM = "sum"
    """Sum of the values that are not NaN."""
    LOST = "lost"
    """Sum of the values before each fall: what a counter lost in resets inside the bucket."""


EVERY_COLUMN: Final = tuple(Column)
Matrix = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sketches:
    """The sketches of many cells, flat: `cells` rises, `codes` rises within a cell; arrays of one length.

    A cell's number is row * buckets + bucket; a cell whose values are all in one class may be left out, for its lowest
    value tells as much.
    """

    cells: NDArray[np.int64]
    codes: Codes
    weights: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """Series x buckets: the columns asked for have shape (series, buckets) and count where COUNT is above zero.

    `ends` (ms) never falls; where two buckets have one end their samples are told in order, and none overlap.
    """

    labels: Sequence[Labels]
    ends: Times
    columns: Mapping[Column, Matrix]
    sketches: Sketches | None = None
    exact_since: int = MAX_INSTANT
    """From here on (ms) buckets end as the interval that was asked for does, and at midnights."""

    def __getitem__(self, column: Column) -> Matrix:
        return self.columns[column]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class BucketsWanted:
    """A question for the buckets whose ends are in (start, end] ms; they end at multiples of the resolution.

    Of the newest days, which are told by their samples, they end as `end` does: see `Buckets.exact_since`.
    """

    matchers: Sequence[Matcher]
    start: int
    end: int
    resolution: int
    columns: frozenset[Column]
    sketches: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What there is to answer from, in milliseconds."""

    samples_since: int | None
    """From here on no sample is gone that a bucket tells of, of any series; None where no samples are there."""
    tiers_since: Mapping[int, int]
    """The first instant of each tier, by its resolution; a tier may be missing."""
