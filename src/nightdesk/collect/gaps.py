"""Gaps in time: the machine slept, a clock was set, or the desk was held up."""

from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Final

from nightdesk.clock import Clock

TOLERANCE_SECONDS: Final = 1.0
"""Below this a difference of clocks is slewing, not a step: NTP steps only past 0.128 s, and rarely."""
STALL_SECONDS: Final = 5.0
"""A tick this late means that the process was stopped or starved; shorter delays are a busy machine."""
KEPT: Final = 100


class GapKind(Enum):
    """What broke the even flow of time."""

    SUSPENDED = "suspended"
    """The machine slept: the boot clock went on, the monotonic clock stood still."""
    STEPPED = "stepped"
    """Wall time was set; seconds are negative where it went back."""
    STALLED = "stalled"
    """The desk was stopped or starved while every clock went on."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap, noticed at `at` (wall ms, after it), `seconds` long."""

    kind: GapKind
    at: int
    seconds: float


class GapWatch:
    """Compares wall, boot and monotonic clocks from tick to tick."""

    def __init__(self, clock: Clock) -> None:
        """Start comparing now."""
        self._clock = clock
        self._wall, self._boot, self._monotonic = clock.now(), clock.boot(), clock.monotonic()
        self.recent: deque[Gap] = deque(maxlen=KEPT)
        self.counts: dict[GapKind, int] = dict.fromkeys(GapKind, 0)

    def tick(self, expected: float) -> list[Gap]:
        """Compare with the tick before, which meant to wait `expected` seconds; return the gaps found, if any."""
        wall, boot, monotonic = self._clock.now(), self._clock.boot(), self._clock.monotonic()
        by_wall = (wall - self._wall) / 1000
        by_boot, by_monotonic = boot - self._boot, monotonic - self._monotonic
        self._wall, self._boot, self._monotonic = wall, boot, monotonic
        found = []
        if by_boot - by_monotonic > TOLERANCE_SECONDS:
            found.append(Gap(GapKind.SUSPENDED, wall, by_boot - by_monotonic))
        if abs(by_wall - by_boot) > TOLERANCE_SECONDS:
            found.append(Gap(GapKind.STEPPED, wall, by_wall - by_boot))
        if by_monotonic - expected > STALL_SECONDS:
            found.append(Gap(GapKind.STALLED, wall, by_monotonic - expected))
        for gap in found:
            self.recent.append(gap)
            self.counts[gap.kind] += 1
        return found
