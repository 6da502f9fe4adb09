"""The desk feels its own pulse: how late the event loop runs when it is asked to wake."""

from collections import deque
from typing import Final

from nightdesk.clock import Clock

BEAT: Final = 0.25
WINDOW: Final = 240
"""Beats that the percentile looks back on: one minute."""


class Pulse:
    """Beats four times a second; the lateness of a beat is the lag of the event loop."""

    def __init__(self, clock: Clock) -> None:
        """Start with an empty window."""
        self._clock = clock
        self._lags: deque[float] = deque(maxlen=WINDOW)

    async def run(self) -> None:
        """Beat until cancelled. Suspended time is not the loop's lateness, so the monotonic clock measures."""
        while True:
            before = self._clock.monotonic()
            await self._clock.sleep(BEAT)
            self._lags.append(max(0.0, self._clock.monotonic() - before - BEAT))

    def lag_p99(self) -> float:
        """Return the 99th percentile of the loop's lag over the last minute, in seconds; 0 before the first beat."""
        if not self._lags:
            return 0.0
        ordered = sorted(self._lags)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
