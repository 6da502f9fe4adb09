"""Tombstones of tier files: deletions that are durable and hidden from every read, and still to be cleaned."""

from collections.abc import Sequence
from pathlib import Path

from nightdesk.model.buckets import ONE_HOUR
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.deletion.deletion import Deletion, Selector
from nightdesk.store.samples.deletion.tombstones import Tombstone, Tombstones
from nightdesk.store.tiers.files.periods import Period


class TierTombstones:
    """The tombstones of both tiers. One thread at a time changes it; any may read.

    A deletion is about the files that stood when it was asked for: a later file was written without what it names.
    """

    def __init__(self, path: Path, damage: Damage) -> None:
        """Read the tombstones; the file is made with the first deletion."""
        self._tombstones = Tombstones(path, damage)

    @property
    def pending(self) -> tuple[Tombstone, ...]:
        """What is not cleaned out of every file yet, oldest first."""
        return self._tombstones.pending

    def add(self, selectors: Sequence[Selector], start: int, end: int) -> None:
        """Mask series from the next read on; durable when this returns. Raises Overloaded, DataFolderFull."""
        self._tombstones.add(selectors, start, end, journal_end=0, last_file=0)

    def of(self, resolution: int, period: Period) -> list[Deletion]:
        """Return the deletions that mask something of a period's file."""
        return [each.deletion for each in self.pending if masks(each, resolution, period)]

    def settle(self, resolution: int, period: Period) -> None:
        """Note that a period's file was written without anything that was deleted so far."""
        numbers = [each.number for each in self.of(resolution, period)]
        if numbers:
            self._tombstones.settle(numbers, _place(resolution, period))

    def drop(self, number: int) -> None:
        """Forget a deletion that is cleaned out of every file."""
        self._tombstones.drop(number)

    def close(self) -> None:
        """Close the file."""
        self._tombstones.close()


def masks(tombstone: Tombstone, resolution: int, period: Period) -> bool:
    """Tell whether a tombstone masks something of a period's file."""
    deletion = tombstone.deletion
    return _place(resolution, period) not in tombstone.settled and touches(period, deletion.start, deletion.end)


def touches(period: Period, start: int, end: int) -> bool:
    """Tell whether a period's file can tell of samples in [start, end] ms: its outermost buckets hold its own alone."""
    return period.start <= end and start < period.end


def _place(resolution: int, period: Period) -> int:
    """Return the number under which a file is noted: a day and the month that begins with it are two."""
    return 2 * period.first + (resolution == ONE_HOUR)
