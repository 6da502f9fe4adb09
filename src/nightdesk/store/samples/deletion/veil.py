"""A day file as it is read while deletions wait: what they name is not there."""

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
class _Hole:
    """Series that lack their samples in [start, end]."""

    ids: Refs
    start: int
    end: int

    def overlaps(self, start: int, end: int) -> bool:
        return self.start <= end and start <= self.end


class Veil:
    """A DayFile that leaves out what deletions hide. Series that lose all of the day are not in it at all."""

    sealed = False
    """Whether what was read may be kept: no, for the next deletion hides more."""

    def __init__(self, file: DayFile, day: int, deletions: Sequence[Deletion]) -> None:
        """Hide what `deletions` say of a day's file; which series those are is asked with the first read."""
        self.path: Path = file.path
        self.sealed = file.sealed
        self._file, self._day, self._deletions = file, day, deletions

    @property
    def is_bare(self) -> bool:
        """Whether nothing of the file is hidden."""
        return not len(self._gone) and not self._holes

    def everyone(self) -> Refs:
        """Return the ids of all series, sorted."""
        return self._left(self._file.everyone())

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
            yield from self._torn(panel, [hole for hole in self._holes if hole.overlaps(start, end)])

    def summarised(self, ids: Refs, start: int, end: int, budget: Budget) -> Iterator[FileChunks | FilePanel]:
        """Yield the same samples, and no summary: it would tell of what is hidden."""
        yield from self.panels(ids, start, end, budget)

    def copyable(self, ids: Refs) -> Refs:
        """Return which of some series `copies` gives whole: those that lose nothing, where the file can."""
        touched = union([self._gone, *(hole.ids for hole in self._holes)])
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
    def _holes(self) -> list[_Hole]:
        holes = [
            _Hole(each.chosen(self._file), each.start, each.end)
            for each in self._deletions
            if not each.covers(self._day)
        ]
        return [hole for hole in holes if len(hole.ids)]

    def _left(self, ids: Refs) -> Refs:
        return ids[~np.isin(ids, self._gone)] if len(self._gone) else ids

    def _torn(self, panel: FilePanel, holes: Sequence[_Hole]) -> Iterator[FilePanel]:
        """Yield a panel without its holes: the series that have one lack those instants, the others keep them."""
        for at, hole in enumerate(holes):
            rows = np.isin(panel.ids, hole.ids)
            hit = (panel.times >= hole.start) & (panel.times <= hole.end)
            if rows.any() and hit.any():
                yield from self._torn_one(panel, rows, hit, holes[at + 1 :])
                return
        yield panel

    def _torn_one(
        self, panel: FilePanel, rows: NDArray[np.bool_], hit: NDArray[np.bool_], others: Sequence[_Hole]
    ) -> Iterator[FilePanel]:
        if not rows.all():
            yield from self._torn(FilePanel(panel.ids[~rows], panel.times, panel.values[~rows]), others)
        if not hit.all():
            values = np.ascontiguousarray(panel.values[rows][:, ~hit])
            yield from self._torn(FilePanel(panel.ids[rows], panel.times[~hit], values), others)
