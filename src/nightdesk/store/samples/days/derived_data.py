"""Derived data: what is made of whole days and outlives their samples, as the tiers of buckets do."""

from collections.abc import Iterator
from typing import Protocol


class DerivedData(Protocol):
    """What the store asks of data that is made of its days, before it removes or rewrites any."""

    def bytes(self) -> int:
        """Return what it takes on the disk, which counts against the quota of the store."""
        ...

    def wants(self, day: int) -> bool:
        """Tell whether samples of a day that are to go stay for a while: something is still to be made of them."""
        ...

    def tells_of(self, day: int) -> bool:
        """Tell whether there is anything that was made of a day's whole file."""
        ...

    def before_rewriting(self, day: int) -> Iterator[None]:
        """Take over, in short steps, what has left a day's whole file, before another file takes its place."""
        ...

    def thin(self) -> int:
        """Remove the oldest part that other derived data tells too; return its bytes, 0 where there is none."""
        ...


class NoDerivedData:
    """A store to which nothing is attached."""

    def bytes(self) -> int:
        """Take nothing."""
        return 0

    def wants(self, _day: int) -> bool:
        """Hold on to no day."""
        return False

    def tells_of(self, _day: int) -> bool:
        """Know no day."""
        return False

    def before_rewriting(self, _day: int) -> Iterator[None]:
        """Take over nothing."""
        return iter(())

    def thin(self) -> int:
        """Remove nothing."""
        return 0
