"""After a start or a gap in time, absence is not judged before everything was collected afresh, for a bounded time."""

from collections.abc import Callable
from typing import Final

from nightdesk.clock import Clock

STALL_SECONDS: Final = 5.0
"""A turn this late means that the machine slept or the desk was stopped."""
NOTICE_SECONDS: Final = 1.5
"""The collectors' loop notices a gap within a second; until then its word `fresh` may be of before the gap."""
PATIENCE_SECONDS: Final = 15.0
"""Then the rules judge what there is: a collector that hangs must not silence them."""
EAGER_SECONDS: Final = 3.0
"""The same after a start with no alert of before: there is nothing that absence could end."""


class Patience:
    """Holds the rules back while what they would read is of before a gap."""

    def __init__(self, clock: Clock, fresh: Callable[[], bool], *, eager: bool = False) -> None:
        """Begin held: nothing has been collected yet. `eager` shortens this first wait."""
        self._clock, self._fresh = clock, fresh
        self._patience = EAGER_SECONDS if eager else PATIENCE_SECONDS
        self._since: float | None = clock.boot()
        self._notice = 0.0
        self._expected: float | None = None
        self._just_released = False
        self.pause = 0.1
        """Seconds to wait before asking again."""

    def expect(self, pause: float) -> None:
        """Note that the next turn should come after that many seconds."""
        self._expected = self._clock.boot() + pause

    def holds(self) -> bool:
        """Return whether the rules should wait; a turn that comes far too late begins such a wait."""
        now = self._clock.boot()
        if self._expected is not None and now - self._expected > STALL_SECONDS:
            self._since, self._notice, self._patience = now, NOTICE_SECONDS, PATIENCE_SECONDS
        self._expected = now
        if self._since is None:
            return False
        waited = now - self._since
        if waited < self._patience and (waited < self._notice or not self._fresh()):
            return True
        self._since, self._just_released = None, True
        return False

    def released(self) -> bool:
        """Return whether a wait ended with this turn; true once."""
        just, self._just_released = self._just_released, False
        return just
