"""The head: the newest samples in memory, in generations; a frozen generation waits to be sealed into day files."""

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.instant import DAY, MAX_INSTANT, MIN_INSTANT
from nightdesk.model.series import Batch, Refs
from nightdesk.store.samples.chunks.day_file import FilePanel
from nightdesk.store.samples.head.lanes import Lanes
from nightdesk.store.samples.head.runs import Runs
from nightdesk.store.samples.matching import union

_MAX_PIECES: Final = 8
"""A batch with more changes of time than this goes to the runs whole."""


@dataclass(slots=True, eq=False)
class Generation:
    """Samples that arrived in one stretch of the journal.

    In the runs lies what is not strictly newer than all before, so where a lane and a run hold one sample, the run's
    came later.
    """

    born: float
    """Boot seconds of the first sample."""
    lanes: Lanes = field(default_factory=Lanes)
    runs: Runs = field(default_factory=Runs)
    samples: int = 0
    oldest: int = MAX_INSTANT
    newest: int = MIN_INSTANT
    journal_end: int = 0
    """The last journal entry with samples of this generation."""

    def may_hold(self, start: int, end: int) -> bool:
        """Return whether samples in [start, end] may be here; asks their first and last instant alone."""
        return start <= self.newest and end >= self.oldest

    def panels(self, wanted: Refs, start: int, end: int) -> Iterator[FilePanel]:
        """Yield the samples of the `wanted` series (sorted references) in [start, end], in the order of writing."""
        if not self.may_hold(start, end):
            return
        for lane in self.lanes.all():
            found = lane.read(wanted, start, end)
            if found is not None:
                yield FilePanel(*found)
        for run in self.runs.all():
            yield from run.panels(wanted, start, end)

    def references(self, start: int = MIN_INSTANT, end: int = MAX_INSTANT) -> Refs:
        """Return the series that have samples between the first and last of which lies part of [start, end], sorted."""
        groups: list[Refs] = []
        for lane in self.lanes.all():
            times = lane.times()
            if len(times) and times[0] <= end and times[-1] >= start:
                groups.append(np.sort(lane.refs))
        for run in self.runs.all():
            first, last = run.times[run.offsets[:-1]], run.times[run.offsets[1:] - 1]
            groups.append(run.refs[(first <= end) & (last >= start)])
        return union(groups)

    def sizes(self, wanted: Refs) -> NDArray[np.int64]:
        """Return how many samples each of the `wanted` series (sorted references) has."""
        sizes = np.zeros(len(wanted), dtype=np.int64)
        for lane in self.lanes.all():
            sizes += len(lane.times()) * np.isin(wanted, lane.refs)
        for run in self.runs.all():
            _, ours, theirs = np.intersect1d(wanted, run.refs, assume_unique=True, return_indices=True)
            sizes[ours] += np.diff(run.offsets)[theirs]
        return sizes

    def days(self) -> list[int]:
        """Return the numbers of the UTC days that hold its samples, sorted."""
        held = [np.unique(lane.times() // DAY) for lane in self.lanes.all()]
        held += [np.unique(run.times // DAY) for run in self.runs.all()]
        return [int(day) for day in union(held)]


class Head:
    """All generations. One thread appends; readers take `generations()` and need no lock after that."""

    def __init__(self, boot: float) -> None:
        """Start with one empty generation, at `boot` seconds."""
        self._turn = threading.Lock()
        self._frozen: tuple[Generation, ...] = ()
        self.current = Generation(boot)
        self.dropped_newest = MIN_INSTANT
        """The newest instant of generations that were dropped: what is sealed came all the same."""
        self._newest: NDArray[np.int64] = np.full(1_024, MIN_INSTANT, dtype=np.int64)

    @property
    def samples(self) -> int:
        """How many samples are held."""
        return sum(generation.samples for generation in self.generations())

    @property
    def frozen(self) -> tuple[Generation, ...]:
        """The generations that wait to be sealed, oldest first."""
        return self._frozen

    def generations(self) -> tuple[Generation, ...]:
        """Return all generations, oldest first."""
        with self._turn:
            return (*self._frozen, self.current)

    def append(self, batch: Batch) -> None:
        """Take a batch that is not empty; the arrays must not change afterwards."""
        self._cover(int(batch.refs.max()))
        current = self.current
        for piece in _pieces(batch):
            self._place(current, piece)
        current.oldest = min(current.oldest, int(batch.times.min()))
        current.newest = max(current.newest, int(batch.times.max()))
        current.samples += len(batch)

    def freeze(self, boot: float) -> None:
        """Begin a new generation; the current one, if it holds anything, waits to be sealed."""
        with self._turn:
            # What was deleted since left entries in the journal and no sample: they are to go by the same way.
            if self.current.samples or self.current.journal_end:
                self._frozen = (*self._frozen, self.current)
            self.current = Generation(boot)

    def drop(self, generation: Generation) -> None:
        """Forget a frozen generation."""
        with self._turn:
            self._frozen = tuple(kept for kept in self._frozen if kept is not generation)
            self.dropped_newest = max(self.dropped_newest, generation.newest)

    def exchange(self, change: Callable[[Generation], Generation]) -> None:
        """Put what `change` makes of the frozen generations in their places; called by the thread that appends."""
        changed = tuple(map(change, self._frozen))
        with self._turn:
            self._frozen = changed

    def _place(self, current: Generation, piece: Batch) -> None:
        """Put a piece in its lane if it is strictly newer than all that its series had, else among the runs."""
        time = int(piece.times[0])
        is_one_instant = time == piece.times[-1] and bool((piece.times == time).all())
        lane = current.lanes.lane_for(piece.refs) if is_one_instant else None
        if lane is not None and int(self._newest[piece.refs].max()) < time:
            lane.append(time, piece.values)
            self._newest[piece.refs] = time
        else:
            current.runs.append(piece)
            np.maximum.at(self._newest, piece.refs, piece.times)

    def _cover(self, ref: int) -> None:
        if ref >= len(self._newest):
            grown = np.full(max(2 * len(self._newest), ref + 1), MIN_INSTANT, dtype=np.int64)
            grown[: len(self._newest)] = self._newest
            self._newest = grown


def _pieces(batch: Batch) -> list[Batch]:
    """Split a batch where its time changes, if it does so a few times only (several scrapes in one write)."""
    changes = np.flatnonzero(batch.times[1:] != batch.times[:-1]) + 1
    if not len(changes) or len(changes) >= _MAX_PIECES:
        return [batch]
    bounds = [0, *changes.tolist(), len(batch)]
    return [
        Batch(batch.refs[low:high], batch.times[low:high], batch.values[low:high])
        for low, high in itertools.pairwise(bounds)
    ]
