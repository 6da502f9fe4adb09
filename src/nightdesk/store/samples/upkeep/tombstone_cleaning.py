"""Cleaning tombstones: what they mask is taken out of the day files, one day a task, and then they are dropped.

The files of a day that a deletion is about become one file without the deleted samples; younger supplements stay apart.
Doing that twice has the same result, so a crash between the new file and the note of it does no harm.
"""

from collections.abc import Iterator

from nightdesk.model.instant import day_of
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.deletion.deletion import Deletion
from nightdesk.store.samples.deletion.masked_day_file import MaskedDayFile
from nightdesk.store.samples.deletion.tombstones import Tombstone, Tombstones
from nightdesk.store.samples.journal.journal import Journal
from nightdesk.store.samples.upkeep.compaction import compact_day
from nightdesk.store.samples.upkeep.quota import MakeRoom


class TombstoneCleaning:
    """Makes the tasks; one is driven at a time."""

    def __init__(self, tombstones: Tombstones, days: Days, journal: Journal, damage: Damage) -> None:
        """Clean these tombstones out of these files."""
        self._tombstones, self._days, self._journal, self._damage = tombstones, days, journal, damage
        self._to_rewrite: set[tuple[int, int]] = set()
        """Pairs (deletion, day) found to need a rewrite: only a part of the day is deleted."""
        self.days_removed = 0

    def task(self, make_room: MakeRoom) -> Iterator[None] | None:
        """Return what is to be done next, oldest tombstone first; None while nothing can be done."""
        for tombstone in self._tombstones.pending:
            if self._unsettled(tombstone):
                return self._clean(tombstone, make_room)
            if self._is_out_of_the_journal(tombstone.deletion):
                return self._forget(tombstone.deletion)
        return None

    def _unsettled(self, tombstone: Tombstone) -> list[int]:
        deletion = tombstone.deletion
        days = self._days.between(day_of(deletion.start), day_of(deletion.end))
        return [day for day in days if day not in tombstone.settled]

    def _is_out_of_the_journal(self, deletion: Deletion) -> bool:
        first = self._journal.first_number()
        return first is None or first > deletion.journal_end

    def _forget(self, deletion: Deletion) -> Iterator[None]:
        self._tombstones.drop(deletion.number)
        self._to_rewrite = {known for known in self._to_rewrite if known[0] != deletion.number}
        yield

    def _clean(self, tombstone: Tombstone, make_room: MakeRoom) -> Iterator[None]:
        """Settle all days that go or stay as a whole, which needs no disk space, then rewrite one of the others."""
        deletion = tombstone.deletion
        for day in self._unsettled(tombstone):
            if (deletion.number, day) not in self._to_rewrite and not self._settle_without_rewriting(deletion, day):
                self._to_rewrite.add((deletion.number, day))
            yield
        left = [day for number, day in sorted(self._to_rewrite) if number == deletion.number]
        if left:
            done = self._also_done(deletion, left[0])
            make_room(self._days.bytes_of(left[0], deletion.last_file))
            yield from compact_day(left[0], self._days, self._damage, through=deletion.last_file)
            self._tombstones.settle(done, left[0])
            self._to_rewrite.discard((deletion.number, left[0]))

    def _settle_without_rewriting(self, deletion: Deletion, day: int) -> bool:
        """Settle a day of which nothing or everything is deleted; False for the others."""
        files, unmasked, empty = 0, 0, 0
        with self._days.reading(day, deletion.last_file) as readers:
            for file in readers:
                with self._days.watching(file):
                    files += 1
                    unmasked += not isinstance(file, MaskedDayFile) or file.masks_nothing
                    empty += not len(file.all_series())
        if files == unmasked:
            self._tombstones.settle([deletion.number], day)
            return True
        if files == empty:
            done = self._also_done(deletion, day)
            self._days.remove(day, deletion.last_file)
            self.days_removed += 1
            self._tombstones.settle(done, day)
            return True
        return False

    def _also_done(self, deletion: Deletion, day: int) -> list[int]:
        """Return the deletions that rewriting the files of this one settles too: those about no further file."""
        own = self._days.files_of(day, deletion.last_file)
        return [
            each.deletion.number
            for each in self._tombstones.pending
            if each.masks(day, deletion.last_file) and self._days.files_of(day, each.deletion.last_file) == own
        ]
