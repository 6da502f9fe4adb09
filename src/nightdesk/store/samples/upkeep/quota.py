"""Days that go as a whole: past the retention by time, or the oldest while the store takes more than its bytes."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nightdesk.model.instant import day_of
from nightdesk.store.samples.day_names import FIRST_DAY
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.journal.journal import Journal
from nightdesk.store.samples.upkeep.retention import Removal

MakeRoom = Callable[[int], None]
"""Lets days go so that so many bytes more stay under the quota."""


@dataclass(frozen=True, slots=True)
class Occupied:
    """Bytes on the disk by kind."""

    journal: int
    days: int
    derived: int
    """What was made of days, as downsampled tiers."""

    @property
    def all(self) -> int:
        """All of it."""
        return self.journal + self.days + self.derived


class Quota:
    """Removes whole days, never one of today: a file that takes samples is not old, whatever its size."""

    def __init__(self, days: Days, journal: Journal, most: int | None) -> None:
        """Keep the journal, day files and what was made of them under `most` bytes; None for no bound."""
        self._days, self._journal = days, journal
        self.bytes = most
        """The bound; another one holds from the next look on."""
        self.removed: Counter[Removal] = Counter()

    def occupied(self) -> Occupied:
        """Return what the store takes; looks at each file."""
        return Occupied(self._journal.size(), self._days.bytes(), self._days.derived.bytes())

    def enforce_time(self, now: int, retention_ms: int) -> int:
        """Remove the days that lie before the retention as a whole; return how many.

        One of which derived data is still to be made stays until that is done.
        """
        past = self._days.between(FIRST_DAY - 1, day_of(now - retention_ms) - 1)
        gone = [day for day in past if not self._days.derived.wants(day)]
        for day in gone:
            self._remove(day, Removal.TIME)
        return len(gone)

    def enforce_bytes(self, now: int, soon: int = 0) -> int:
        """Remove the oldest days before that of `now` until there is room for `soon` bytes more; return how many.

        Where derived data takes more than half of the bound, what of it is redundant goes before any day of samples.

        `now` is the earliest instant that it may be: with a clock in doubt the days from there on stay.
        """
        if self.bytes is None:
            return 0
        occupied = self.occupied()
        removed, over = 0, occupied.all + soon - self.bytes
        over -= self._thinned(min(over, occupied.derived - self.bytes // 2))
        for day in self._days.between(FIRST_DAY - 1, day_of(now) - 1):
            if over <= 0:
                break
            over -= self._days.bytes_of(day)
            self._remove(day, Removal.BYTES)
            removed += 1
        return removed

    def _thinned(self, wanted: int) -> int:
        """Let derived data give up so many bytes if it can; return what it gave."""
        given = 0
        while given < wanted and (more := self._days.derived.thin()):
            given += more
        return given

    def counted(self, **also: int) -> Mapping[str, int]:
        """Return the days removed by reason; `also` adds those that others removed."""
        told = {reason.value: self.removed[reason] for reason in Removal}
        return {**told, **{reason: told[reason] + count for reason, count in also.items()}}

    def _remove(self, day: int, reason: Removal) -> None:
        self._days.remove(day)
        self.removed[reason] += 1
