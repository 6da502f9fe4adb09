"""A clock that moves only when told to: the fake of `nightdesk.clock.Clock`."""

import asyncio
import heapq
import itertools


class ManualClock:
    """Wall and boot time under the test's hand; sleepers wake in order while `advance` passes their instants."""

    def __init__(self, now: int = 1_700_000_000_000, boot: float = 1_000.0) -> None:
        """Start at a wall time in milliseconds and a boot time in seconds."""
        self._now, self._boot, self._suspended = now, boot, 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> int:
        """Return wall time in milliseconds."""
        return self._now

    def boot(self) -> float:
        """Return boot time in seconds."""
        return self._boot

    def monotonic(self) -> float:
        """Return boot time less the time jumped over, as a machine that was suspended does."""
        return self._boot - self._suspended

    def step_wall(self, milliseconds: int) -> None:
        """Move wall time alone, as NTP or a person does; nobody wakes."""
        self._now += milliseconds

    def jump(self, seconds: float) -> None:
        """Move both clocks without waking sleepers on the way, as a suspended machine does; they wake at the end."""
        self._pass(seconds)
        self._suspended += seconds

    def _pass(self, seconds: float) -> None:
        self._now += round(seconds * 1000)
        self._boot += seconds

    async def sleep(self, seconds: float) -> None:
        """Wait until `advance` or `jump` has passed that many seconds."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._boot + seconds, next(self._order), waiter))
        await waiter

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking sleepers one by one at their own instants and letting each run before the next."""
        target = self._boot + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            due, _, waiter = heapq.heappop(self._sleepers)
            if due > self._boot:
                self._pass(due - self._boot)
            if not waiter.done():
                waiter.set_result(None)
            await settle()
        self._pass(target - self._boot)
        await settle()


async def settle(turns: int = 20) -> None:
    """Give every ready task its turns."""
    for _ in range(turns):
        await asyncio.sleep(0)
