"""A wired desk at work on an event loop: its threads and its tasks, started and stopped in order.

The service runs one beside its HTTP face, a foreign program embeds one without; neither signals nor the process' own
habits are touched here.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from nightdesk.app.wiring import Wired
from nightdesk.workers import Workers

TASKS_STOP_SECONDS: Final = 5.5
"""A message in hand gets five seconds from the courier."""
SENDER_STOP_SECONDS: Final = 1.0
THREADS_STOP_SECONDS: Final = 3.5

Work = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)


class Running:
    """Everything of a desk that goes on by itself. Belongs to one event loop."""

    def __init__(self, wired: Wired) -> None:
        """Start nothing yet."""
        self._wired = wired
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, **more: Work) -> None:
        """Start the threads, then the tasks by name; each task is started again when it crashes."""
        self._loop = asyncio.get_running_loop()
        self._wired.start()
        rivers, keep = self._wired.rivers, self._wired.supervisor.keep
        works: dict[str, Work] = {
            "collect": rivers.collecting.run,
            "courier": rivers.courier.run,
            "raised": rivers.raised.run,
            "bots": self._wired.desk.bots.run,
            "pulse": self._wired.pulse.run,
            **more,
        }
        self._tasks = [asyncio.create_task(keep(name, work), name=name) for name, work in works.items()]

    async def stop(self, *beside: "asyncio.Task[Any]") -> bool:
        """Stop within ten seconds: collectors and messages first, then rules, then what is queued is stored.

        Tasks `beside` are waited for with the others. Returns False where a thread hangs, on a dead disk say: then
        something of it is still at work, and what was opened is open.
        """
        if self._loop is not None and self._loop.is_closed():
            return await ended_within(THREADS_STOP_SECONDS, self._end)  # its tasks ended with it; threads do not
        for task in self._tasks:
            task.cancel()
        waited: Sequence[asyncio.Task[Any]] = (*beside, *self._tasks)
        _, late = await asyncio.wait(waited, timeout=TASKS_STOP_SECONDS)
        for task in late:
            log.error("the task %s did not stop in time", task.get_name())
        farewell = asyncio.ensure_future(self._wired.rivers.sender.close())
        await asyncio.wait((farewell,), timeout=SENDER_STOP_SECONDS)
        return await ended_within(THREADS_STOP_SECONDS, self._end)

    def _end(self) -> bool:
        """End the threads, then close what was opened; blocks as the disk does. False where samples were left."""
        if not self._wired.stop():
            return False
        self._wired.close()
        return True


async def ended_within(seconds: float, end: Callable[[], bool]) -> bool:
    """Run what may block for ever on a thread that the process can leave behind; True if it ended well and in time."""
    workers = Workers("stop")
    ending = asyncio.wrap_future(workers.submit(end))
    workers.stop()
    done, _ = await asyncio.wait((ending,), timeout=seconds)
    return bool(done) and ending.result()
