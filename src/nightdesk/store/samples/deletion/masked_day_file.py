"""A day file as it is read while tombstones wait to be cleaned: what they mask is not there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.labels import Labels
from nightdesk.model.series import Refs
from nightdesk.seams.samples import Budget
from nightdesk.store.samples.chunks.copies import Copies
from nightdesk.store.samples.chunks.day_file import DayFile, FileChunks, FilePanel
from nightdesk.store.samples.deletion.deletion import Deletion
from nightdesk.store.samples.matching import union


@dataclass(frozen=True, slots=True, eq=False)
class _MaskedInterval:
    """Series that lack their samples in [start, end]."""

    ids: Refs
    start: int
    end: int

    def overlaps(self, start: int, end: int) -> bool:
        return self.start <= end and start <= self.end


class MaskedDayFile:
    """A DayFile that leaves out what tombstones mask. Series that lose all of the day are not in it at all."""

    sealed = False
    """Whether what was read may be kept: no, for the next deletion masks more."""

    def __init__(self, file: DayFile, day: int, deletions: Sequence[Deletion]) -> None:
        """Mask what `deletions` name in a day's file; which series those are is looked up with the first read."""
        self.path: Path = file.path
        self.sealed = file.sealed
        self._file, self._day, self._deletions = file, day, deletions

    @property
    def masks_nothing(self) -> bool:
        """Whether nothing of the file is masked."""
        return not len(self._gone) and not self._intervals

    def all_series(self) -> Refs:
        """Return the ids of all series, sorted."""
        return self._left(self._file.all_series())

    def names(self) -> list[str]:
        """Return all label names, sorted."""
        names = self._file.names()
        return [name for name in names if self.values(name)] if len(self._gone) else names

    def values(self, name: str) -> list[str]:
        """Return the values that a label has."""
        values = self._file.values(name)
        return [value for value in values if len(self.with_values(name, (value,)))] if len(self._gone) else values

    def with_values(self, name: str, values: Iterable[str]) -> Refs:
        """Return the ids of the series whose label has one of the values, sorted."""
        return self._left(self._file.with_values(name, values))

    def labels(self, ids: Refs) -> dict[int, Labels]:
        """Return the label sets of series."""
        return self._file.labels(ids)

    def panels(self, ids: Refs, start: int, end: int, budget: Budget) -> Iterator[FilePanel]:
        """Yield samples in [start, end], in the order of writing within each series; none is empty."""
        for panel in self._file.panels(self._left(ids), start, end, budget):
            yield from self._without(panel, [interval for interval in self._intervals if interval.overlaps(start, end)])

    def summarised(self, ids: Refs, start: int, end: int, budget: Budget) -> Iterator[FileChunks | FilePanel]:
        """Yield the same samples, and no summary: it would count what is masked."""
        yield from self.panels(ids, start, end, budget)

    def copyable(self, ids: Refs) -> Refs:
        """Return which of some series `copies` gives whole: those that lose nothing, where the file can."""
        touched = union([self._gone, *(interval.ids for interval in self._intervals)])
        return self._file.copyable(ids[~np.isin(ids, touched)])

    def copies(self, ids: Refs, budget: Budget) -> Iterator[Copies]:
        """Yield the chunks of copyable series as they are compressed."""
        return self._file.copies(ids, budget)

    def sizes(self, ids: Refs) -> dict[int, int]:
        """Return how many samples series have, those that are hidden among them."""
        return self._file.sizes(ids)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @cached_property
    def _gone(self) -> Refs:
        return union([each.chosen(self._file) for each in self._deletions if each.covers(self._day)])

    @cached_property
    def _intervals(self) -> list[_MaskedInterval]:
        intervals = [
            _MaskedInterval(each.chosen(self._file), each.start, each.end)
            for each in self._deletions
            if not each.covers(self._day)
        ]
        return [interval for interval in intervals if len(interval.ids)]

    def _left(self, ids: Refs) -> Refs:
        return ids[~np.isin(ids, self._gone)] if len(self._gone) else ids

    def _without(self, panel: FilePanel, intervals: Sequence[_MaskedInterval]) -> Iterator[FilePanel]:
        """Yield a panel without the masked intervals; series that no interval is about keep all instants."""
        for at, interval in enumerate(intervals):
            rows = np.isin(panel.ids, interval.ids)
            hit = (panel.times >= interval.start) & (panel.times <= interval.end)
            if rows.any() and hit.any():
                yield from self._without_interval(panel, rows, hit, intervals[at + 1 :])
                return
        yield panel

    def _without_interval(
        self, panel: FilePanel, rows: NDArray[np.bool_], hit: NDArray[np.bool_], others: Sequence[_MaskedInterval]
    ) -> Iterator[FilePanel]:
        if not rows.all():
            yield from self._without(FilePanel(panel.ids[~rows], panel.times, panel.values[~rows]), others)
        if not hit.all():
            values = np.ascontiguousarray(panel.values[rows][:, ~hit])
            yield from self._without(FilePanel(panel.ids[rows], panel.times[~hit], values), others)
