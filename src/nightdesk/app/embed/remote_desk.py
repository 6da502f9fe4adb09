"""A desk that holds the folder elsewhere, asked over HTTP: the public classes attach to it as its clients."""

import asyncio
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from nightdesk.analytics.system.figures import SystemAnalytics
from nightdesk.app.embed.door import MOST_TRADES, History
from nightdesk.app.reach import RunningDesk
from nightdesk.app.shapes.channels import ChannelsShape
from nightdesk.app.shapes.ledger import TradeShape, TradesShape
from nightdesk.app.shapes.performance import PerformanceShape
from nightdesk.app.shapes.raised import BreachShape, RaisedShape, SubjectShape
from nightdesk.app.shapes.system import SystemShape
from nightdesk.app.shapes.vitals import VitalsShape
from nightdesk.errors import DeskUnreachable, Overloaded
from nightdesk.model.instant import SECOND
from nightdesk.workers import Workers

T = TypeVar("T")

THREADS: Final = 4
"""Requests at a time: a slow answer to one delays no other."""
ANSWER_SECONDS: Final = 30.0
MOST_WAITING: Final = 256


class RemoteDesk:
    """A `Door` to a desk over HTTP. Belongs to one event loop; requests wait on threads of its own."""

    def __init__(self, desk: RunningDesk, data: Path) -> None:
        """Ask `desk`, or whichever desk holds the folder after it."""
        self._desk, self._data = desk, data
        self._workers = Workers("remote-desk", THREADS)
        self._waiting = 0

    @classmethod
    async def open(cls, data: Path) -> Self:
        """Attach to the desk that holds a folder. Raises DeskUnreachable where none answers."""
        opening = Workers("open")
        try:
            desk = await asyncio.wrap_future(opening.submit(lambda: RunningDesk.needed_on(data)))
            return cls(desk, data)
        finally:
            opening.stop()

    async def vitals(self) -> VitalsShape:
        """Return the ten vitals."""
        return VitalsShape.model_validate(await self._get("vitals"))

    async def raise_alert(self, breach: BreachShape) -> RaisedShape:
        """Raise an alert or renew it."""
        answer = await self._post("alerts/raise", breach.model_dump_json().encode())
        if answer["alert"]["value"] is None:
            answer["alert"]["value"] = math.nan
        return RaisedShape.model_validate(answer)

    async def resolve_alert(self, subject: SubjectShape) -> bool:
        """End an alert."""
        return bool((await self._post("alerts/resolve", subject.model_dump_json().encode()))["was_live"])

    async def channels(self) -> ChannelsShape:
        """Return the channels."""
        return ChannelsShape.model_validate(await self._get("channels"))

    async def send_message(self, channel: str, message: str, severity: str) -> None:
        """Send one message through a channel."""
        fields = {"channel": channel, "message": message, "severity": severity}
        await self._aside(lambda desk: desk.post("/api/desk/channels/send", **fields))

    async def system(self, hours: float) -> SystemAnalytics:
        """Return the figures of the system."""
        return SystemShape.model_validate(await self._get("system", hours=hours)).analytics()

    async def samples(self, expr: str) -> list[History]:
        """Return the samples of a range selector as of now."""
        answer = await self._aside(lambda desk: desk.query("/api/v1/query", query=expr))
        return [_history(each) for each in answer["data"]["result"]]

    async def write(self, body: bytes) -> None:
        """Store the samples of a remote write body."""
        await self._aside(lambda desk: desk.send("/api/v1/write", body, "application/x-protobuf"))

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
        answer = await self._get(
            "performance", window=window, account=account, bot=bot, mode=mode, periods_per_year=periods_per_year
        )
        return PerformanceShape.model_validate(answer)

    async def trades(self, start: int, end: int) -> list[TradeShape]:
        """Return the trades that closed in a window."""
        return TradesShape.model_validate(await self._get("trades", start=start, end=end, limit=MOST_TRADES)).trades

    def push(self, body: bytes, seconds: float) -> tuple[int, bytes]:
        """Take what a bot's client tells."""
        path = "/api/desk/bots/push"
        try:
            return self._ask(lambda desk: desk.exchange("POST", path, body, "application/json", seconds=seconds))
        except DeskUnreachable as error:
            raise ConnectionError(str(error)) from error

    async def close(self) -> None:
        """Let go of the threads; the desk goes on."""
        self._workers.stop()

    async def _get(self, path: str, **parameters: object) -> Any:
        given = {name: value for name, value in parameters.items() if value is not None}
        return await self._aside(lambda desk: desk.get(f"/api/desk/{path}", **given))

    async def _post(self, path: str, body: bytes) -> Any:
        return await self._aside(lambda desk: desk.send(f"/api/desk/{path}", body))

    def _ask(self, call: Callable[[RunningDesk], T]) -> T:
        """Ask, and once more where the desk has come back at another address."""
        try:
            return call(self._desk)
        except DeskUnreachable:
            found = RunningDesk.on(self._data)
            if found is None or found.url == self._desk.url:
                raise
            self._desk = found
            return call(found)

    async def _aside(self, call: Callable[[RunningDesk], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Overloaded(f"{MOST_WAITING} requests to the desk wait already: ask again later")
        self._waiting += 1
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await asyncio.wrap_future(self._workers.submit(lambda: self._ask(call)))
        except TimeoutError:
            raise Overloaded(f"the desk did not answer within {ANSWER_SECONDS:g} s: ask again later") from None
        finally:
            self._waiting -= 1


def _history(entry: dict[str, Any]) -> History:
    labels = dict(entry["metric"])
    name = labels.pop("__name__", "")
    times = [round(time * SECOND) for time, _ in entry["values"]]
    return History(name, labels, times, [float(value) for _, value in entry["values"]])
