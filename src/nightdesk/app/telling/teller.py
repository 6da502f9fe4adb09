"""Tells whoever follows the stream what stands: vitals and status each interval, alerts when they change."""

import asyncio
import contextlib
from typing import Final

from nightdesk.app.desk import Desk
from nightdesk.app.live.broadcast import Event, EventKind
from nightdesk.clock import Clock

VITALS_SECONDS: Final = 2.0
"""A disk that hangs gives no vitals; the status goes on all the same, or the page would take the desk for lost."""


class Teller:
    """Sleeps while nobody listens, so that an idle desk does no work for a page that is not open."""

    def __init__(self, desk: Desk, clock: Clock, interval: float) -> None:
        """Tell every `interval` seconds."""
        self._desk, self._broadcast, self._clock, self._interval = desk, desk.broadcast, clock, interval
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Tell until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            await self._broadcast.somebody.wait()
            await self._tell()
            await self._clock.sleep(self._interval)

    async def _tell(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(VITALS_SECONDS):
                vitals = await self._desk.vitals()
            self._broadcast.tell(Event(EventKind.VITALS, vitals.at, vitals))
        standing = await self._desk.standing()
        self._broadcast.tell(Event(EventKind.STATUS, standing.now, standing))

    def alerts_changed(self) -> None:
        """Tell of the live alerts soon; called from the rules thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._tell_alerts)

    def _tell_alerts(self) -> None:
        self._broadcast.tell(Event(EventKind.ALERTS, self._clock.now(), self._desk.alerts_now))
