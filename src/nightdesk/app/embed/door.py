"""The door through which the public classes ask a desk: one that runs in this process, or one elsewhere over HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from nightdesk.analytics.system.figures import SystemAnalytics
from nightdesk.app.shapes.channels import ChannelsShape
from nightdesk.app.shapes.ledger import TradeShape
from nightdesk.app.shapes.performance import PerformanceShape
from nightdesk.app.shapes.raised import BreachShape, RaisedShape, SubjectShape
from nightdesk.app.shapes.vitals import VitalsShape

MOST_TRADES: Final = 10_000
"""Trades of one answer, the newest."""


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

    async def samples(self, expr: str) -> list[History]:
        """Return the samples of a range selector of PromQL (`cpu_usage[1h]`) as of now, as they were stored."""
        ...

    async def write(self, body: bytes) -> None:
        """Store the samples of a remote write body; they are durable when this returns."""
        ...

    async def performance(
        self,
        window: str,
        *,
        account: str | None,
        bot: str | None,
        mode: str | None,
        periods_per_year: float | None,
    ) -> PerformanceShape:
        """Return the trading figures of a window (`30d`, `all`), as `GET /api/desk/performance` does."""
        ...

    async def trades(self, start: int, end: int) -> list[TradeShape]:
        """Return the trades that closed in [start, end) ms, as `GET /api/desk/trades` does."""
        ...

    def push(self, body: bytes, seconds: float) -> tuple[int, bytes]:
        """Take what a bot's client tells, from any thread; the status and the answer of `POST bots/push`."""
        ...

    async def close(self) -> None:
        """Let go of the desk; one in this process stops."""
        ...
