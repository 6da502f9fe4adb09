"""What day files ask of whoever keeps more of a day than its samples, as tiers do."""

from collections.abc import Iterator
from typing import Protocol


class Keeper(Protocol):
    """Who keeps something that was made of days, beyond their samples."""

    def is_behind(self, day: int) -> bool:
        """Tell whether what it keeps of a day lacks samples that came later."""
        ...

    def before_rewriting(self, day: int) -> Iterator[None]:
        """Take over, in short steps, what has left a day's whole file, before there is another in its place."""
        ...


class NoKeeper:
    """Nobody keeps anything."""

    def is_behind(self, _day: int) -> bool:
        """Tell that nothing is lacking."""
        return False

    def before_rewriting(self, _day: int) -> Iterator[None]:
        """Take over nothing."""
        return iter(())
