"""What the system tells a running desk: SIGTERM and SIGINT stop it, SIGHUP lets it read settings and rules again."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable
from typing import Final

from nightdesk.errors import NightdeskError

_STOP: Final = ("SIGTERM", "SIGINT")
_AGAIN: Final = "SIGHUP"
"""Windows has none."""

log = logging.getLogger(__name__)


class Signals:
    """Turns signals into events of the loop; many SIGHUPs during one reload make one more."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self.stop = asyncio.Event()
        self._again = asyncio.Event()

    def listen(self) -> None:
        """Hear signals from now on; call it on the event loop, before anything that a signal must not cut short."""
        loop = asyncio.get_running_loop()
        for name, tell in (*((name, self.stop.set) for name in _STOP), (_AGAIN, self._again.set)):
            try:
                loop.add_signal_handler(signal.Signals[name], tell)
            except (KeyError, NotImplementedError, RuntimeError):  # Windows, or a loop outside the main thread
                log.debug("%s is not handled by this loop", name)

    async def follow(self, reload: Callable[[], Awaitable[object]]) -> None:
        """Call `reload` for every SIGHUP until cancelled; a refusal is logged where it is made, and changes nothing."""
        while True:
            await self._again.wait()
            self._again.clear()
            with contextlib.suppress(NightdeskError):
                await reload()
