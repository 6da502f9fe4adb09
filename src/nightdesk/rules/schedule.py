"""When a group is judged: at multiples of its interval in wall time, waited for on the boot clock."""

from nightdesk.clock import Clock
from nightdesk.model.instant import SECOND

EARLY_MS = 5
"""A wait may end this much before its instant: the clocks do not tick in step."""
STEP_MS = 1_000
"""Wall time that moves by less than this against the boot clock is slewed, not set."""


class Schedule:
    """The instants of one group. Rounds that passed unused are skipped and counted, never caught up."""

    def __init__(self, clock: Clock, interval: int) -> None:
        """Make the first round due at once; `interval` in ms."""
        if interval <= 0:
            raise ValueError("an interval is more than 0 ms")
        self._clock, self._interval = clock, interval
        self._first = True
        self.due = clock.boot()
        """Boot time in seconds of the next round."""
        self.missed = 0

    def postpone(self) -> None:
        """Let the next round be due now: whatever held it back was no fault of the rules."""
        self.due = max(self.due, self._clock.boot())

    def take(self) -> int:
        """Use the round that is due; return the wall instant in ms that it judges.

        It is the latest multiple of the interval, for the first round the latest second, so that rounds a restart or a
        reload apart share one grid.
        """
        now, boot = self._clock.now(), self._clock.boot()
        self.missed += max(0, int((boot - self.due) * SECOND) // self._interval)
        grid = (now + EARLY_MS) // self._interval * self._interval
        step = min(self._interval, SECOND)
        at = (now + EARLY_MS) // step * step if self._first else grid
        self._first = False
        # Anchored anew each time on the wall grid: slewed clocks are followed, delays do not add up.
        self.due = boot + (grid + self._interval - now) / SECOND
        return at


class WallWatch:
    """Tells when the wall clock was set, by comparing it with the boot clock."""

    def __init__(self, clock: Clock) -> None:
        """Start comparing now."""
        self._clock = clock
        self._offset = self._now()

    def stepped(self) -> int:
        """Return by how many ms the wall clock was set since the last call; 0 where it was not."""
        moved = self._now() - self._offset
        if abs(moved) >= STEP_MS:
            self._offset += moved
            return moved
        # Slewing adds up over weeks; following it keeps it from being taken for a step.
        self._offset += moved
        return 0

    def _now(self) -> int:
        return self._clock.now() - round(self._clock.boot() * SECOND)
