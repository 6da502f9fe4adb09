"""Runs: samples of any shape and order, kept as sorted columns that are merged in ever larger steps."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.panel import equal_rows
from nightdesk.model.series import Batch, Refs, Times, Values
from nightdesk.store.samples.chunks.day_file import FilePanel

Indices: TypeAlias = NDArray[np.intp]

_FOLD_SAMPLES: Final = 8_192
_FOLD_BATCHES: Final = 128
"""Fresh batches are sorted into a run past either bound, or when somebody reads."""
_MOST_FOLDED: Final = 16
"""Runs that readers may make of fresh batches before the next batch has them merged."""
_MERGE_RATIO: Final = 4
_MAX_RUN_SAMPLES: Final = 512 * 1024
"""Larger runs are left alone, so that no merge stalls the ingest thread for long (about 50 ms)."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Columns sorted by (reference, time) without repeats; series i holds rows offsets[i] to offsets[i + 1]."""

    refs: Refs
    offsets: NDArray[np.int64]
    times: Times
    values: Values

    @classmethod
    def sorted_from(cls, refs: Refs, times: Times, values: Values) -> "Run":
        """Sort columns given in the order of arrival; of samples with one reference and time the last one wins."""
        same = refs[1:] == refs[:-1]
        if not np.all((refs[1:] > refs[:-1]) | (same & (times[1:] > times[:-1]))):
            refs, times, values = _sorted(refs, times, values)
        begins = np.flatnonzero(np.append(True, refs[1:] != refs[:-1]))
        return cls(refs[begins], np.append(begins, len(refs)), times, values)

    def __len__(self) -> int:
        return len(self.times)

    def rows(self) -> Refs:
        """Return the reference of every row."""
        return np.repeat(self.refs, np.diff(self.offsets))

    def panels(self, wanted: Refs, start: int, end: int) -> Iterator[FilePanel]:
        """Yield the samples of `wanted` (sorted) in [start, end]; series that share their instants in one panel."""
        places, lows, highs = self._cut(wanted, start, end)
        counts = highs - lows
        for count in np.unique(counts[counts > 0]).tolist():
            chosen = np.flatnonzero(counts == count)
            cells = lows[chosen, None] + np.arange(count)
            times, refs = self.times[cells], self.refs[places[chosen]]
            for rows in equal_rows(times):
                yield FilePanel(refs[rows], times[rows[0]], self.values[cells[rows]])

    def _cut(self, wanted: Refs, start: int, end: int) -> tuple[Indices, Indices, Indices]:
        """Return the places of series that are here, and which of the rows of each lie in [start, end]."""
        at = np.searchsorted(self.refs, wanted)
        at[at == len(self.refs)] = 0
        places = at[self.refs[at] == wanted]
        lows, highs = self.offsets[places], self.offsets[places + 1]
        # The usual run lies inside the question or outside of it, and needs no search; only its edges do.
        touched = (self.times[lows] <= end) & (self.times[highs - 1] >= start)
        places, lows, highs = places[touched], lows[touched], highs[touched]
        edges = np.flatnonzero((self.times[lows] < start) | (self.times[highs - 1] > end))
        for edge in edges.tolist():
            low, times = lows[edge], self.times[lows[edge] : highs[edge]]
            lows[edge], highs[edge] = low + times.searchsorted(start, "left"), low + times.searchsorted(end, "right")
        return places, lows, highs


class Runs:
    """The loose samples of one generation. One thread writes, any may read."""

    def __init__(self) -> None:
        """Start empty."""
        self._turn = threading.Lock()
        self._fresh: list[Batch] = []
        self._fresh_samples = 0
        self._runs: tuple[Run, ...] = ()
        self._folded = 0
        """Runs made by folding since the last merge."""

    def append(self, batch: Batch) -> None:
        """Take a batch as it came; the arrays must not change afterwards."""
        with self._turn:
            self._fresh.append(batch)
            self._fresh_samples += len(batch)
        if self._fresh_samples >= _FOLD_SAMPLES or len(self._fresh) >= _FOLD_BATCHES or self._folded >= _MOST_FOLDED:
            self.all()
            self._merge()

    def all(self) -> tuple[Run, ...]:
        """Return the runs, older ones first; where two hold one sample the later run wins."""
        with self._turn:
            if self._fresh:
                self._runs = (*self._runs, _run_of(self._fresh))
                self._fresh, self._fresh_samples = [], 0
                self._folded += 1
            return self._runs

    def _merge(self) -> None:
        """Merge neighbours until each run is several times larger than the next; the sorting happens off the lock."""
        runs = list(self._runs)
        while len(runs) > 1:
            older, newer = runs[-2], runs[-1]
            if len(older) > _MERGE_RATIO * len(newer) or len(older) + len(newer) > _MAX_RUN_SAMPLES:
                break
            runs[-2:] = [_merged(older, newer)]
        with self._turn:
            # Readers may have folded a run in meanwhile only if batches came, and those come from this thread.
            self._runs, self._folded = tuple(runs), 0


def _run_of(batches: list[Batch]) -> Run:
    if len(batches) == 1:
        return Run.sorted_from(batches[0].refs, batches[0].times, batches[0].values)
    return Run.sorted_from(
        np.concatenate([batch.refs for batch in batches]),
        np.concatenate([batch.times for batch in batches]),
        np.concatenate([batch.values for batch in batches]),
    )


def _merged(older: Run, newer: Run) -> Run:
    return Run.sorted_from(
        np.concatenate([older.rows(), newer.rows()]),
        np.concatenate([older.times, newer.times]),
        np.concatenate([older.values, newer.values]),
    )


def _sorted(refs: Refs, times: Times, values: Values) -> tuple[Refs, Times, Values]:
    """Sort by (reference, time), stable, then keep the last of equals."""
    order = np.argsort(refs, kind="stable")
    by_ref, its_times = refs[order], times[order]
    # Mostly the later batch is also later in time, and sorting by reference was enough.
    if np.any((by_ref[1:] == by_ref[:-1]) & (its_times[1:] <= its_times[:-1])):
        order = np.lexsort((times, refs))
        by_ref, its_times = refs[order], times[order]
    last = np.append((by_ref[1:] != by_ref[:-1]) | (its_times[1:] != its_times[:-1]), True)
    return by_ref[last], its_times[last], values[order][last]
