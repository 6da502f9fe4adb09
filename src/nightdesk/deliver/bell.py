"""A bell that any thread may ring and one loop listens for."""

import asyncio
import threading
from types import TracebackType
from typing import Self

from nightdesk.clock import Clock


class Bell:
    """Heard while it is entered, in the loop that entered it; a ring before that is heard at once on entering."""

    def __init__(self) -> None:
        """Hang it up."""
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the listener; never blocks, from any thread."""
        with self._lock:
            if self._loop is None:
                self._rung.set()
            else:
                self._loop.call_soon_threadsafe(self._rung.set)

    async def heard_within(self, seconds: float, clock: Clock) -> None:
        """Return once it has rung since the last time, or after so many seconds."""
        ring, rest = asyncio.create_task(self._rung.wait()), asyncio.create_task(clock.sleep(seconds))
        try:
            await asyncio.wait((ring, rest), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ring.cancel()
            rest.cancel()
        self._rung.clear()

    def __enter__(self) -> Self:
        with self._lock:
            self._loop = asyncio.get_running_loop()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._loop = None
