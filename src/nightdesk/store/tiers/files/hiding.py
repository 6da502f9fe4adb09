"""Deletions that tier files still hold something of: durable before they are answered, hidden from every read."""

from collections.abc import Sequence
from pathlib import Path

from nightdesk.model.buckets import ONE_HOUR
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.deletion.deletion import Deletion, Pending, Selector
from nightdesk.store.samples.deletion.deletions import Deletions
from nightdesk.store.tiers.files.periods import Period


class Hiding:
    """What was deleted and is not out of every file yet. One thread at a time changes it; any may read.

    A deletion is of the files there were when it was asked for: one that is written later was made without it.
    """

    def __init__(self, path: Path, damage: Damage) -> None:
        """Read what waits; the file is made with the first deletion."""
        self._deletions = Deletions(path, damage)

    @property
    def pending(self) -> tuple[Pending, ...]:
        """What is not carried out yet, oldest first."""
        return self._deletions.pending

    def add(self, selectors: Sequence[Selector], start: int, end: int) -> None:
        """Hide series from the next read on; durable when this returns. Raises Overloaded, DataFolderFull."""
        self._deletions.add(selectors, start, end, journal_end=0, last_file=0)

    def of(self, resolution: int, period: Period) -> list[Deletion]:
        """Return the deletions that hide something of a period's file."""
        return [each.deletion for each in self.pending if hides(each, resolution, period)]

    def settle(self, resolution: int, period: Period) -> None:
        """Note that a period's file was written without anything that was deleted so far."""
        numbers = [each.number for each in self.of(resolution, period)]
        if numbers:
            self._deletions.settle(numbers, _place(resolution, period))

    def drop(self, number: int) -> None:
        """Forget a deletion that is out of every file."""
        self._deletions.drop(number)

    def close(self) -> None:
        """Close the file."""
        self._deletions.close()


def hides(pending: Pending, resolution: int, period: Period) -> bool:
    """Tell whether a deletion hides something of a period's file."""
    deletion = pending.deletion
    return _place(resolution, period) not in pending.settled and touches(period, deletion.start, deletion.end)


def touches(period: Period, start: int, end: int) -> bool:
    """Tell whether a period's file can tell of samples in [start, end] ms: its outermost buckets hold its own alone."""
    return period.start <= end and start < period.end


def _place(resolution: int, period: Period) -> int:
    """Return the number under which a file is noted: a day and the month that begins with it are two."""
    return 2 * period.first + (resolution == ONE_HOUR)
