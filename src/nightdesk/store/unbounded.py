"""The budget of the store's own work: housekeeping and verification read as much as there is."""

from typing import Final

from nightdesk.seams.samples import Budget


class Unbounded:
    """A Budget that counts nothing and refuses nothing."""

    def charge(self, samples: int) -> None:
        """Count nothing."""

    def check(self) -> None:
        """Refuse nothing."""


UNBOUNDED: Final[Budget] = Unbounded()
