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
    others: int
    """What other rooms keep of samples, as downsampled tiers."""

    @property
    def all(self) -> int:
        """All of it."""
        return self.journal + self.days + self.others


class Quota:
    """Removes whole days, never one of today: a file that takes samples is not old, whatever its size."""

    def __init__(self, days: Days, journal: Journal, most: int | None, others: Callable[[], int]) -> None:
        """Keep journal, day files and `others` under `most` bytes; None for no bound."""
        self._days, self._journal, self._others = days, journal, others
        self.bytes = most
        """The bound; another one holds from the next look on."""
        self.removed: Counter[Removal] = Counter()
        self.is_wanted: Callable[[int], bool] = lambda _: False
        """Whether a day past its time has to stay for a while: something is still to be made of it."""
        self.thin: Callable[[], int] = lambda: 0
        """Lets the oldest go of what others keep and tell elsewhere too; returns its bytes, 0 without any."""

    def occupied(self) -> Occupied:
        """Return what the store takes; looks at each file."""
        return Occupied(self._journal.size(), self._days.bytes(), self._others())

    def enforce_time(self, now: int, retention_ms: int) -> int:
        """Remove the days that lie before the retention as a whole; return how many."""
        past = self._days.between(FIRST_DAY - 1, day_of(now - retention_ms) - 1)
        gone = [day for day in past if not self.is_wanted(day)]
        for day in gone:
            self._remove(day, Removal.TIME)
        return len(gone)

    def enforce_bytes(self, now: int, soon: int = 0) -> int:
        """Remove the oldest days before that of `now` until there is room for `soon` bytes more; return how many.

        Where others take more than half of the bound, what of them is told elsewhere too goes before any day.

        `now` is the earliest instant that it may be: with a clock in doubt the days from there on stay.
        """
        if self.bytes is None:
            return 0
        occupied = self.occupied()
        removed, over = 0, occupied.all + soon - self.bytes
        over -= self._thinned(min(over, occupied.others - self.bytes // 2))
        for day in self._days.between(FIRST_DAY - 1, day_of(now) - 1):
            if over <= 0:
                break
            over -= self._days.bytes_of(day)
            self._remove(day, Removal.BYTES)
            removed += 1
        return removed

    def _thinned(self, wanted: int) -> int:
        """Let others give up so many bytes if they can; return what they gave."""
        given = 0
        while given < wanted and (more := self.thin()):
            given += more
        return given

    def counted(self, **also: int) -> Mapping[str, int]:
        """Return the days removed by reason; `also` adds those that others removed."""
        told = {reason.value: self.removed[reason] for reason in Removal}
        return {**told, **{reason: told[reason] + count for reason, count in also.items()}}

    def _remove(self, day: int, reason: Removal) -> None:
        self._days.remove(day)
        self.removed[reason] += 1
