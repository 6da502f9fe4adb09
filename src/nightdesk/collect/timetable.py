"""When a collector is due: start + n x interval on the boot clock, so that no delay ever adds up."""

import math


class Timetable:
    """The grid of one collector's instants; ticks that passed unused are skipped and counted, never caught up."""

    def __init__(self, start: float, interval: float) -> None:
        """Make the first tick due at `start` (boot seconds), then one every `interval` seconds."""
        if interval <= 0:
            raise ValueError("an interval is more than 0 s")
        self._start, self._interval = start, interval
        self._next = 0
        self._at_once = False
        self.missed = 0

    @property
    def due(self) -> float:
        """Boot time in seconds of the next tick on the grid."""
        return self._start + self._next * self._interval

    def is_due(self, boot: float) -> bool:
        """True where a tick of the grid has come, or one was asked for at once."""
        return self._at_once or self.due <= boot

    def hurry(self) -> None:
        """Make one extra tick due now; the grid stays as it is."""
        self._at_once = True

    def take(self, boot: float) -> None:
        """Use the tick that is due at `boot`; of several that passed, the latest is used and the others are missed."""
        self.missed += max(0, self._skip(boot) - 1)
        self._at_once = False

    def miss(self, boot: float) -> None:
        """Let the ticks of the grid up to `boot` pass unused; one that was asked for at once stays wanted."""
        self.missed += self._skip(boot)

    def _skip(self, boot: float) -> int:
        """Move to the first grid instant after `boot`; return how many ticks that passes over."""
        following = max(self._next, math.floor((boot - self._start) / self._interval) + 1)
        passed, self._next = following - self._next, following
        return passed
