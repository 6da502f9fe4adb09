"""Carrying deletions out: what they hide is taken out of the day files, a day a task, and then they are forgotten.

A day's files that a deletion goes by are made into one without what is deleted, while younger supplements stay apart:
that can be done twice with the same result, so no crash between the new file and the note of it does harm.
"""

from collections.abc import Iterator

from nightdesk.model.instant import day_of
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.deletion.deletion import Deletion, Pending
from nightdesk.store.samples.deletion.deletions import Deletions
from nightdesk.store.samples.deletion.veil import Veil
from nightdesk.store.samples.journal.journal import Journal
from nightdesk.store.samples.upkeep.compaction import compact_day
from nightdesk.store.samples.upkeep.quota import MakeRoom


class CarryingOut:
    """Makes the tasks; one is driven at a time."""

    def __init__(self, deletions: Deletions, days: Days, journal: Journal, damage: Damage) -> None:
        """Carry out these deletions on these files."""
        self._deletions, self._days, self._journal, self._damage = deletions, days, journal, damage
        self._to_rewrite: set[tuple[int, int]] = set()
        """Deletions and days of which only a part is to go, as was found out already."""
        self.days_removed = 0

    def task(self, make_room: MakeRoom) -> Iterator[None] | None:
        """Return what is to do next, oldest deletion first; None while nothing can be done."""
        for pending in self._deletions.pending:
            if self._unsettled(pending):
                return self._carry_out(pending, make_room)
            if self._is_out_of_the_journal(pending.deletion):
                return self._forget(pending.deletion)
        return None

    def _unsettled(self, pending: Pending) -> list[int]:
        deletion = pending.deletion
        days = self._days.between(day_of(deletion.start), day_of(deletion.end))
        return [day for day in days if day not in pending.settled]

    def _is_out_of_the_journal(self, deletion: Deletion) -> bool:
        first = self._journal.first_number()
        return first is None or first > deletion.journal_end

    def _forget(self, deletion: Deletion) -> Iterator[None]:
        self._deletions.drop(deletion.number)
        self._to_rewrite = {known for known in self._to_rewrite if known[0] != deletion.number}
        yield

    def _carry_out(self, pending: Pending, make_room: MakeRoom) -> Iterator[None]:
        """Do with all days that go or stay as a whole, which needs no room on the disk, then rewrite one other."""
        deletion = pending.deletion
        for day in self._unsettled(pending):
            if (deletion.number, day) not in self._to_rewrite and not self._settle_simply(deletion, day):
                self._to_rewrite.add((deletion.number, day))
            yield
        left = [day for number, day in sorted(self._to_rewrite) if number == deletion.number]
        if left:
            done = self._also_done(deletion, left[0])
            make_room(self._days.bytes_of(left[0], deletion.last_file))
            yield from compact_day(left[0], self._days, self._damage, through=deletion.last_file)
            self._deletions.settle(done, left[0])
            self._to_rewrite.discard((deletion.number, left[0]))

    def _settle_simply(self, deletion: Deletion, day: int) -> bool:
        """Settle a day of which nothing or everything is deleted; False for the others."""
        files, bare, empty = 0, 0, 0
        with self._days.reading(day, deletion.last_file) as readers:
            for file in readers:
                with self._days.watching(file):
                    files += 1
                    bare += not isinstance(file, Veil) or file.is_bare
                    empty += not len(file.everyone())
        if files == bare:
            self._deletions.settle([deletion.number], day)
            return True
        if files == empty:
            done = self._also_done(deletion, day)
            self._days.remove(day, deletion.last_file)
            self.days_removed += 1
            self._deletions.settle(done, day)
            return True
        return False

    def _also_done(self, deletion: Deletion, day: int) -> list[int]:
        """Return the deletions that a rewriting of this one's files settles too: those that go by no file more."""
        own = self._days.files_of(day, deletion.last_file)
        return [
            each.deletion.number
            for each in self._deletions.pending
            if each.hides_in(day, deletion.last_file) and self._days.files_of(day, each.deletion.last_file) == own
        ]
