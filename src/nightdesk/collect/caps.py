"""How many series one target may begin: one that changes its labels with each scrape would use up everybody's room."""

from typing import Final

from nightdesk.model.instant import HOUR
from nightdesk.model.labels import Labels

MOST_NEW_SERIES: Final = 10_000
"""Series that a target may begin within an hour, unless the settings say otherwise: as many as it may have at once.

An hour is how long a series that has ended counts against the cap of all.
"""


class NewSeriesCap:
    """Remembers the series that a target began within the latest hour. Belongs to the ingest thread."""

    def __init__(self, most: int = MOST_NEW_SERIES) -> None:
        """Admit up to `most`."""
        self._most = most
        self._begun: dict[int, int] = {}
        """By hash, in the order in which they began, with the instant; two of one hash count as one."""

    def admits(self, labels: Labels, at: int) -> bool:
        """Return whether a series may begin at `at` ms; one that comes and goes begins once an hour."""
        key = hash(labels)
        if key in self._begun:
            return True
        # A clock that was set back leaves instants of the future: they are forgotten too.
        while self._begun and not at - HOUR < next(iter(self._begun.values())) <= at:
            del self._begun[next(iter(self._begun))]
        if len(self._begun) >= self._most:
            return False
        self._begun[key] = at
        return True
