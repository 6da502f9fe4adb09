"""A desk that holds the folder elsewhere, asked over HTTP: the public classes attach to it as its clients."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from nightdesk.analytics.system.figures import SystemAnalytics
from nightdesk.app.embed.door import History
from nightdesk.app.reach import RunningDesk
from nightdesk.app.shapes.channels import ChannelsShape
from nightdesk.app.shapes.raised import BreachShape, RaisedShape, SubjectShape
from nightdesk.app.shapes.system import SystemShape
from nightdesk.app.shapes.vitals import VitalsShape
from nightdesk.errors import Overloaded
from nightdesk.model.instant import SECOND, format_duration
from nightdesk.workers import Workers

T = TypeVar("T")

THREADS: Final = 4
"""Requests at a time: a slow answer to one delays no other."""
ANSWER_SECONDS: Final = 30.0
MOST_WAITING: Final = 256


class RemoteDesk:
    """A `Door` to a desk over HTTP. Belongs to one event loop; requests wait on threads of its own."""

    def __init__(self, desk: RunningDesk) -> None:
        """Ask `desk`."""
        self._desk = desk
        self._workers = Workers("remote-desk", THREADS)
        self._waiting = 0

    @classmethod
    async def open(cls, data: Path) -> Self:
        """Attach to the desk that holds a folder. Raises DeskUnreachable where none answers."""
        opening = Workers("open")
        try:
            return cls(await asyncio.wrap_future(opening.submit(lambda: RunningDesk.needed_on(data))))
        finally:
            opening.stop()

    async def vitals(self) -> VitalsShape:
        """Return the ten vitals."""
        return VitalsShape.model_validate(await self._get("vitals"))

    async def raise_alert(self, breach: BreachShape) -> RaisedShape:
        """Raise an alert or renew it."""
        return RaisedShape.model_validate(await self._post("alerts/raise", breach.model_dump_json().encode()))

    async def resolve_alert(self, subject: SubjectShape) -> bool:
        """End an alert."""
        return bool((await self._post("alerts/resolve", subject.model_dump_json().encode()))["was_live"])

    async def channels(self) -> ChannelsShape:
        """Return the channels."""
        return ChannelsShape.model_validate(await self._get("channels"))

    async def send_message(self, channel: str, message: str, severity: str) -> None:
        """Send one message through a channel."""
        fields = {"channel": channel, "message": message, "severity": severity}
        await self._aside(lambda: self._desk.post("/api/desk/channels/send", **fields))

    async def system(self, hours: float) -> SystemAnalytics:
        """Return the figures of the system."""
        return SystemShape.model_validate(await self._get("system", hours=hours)).analytics()

    async def history(self, expr: str, start: int, end: int, step: int) -> list[History]:
        """Answer a PromQL expression on a grid of instants in ms."""
        asked = {"query": expr, "start": start / SECOND, "end": end / SECOND, "step": format_duration(step)}
        answer = await self._aside(lambda: self._desk.query("/api/v1/query_range", **asked))
        return [_history(each) for each in answer["data"]["result"]]

    async def write(self, body: bytes) -> None:
        """Store the samples of a remote write body."""
        await self._aside(lambda: self._desk.send("/api/v1/write", body, "application/x-protobuf"))

    async def performance(self, window: str, **chosen: str | float | None) -> dict[str, Any]:
        """Return the trading figures of a window."""
        found: dict[str, Any] = await self._get("performance", window=window, **chosen)
        return found

    async def trades(self, start: int, end: int) -> list[dict[str, Any]]:
        """Return the trades that closed in a window."""
        found: list[dict[str, Any]] = (await self._get("trades", start=start, end=end))["trades"]
        return found

    def push(self, body: bytes, seconds: float) -> tuple[int, bytes]:
        """Take what a bot's client tells."""
        return self._desk.exchange("POST", "/api/desk/bots/push", body, "application/json", seconds=seconds)

    async def close(self) -> None:
        """Let go of the threads; the desk goes on."""
        self._workers.stop()

    async def _get(self, path: str, **parameters: object) -> Any:
        given = {name: value for name, value in parameters.items() if value is not None}
        return await self._aside(lambda: self._desk.get(f"/api/desk/{path}", **given))

    async def _post(self, path: str, body: bytes) -> Any:
        return await self._aside(lambda: self._desk.send(f"/api/desk/{path}", body))

    async def _aside(self, call: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Overloaded(f"{MOST_WAITING} requests to the desk wait already: ask again later")
        self._waiting += 1
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await asyncio.wrap_future(self._workers.submit(call))
        except TimeoutError:
            raise Overloaded(f"the desk did not answer within {ANSWER_SECONDS:g} s: ask again later") from None
        finally:
            self._waiting -= 1


def _history(entry: dict[str, Any]) -> History:
    labels = dict(entry["metric"])
    name = labels.pop("__name__", "")
    points = [(round(time * SECOND), float(value)) for time, value in entry["values"] if value != "NaN"]
    return History(name, labels, [time for time, _ in points], [value for _, value in points])
