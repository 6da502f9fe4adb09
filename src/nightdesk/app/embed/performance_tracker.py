"""`PerformanceTracker`: a bot's client that tells the desk of this process, or the one that holds the folder."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from nightdesk.app.embed.door import Door
from nightdesk.app.embed.link import DeskLink
from nightdesk.app.embed.linked import Linked
from nightdesk.app.settings.settings import Settings
from nightdesk.client.client import Client
from nightdesk.client.names import clean_word
from nightdesk.workers import Workers

FAREWELL_SECONDS: Final = 2.0


class PerformanceTracker(Client):
    """Decorators, context managers, counters, gauges, timers, beats, errors, events, orders and fills.

    It is `nightdesk.client` by another way: `track`, `timer`, `counter`, `gauge`, `beat`, `error` and the others return
    at once and never raise. Counting begins with the object, telling with `open` or with the monitor it belongs to.

    >>> @monitor.performance_tracker.track("decide")
    ... async def decide(candle): ...
    """

    def __init__(
        self,
        data: Path | str | None = None,
        *,
        interval: float | None = None,
        settings: Settings | Path | str | None = None,
        attach: bool = True,
        link: DeskLink | None = None,
        bot: str = "",
        account: str = "main",
        mode: str = "live",
        labels: Mapping[str, object] | None = None,
    ) -> None:
        """Start counting in memory; `bot` is the script's name unless given."""
        super().__init__(
            None, bot=bot or Path(sys.argv[0]).stem or "program", account=account, mode=mode, labels=labels
        )
        self._linked = Linked(data, interval=interval, settings=settings, attach=attach, link=link)

    def use(self, door: Door) -> None:
        """Tell this desk from now on, and all that was counted before."""
        if self._transport is None:
            self._transport = door.push
            self._flusher = self._new_flusher()

    async def open(self) -> Self:
        """Reach the desk, or start it. Raises what `Linked.open` does."""
        self.use(await self._linked.link.door())
        return self

    def stopping(self, reason: str = "stopping") -> None:
        """Say that this program stops on purpose; told with the next push, for waiting would hold up the event loop."""
        self._identity.stopping = clean_word(reason, "stopping")

    async def aflush(self, seconds: float = FAREWELL_SECONDS) -> bool:
        """Wait until the desk has everything counted so far; False where it did not in time. Holds up no loop."""
        return await _aside(lambda: self.flush(seconds))

    async def aclose(self, seconds: float = FAREWELL_SECONDS) -> bool:
        """Tell what is left and let go of the desk; False where not all of it arrived in time."""
        done = await _aside(lambda: self.close(seconds)) if self._transport is not None else False
        await self._linked.close()
        return done

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def _aside(call: Callable[[], bool]) -> bool:
    """Run what waits on a thread: the loop carries the very push that it waits for."""
    workers = Workers("tracker")
    try:
        return await asyncio.wrap_future(workers.submit(call))
    finally:
        workers.stop()
