"""A desk inside this process: the same parts that `nightdesk up` wires, without its HTTP face.

It runs on the event loop that is there, whoever's that is. It takes no signals and changes nothing of the process.
"""

import asyncio
import os
from concurrent.futures import Future
from typing import Final, Self

from nightdesk.analytics.system.figures import SystemAnalytics
from nightdesk.app.embed.door import MOST_TRADES, History
from nightdesk.app.embed.push_counter import PushCounter
from nightdesk.app.performance.reading import Question
from nightdesk.app.performance.window import Window
from nightdesk.app.process.running import Running
from nightdesk.app.settings.settings import Settings
from nightdesk.app.shapes.channels import ChannelsShape
from nightdesk.app.shapes.ledger import TradeShape, trades_shape
from nightdesk.app.shapes.performance import PerformanceShape
from nightdesk.app.shapes.raised import BreachShape, RaisedShape, SubjectShape
from nightdesk.app.shapes.vitals import VitalsShape
from nightdesk.app.wiring import Wired, wire
from nightdesk.clock import Clock, SystemClock
from nightdesk.errors import BadPayload, StoreError
from nightdesk.model.alert import Severity
from nightdesk.model.instant import to_nanos
from nightdesk.model.labels import Labels
from nightdesk.model.ledger import Selection
from nightdesk.model.trade import Mode
from nightdesk.query.answer import Answer
from nightdesk.workers import Workers

UNDO_SECONDS: Final = 5.0
"""How long whoever cancels an opening waits for the folder to be free again; on a hung disk it is let go of later."""


class OwnDesk:
    """A `Door` to a desk of our own. Belongs to one event loop; use `OwnDesk.open`."""

    def __init__(self, wired: Wired, running: Running) -> None:
        """Take a desk that runs."""
        self._wired, self._desk, self._running = wired, wired.desk, running
        self._pushes, self._pid = PushCounter(self._desk.bots, asyncio.get_running_loop()), os.getpid()

    @classmethod
    async def open(cls, settings: Settings, clock: Clock | None = None) -> Self:
        """Take the folder and start; the disk is waited for on a thread.

        Raises:
            DataFolderBusy: another desk, or another event loop of this process, holds the folder.
            StoreError, SettingsError, RuleFileError, Unsafe: as `wire`.
        """
        opening = Workers("open")
        wiring = opening.submit(lambda: wire(settings, lambda: settings, clock or SystemClock()))
        try:
            wired = await asyncio.wrap_future(wiring)
        except asyncio.CancelledError:
            # The thread goes on whoever has left, and holds the folder in the end: the same thread lets go of it.
            undone = asyncio.wrap_future(opening.submit(lambda: _undo(wiring)))
            await asyncio.wait((undone,), timeout=UNDO_SECONDS)
            raise
        finally:
            opening.stop()
        running = Running(wired)
        running.start()
        wired.desk.ready = True
        return cls(wired, running)

    async def vitals(self) -> VitalsShape:
        """Return the ten vitals."""
        return VitalsShape.of(await self._desk.vitals())

    async def raise_alert(self, breach: BreachShape) -> RaisedShape:
        """Raise an alert or renew it."""
        return RaisedShape.of(await self._desk.raised.take(breach.breach()))

    async def resolve_alert(self, subject: SubjectShape) -> bool:
        """End an alert."""
        return await self._desk.raised.resolve(subject.metric, Labels(subject.labels.items()))

    async def channels(self) -> ChannelsShape:
        """Return the channels."""
        return ChannelsShape.of(await self._desk.channels.standings())

    async def send_message(self, channel: str, message: str, severity: str) -> None:
        """Send one message through a channel."""
        await self._desk.messages.send(channel, message, Severity(severity))

    async def system(self, hours: float) -> SystemAnalytics:
        """Return the figures of the system."""
        return await self._desk.system(hours)

    async def samples(self, expr: str) -> list[History]:
        """Return the samples of a range selector as of now."""
        return await self._desk.query_instant(expr, self._desk.now(), self._desk.query_seconds, _histories)

    async def write(self, body: bytes) -> None:
        """Store the samples of a remote write body."""
        written = await self._desk.write(body)
        if written.refused:
            raise BadPayload(written.complaint or f"samples were refused: {dict(written.refused)}")

    async def performance(
        self,
        window: str,
        *,
        account: str | None,
        bot: str | None,
        mode: str | None,
        periods_per_year: float | None,
    ) -> PerformanceShape:
        """Return the trading figures of a window."""
        selection = Selection(account, bot, Mode(mode) if mode else None)
        question = Question(selection, Window.parse(window, self._desk.now()), periods_per_year)
        name = ("embedded", selection, window, periods_per_year)
        return await self._desk.performance.performance(question, name, PerformanceShape.of)

    async def trades(self, start: int, end: int) -> list[TradeShape]:
        """Return the trades that closed in a window."""
        selection = Selection(start=to_nanos(start), end=to_nanos(end))
        shape = await self._desk.trading.ask(lambda trading: trades_shape(trading.newest(selection, MOST_TRADES)))
        return shape.trades

    def push(self, body: bytes, seconds: float) -> tuple[int, bytes]:
        """Take what a bot's client tells, from a thread that is not the loop's. Raises OSError as a network would."""
        if os.getpid() != self._pid:
            raise ConnectionError("the desk runs in the process that this one was forked from")
        return self._pushes.take(body, seconds)

    async def close(self) -> None:
        """Stop everything of it, and let go of the folder. Raises StoreError where something of it hangs."""
        self._desk.ready = False
        if not await self._running.stop():
            raise StoreError("the desk did not stop in time: the store or the rules hang; the folder is still held")


def _undo(wiring: "Future[Wired]") -> None:
    """Stop what was wired for nobody; nothing where the wiring never began or failed."""
    if not wiring.cancelled() and wiring.exception() is None:
        wired = wiring.result()
        wired.stop()
        wired.close()


def _histories(answer: Answer) -> list[History]:
    return [
        History(each.labels.name, each.labels.without_name().as_dict(), each.times.tolist(), each.values.tolist())
        for each in answer.series
    ]
