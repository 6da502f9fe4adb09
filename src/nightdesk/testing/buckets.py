"""Buckets worked out sample by sample in plain Python: the fake of BucketReader."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from nightdesk.model.buckets import RESOLUTIONS, Buckets, BucketsWanted, Column, Kept, Matrix, Sketches
from nightdesk.model.labels import Matcher
from nightdesk.model.series import Series, Times, stale_mask
from nightdesk.model.sketch import codes_of
from nightdesk.seams.samples import Budget
from nightdesk.testing.samples import MemorySamples

_VALUES = {Column.FIRST, Column.LAST, Column.LOW, Column.HIGH}
_FLOATS = _VALUES | {Column.SUM, Column.LOST}


class MemoryBuckets:
    """Tells of every sample of a MemorySamples in buckets; claims that samples before `samples_since` are gone."""

    def __init__(self, samples: MemorySamples, since: int, samples_since: int | None) -> None:
        """Claim to have buckets from `since` on, in milliseconds."""
        self._samples, self._since, self._samples_since = samples, since, samples_since

    def kept(self) -> Kept:
        """Return what it claims."""
        return Kept(self._samples_since, dict.fromkeys(RESOLUTIONS, self._since))

    def samples_since(self, _matchers: Sequence[Matcher], start: int, _end: int, _budget: Budget) -> int:
        """Return what it claims of every series."""
        return max(start, self._samples_since or start)

    def buckets(self, wanted: BucketsWanted, budget: Budget) -> Iterator[Buckets]:
        """Yield the series that match, one at a time."""
        first = wanted.start // wanted.resolution * wanted.resolution
        for one in self._samples.select(wanted.matchers, first + 1, wanted.end, budget):
            ends = np.arange(first + wanted.resolution, wanted.end + 1, wanted.resolution, dtype=np.int64)
            yield _told(one, ends, wanted)


def _told(one: Series, ends: Times, wanted: BucketsWanted) -> Buckets:
    columns: dict[Column, list[float]] = {column: [] for column in Column}
    sketch: list[tuple[int, int, int]] = []
    for number, end in enumerate(ends.tolist()):
        low, high = one.times.searchsorted([end - wanted.resolution, end], side="right").tolist()
        inside = slice(low, high)
        times, values = one.times[inside].tolist(), one.values[inside]
        stale = stale_mask(values).tolist()
        kept = [(time, value) for time, value, gone in zip(times, values.tolist(), stale, strict=True) if not gone]
        for column, told in _of_bucket(kept, ended=bool(stale) and stale[-1]).items():
            columns[column].append(told)
        valued = np.array([value for _, value in kept if not math.isnan(value)])
        counted = Counter(codes_of(valued).tolist())
        sketch += [(number, code, weight) for code, weight in sorted(counted.items()) if len(counted) > 1]
    told_columns = {column: _row(columns[column], column) for column in wanted.columns}
    cells, codes, weights = (np.array([row[place] for row in sketch], dtype=np.int64) for place in range(3))
    sketches = Sketches(cells, codes.astype(np.int32), weights) if wanted.sketches else None
    return Buckets([one.labels], ends, told_columns, sketches)


def _row(told: list[float], column: Column) -> Matrix:
    return np.array([told], dtype=np.float64) if column in _FLOATS else np.array([told], dtype=np.int64)


def _of_bucket(kept: list[tuple[int, float]], *, ended: bool) -> dict[Column, float]:
    """Tell of the samples of one bucket, stale markers taken out."""
    values = [value for _, value in kept]
    valued = [value for value in values if not math.isnan(value)]
    lost = sum(before for before, after in pairwise(values) if after < before)
    return {
        Column.COUNT: len(values),
        Column.MISSING: len(values) - len(valued),
        Column.ENDED: int(ended),
        Column.FIRST_TIME: kept[0][0] if kept else 0,
        Column.LAST_TIME: kept[-1][0] if kept else 0,
        Column.FIRST: values[0] if values else math.nan,
        Column.LAST: values[-1] if values else math.nan,
        Column.LOW: min(valued, default=math.nan),
        Column.HIGH: max(valued, default=math.nan),
        Column.SUM: sum(valued, 0.0),
        Column.LOST: lost,
    }
