"""Deleting series: a durable tombstone masks them in the files, and memory is cut; in one turn of the writing lock.

Which series that are is found out before that turn, since it may take seconds, and nobody could append meanwhile.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightdesk.clock import Clock, Deadline
from nightdesk.errors import DataFolderFull, QueryTimeout
from nightdesk.model.instant import day_of
from nightdesk.model.regex import fulfils
from nightdesk.model.series import Refs
from nightdesk.store.samples.deletion.cutting import generation_without
from nightdesk.store.samples.deletion.deletion import Deletion, Selector, chosen_by
from nightdesk.store.samples.deletion.masked_day_file import MaskedDayFile
from nightdesk.store.samples.deletion.tombstones import Tombstones
from nightdesk.store.samples.head.head import Generation
from nightdesk.store.samples.matching import union
from nightdesk.store.samples.upkeep.housekeeping import StoreParts

CHOOSING_SECONDS: Final = 5.0
"""For finding the series of a deletion: each day file is asked the same again, by reads and by whoever cleans it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The series in memory that selectors match."""

    selectors: tuple[Selector, ...]
    refs: Refs
    end: int
    """One past the highest reference that was given before they were looked for."""
    check: Callable[[], None]
    """Puts an end to the choosing when its time has passed."""


class SeriesDeleter:
    """Deletes from a store whose head was frozen just now."""

    def __init__(self, parts: StoreParts, tombstones: Tombstones, clock: Clock) -> None:
        """Note in `tombstones` what is to go from the parts of a store."""
        self._parts, self._tombstones, self._clock = parts, tombstones, clock

    def choose(self, selectors: Sequence[Selector]) -> Chosen:
        """Find the series in memory that are to lose samples; others may append meanwhile.

        Raises:
            QueryError: a regular expression that RE2 does not accept.
            QueryTimeout: it took too long.
        """
        deadline = Deadline(self._clock, CHOOSING_SECONDS)

        def check() -> None:
            if deadline.passed:
                raise QueryTimeout(
                    f"choosing the series of a deletion took longer than {CHOOSING_SECONDS:g} s, and nothing was"
                    " deleted: name them by simpler conditions"
                )

        end = self._parts.registry.end
        refs = chosen_by(selectors, self._parts.registry, check)
        return Chosen(tuple(selectors), refs, end, check)

    def delete(self, chosen: Chosen, start: int, end: int) -> Deletion:
        """Delete what there is; durable and out of every later read when this returns.

        Raises:
            QueryTimeout: too many series came while they were chosen.
            Overloaded, DataFolderFull: as `Tombstones.add`.
        """
        selectors = chosen.selectors
        refs = union([chosen.refs, self._came_since(chosen)])
        self._tombstones.demand_turn()
        journal_end, last_file = self._parts.journal.last_number(), self._parts.days.last_number
        try:
            deletion = self._tombstones.add(selectors, start, end, journal_end=journal_end, last_file=last_file)
        except DataFolderFull:
            # Whoever deletes on a full disk wants room: a day that goes as a whole needs none, and makes some.
            if not self._unlink_whole_days(Deletion(0, selectors, start, end, 0, last_file)):
                raise
            deletion = self._tombstones.add(selectors, start, end, journal_end=journal_end, last_file=last_file)

        def cut(generation: Generation) -> Generation:
            return generation_without(generation, refs, start, end)

        self._parts.head.exchange(cut)
        return deletion

    def _came_since(self, chosen: Chosen) -> Refs:
        """Return the series that match of those that came while the others were chosen."""
        registry, came = self._parts.registry, []
        for ref in range(chosen.end, registry.end):
            chosen.check()
            with suppress(KeyError):  # a place that is kept free, or a series that has gone again
                labels = registry.labels(ref)
                if any(fulfils(labels, selector) for selector in chosen.selectors):
                    came.append(ref)
        return np.array(came, dtype=np.int64)

    def _unlink_whole_days(self, deletion: Deletion) -> int:
        days, gone = self._parts.days, []
        for day in filter(deletion.covers, days.between(day_of(deletion.start), day_of(deletion.end))):
            with days.reading(day) as files:
                if not any(len(MaskedDayFile(file, day, [deletion]).all_series()) for file in files):
                    gone.append(day)
        for day in gone:
            days.remove(day)
        return len(gone)
