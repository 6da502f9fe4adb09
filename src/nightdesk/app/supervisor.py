"""Keeps the desk's tasks alive: a crash is logged, counted and followed by a restart; nothing dies unseen."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from nightdesk.clock import Clock

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
WELL_AFTER: Final = 60.0
"""Seconds a task must have run for its next crash to start at the first pause again."""

log = logging.getLogger(__name__)


class Supervisor:
    """Runs tasks that must not end; `crashes` counts by name."""

    def __init__(self, clock: Clock) -> None:
        """Start with no crash seen."""
        self._clock = clock
        self.crashes: Counter[str] = Counter()

    async def keep(self, name: str, task: Callable[[], Awaitable[None]]) -> None:
        """Run `task` for ever, again after a crash or an end, with pauses of 0.5 s that double to 30 s."""
        pause = FIRST_PAUSE
        while True:
            started = self._clock.boot()
            try:
                await task()
                log.error("task %s ended by itself; again in %.1f s", name, pause)
            except Exception:
                log.exception("task %s crashed; again in %.1f s", name, pause)
            self.crashes[name] += 1
            if self._clock.boot() - started > WELL_AFTER:
                pause = FIRST_PAUSE
            await self._clock.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
