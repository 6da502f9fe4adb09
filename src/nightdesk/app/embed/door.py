"""The door through which the public classes ask a desk: one that runs in this process, or one elsewhere over HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from nightdesk.analytics.system.figures import SystemAnalytics
from nightdesk.app.shapes.channels import ChannelsShape
from nightdesk.app.shapes.raised import BreachShape, RaisedShape, SubjectShape
from nightdesk.app.shapes.vitals import VitalsShape


@dataclass(frozen=True, slots=True)
class History:
    """One metric over time: instants in ms beside values, ascending."""

    name: str
    labels: Mapping[str, str]
    times: Sequence[int]
    values: Sequence[float]


class Door(Protocol):
    """What the public classes ask of a desk; both forms answer in the same words, and raise the same errors."""

    async def vitals(self) -> VitalsShape:
        """Return the ten vitals."""
        ...

    async def raise_alert(self, breach: BreachShape) -> RaisedShape:
        """Raise an alert or renew it."""
        ...

    async def resolve_alert(self, subject: SubjectShape) -> bool:
        """End an alert; False where none such lives."""
        ...

    async def channels(self) -> ChannelsShape:
        """Return the channels, and which severities the routes bring there."""
        ...

    async def send_message(self, channel: str, message: str, severity: str) -> None:
        """Send one message through a channel by name."""
        ...

    async def system(self, hours: float) -> SystemAnalytics:
        """Return the figures of the system."""
        ...

    async def history(self, expr: str, start: int, end: int, step: int) -> list[History]:
        """Answer a PromQL expression on a grid of instants in ms."""
        ...

    async def write(self, body: bytes) -> None:
        """Store the samples of a remote write body; they are durable when this returns."""
        ...

    async def performance(self, window: str, **chosen: str | float | None) -> dict[str, Any]:
        """Return the trading figures of a window (`30d`, `all`), as `GET /api/desk/performance` does."""
        ...

    async def trades(self, start: int, end: int) -> list[dict[str, Any]]:
        """Return the trades that closed in [start, end) ms, as `GET /api/desk/trades` does."""
        ...

    def push(self, body: bytes, seconds: float) -> tuple[int, bytes]:
        """Take what a bot's client tells, from any thread; the status and the answer of `POST bots/push`."""
        ...

    async def close(self) -> None:
        """Let go of the desk; one in this process stops."""
        ...
