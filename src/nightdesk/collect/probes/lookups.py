"""How often a cache was asked lately: what says why there is no hit ratio yet."""

from collections import deque
from typing import Final

WINDOW_SECONDS: Final = 300.0
ENOUGH: Final = 100
"""Lookups below which a ratio says nothing; the rule `cache_hit_ratio` has the same number."""
_MOST: Final = 4_096


class Lookups:
    """Increments of one counter of lookups within the last five minutes; a counter that fell began anew at 0."""

    def __init__(self) -> None:
        """Know nothing."""
        self._total: float | None = None
        self._increments: deque[tuple[float, float]] = deque(maxlen=_MOST)

    def note(self, at: float, total: float) -> None:
        """Note what the counter said at `at` (boot seconds)."""
        if self._total is not None:
            self._increments.append((at, total - self._total if total >= self._total else total))
        self._total = total
        while self._increments and self._increments[0][0] <= at - WINDOW_SECONDS:
            self._increments.popleft()

    @property
    def recent(self) -> int:
        """Lookups of the five minutes before the latest note."""
        return int(sum(increment for _, increment in self._increments))
