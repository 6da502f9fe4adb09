"""Deleting series: a durable tombstone masks them in the files, and memory is cut; in one turn of the writing lock."""

from collections.abc import Sequence

from nightdesk.errors import DataFolderFull
from nightdesk.model.instant import day_of
from nightdesk.store.samples.deletion.cutting import generation_without
from nightdesk.store.samples.deletion.deletion import Deletion, Selector
from nightdesk.store.samples.deletion.masked_day_file import MaskedDayFile
from nightdesk.store.samples.deletion.tombstones import Tombstones
from nightdesk.store.samples.head.head import Generation
from nightdesk.store.samples.upkeep.housekeeping import StoreParts


class SeriesDeleter:
    """Deletes from a store whose head was frozen just now."""

    def __init__(self, parts: StoreParts, tombstones: Tombstones) -> None:
        """Note in `tombstones` what is to go from the parts of a store."""
        self._parts, self._tombstones = parts, tombstones

    def delete(self, selectors: Sequence[Selector], start: int, end: int) -> Deletion:
        """Delete what there is; durable and out of every later read when this returns. Raises as `Tombstones.add`."""
        self._tombstones.demand_turn()
        journal_end, last_file = self._parts.journal.last_number(), self._parts.days.last_number
        try:
            deletion = self._tombstones.add(selectors, start, end, journal_end=journal_end, last_file=last_file)
        except DataFolderFull:
            # Whoever deletes on a full disk wants room: a day that goes as a whole needs none, and makes some.
            if not self._unlink_whole_days(Deletion(0, tuple(selectors), start, end, 0, last_file)):
                raise
            deletion = self._tombstones.add(selectors, start, end, journal_end=journal_end, last_file=last_file)
        refs = deletion.chosen(self._parts.registry)

        def cut(generation: Generation) -> Generation:
            return generation_without(generation, refs, start, end)

        self._parts.head.exchange(cut)
        return deletion

    def _unlink_whole_days(self, deletion: Deletion) -> int:
        days, gone = self._parts.days, []
        for day in filter(deletion.covers, days.between(day_of(deletion.start), day_of(deletion.end))):
            with days.reading(day) as files:
                if not any(len(MaskedDayFile(file, day, [deletion]).all_series()) for file in files):
                    gone.append(day)
        for day in gone:
            days.remove(day)
        return len(gone)
