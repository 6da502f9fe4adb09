"""The only place that reads a clock.

Schedules run on the boot clock, which counts suspended time; wall time is for labels.
"""

import asyncio
import time
from typing import Final, Protocol

_BOOT_CLOCK: Final[int | None] = getattr(time, "CLOCK_BOOTTIME", None)


class Clock(Protocol):
    """Wall time, boot time and waiting; `testing.clock.ManualClock` is the fake."""

    def now(self) -> int:
        """Return wall time in milliseconds since the Unix epoch."""
        ...

    def boot(self) -> float:
        """Return seconds since boot, suspended time included; never steps back."""
        ...

    def monotonic(self) -> float:
        """Return seconds that stand still while the machine is suspended; beside `boot` they tell of suspends."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long; 0 or less yields once."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> int:
        """Return wall time in milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    def boot(self) -> float:
        """Return CLOCK_BOOTTIME where there is one (Linux), else the monotonic clock, in seconds."""
        return time.monotonic() if _BOOT_CLOCK is None else time.clock_gettime(_BOOT_CLOCK)

    def monotonic(self) -> float:
        """Return CLOCK_MONOTONIC in seconds; on Linux it leaves suspended time out."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait on the running event loop."""
        await asyncio.sleep(max(0.0, seconds))


class Deadline:
    """A total deadline on the boot clock: ask what is left before every step."""

    __slots__ = ("_clock", "_until", "seconds")

    def __init__(self, clock: Clock, seconds: float) -> None:
        """Start counting now."""
        self._clock, self._until, self.seconds = clock, clock.boot() + seconds, seconds

    @property
    def left(self) -> float:
        """Seconds left, 0 when it has passed."""
        return max(0.0, self._until - self._clock.boot())

    @property
    def passed(self) -> bool:
        """True once no time is left."""
        return self._clock.boot() >= self._until
