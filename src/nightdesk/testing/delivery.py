"""A courier over memory, with the test's hand on clock and channels."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from dataclasses import replace
from typing import Any

from nightdesk.deliver.courier import Courier
from nightdesk.model.instant import SECOND
from nightdesk.model.notice import Notice, OutboxEntry
from nightdesk.testing.builders import an_alert
from nightdesk.testing.clock import ManualClock, settle
from nightdesk.testing.contracts.alert_records import a_notice
from nightdesk.testing.records import MemoryRecords
from nightdesk.testing.senders import TAKES, Manner, RecordingSender


class AtOnce(Executor):
    """Runs work where it is submitted, so that a manual clock sees all of it."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it now."""
        future: Future[Any] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - an executor hands every error on
            future.set_exception(error)
        return future


class Delivery:
    """A courier over memory, with the test's hand on clock and channels."""

    def __init__(self, **manners: Manner) -> None:
        self.clock = ManualClock()
        self.records = MemoryRecords()
        self.given_up: list[Notice] = []
        self.sender = RecordingSender.of(self.clock, {"console": TAKES, **manners})
        self.courier = self.new_courier()

    def new_courier(self) -> Courier:
        """Start over, as a new process does."""
        return Courier(
            self.records,
            self.sender,
            self.clock,
            shows_here=lambda channel: channel == "desktop",
            executor=AtOnce(),
            on_given_up=lambda notice, _: self.given_up.append(notice),
        )

    def decide(self, name: str = "A", channel: str = "phone", severity: str = "warning") -> Notice:
        """Record a message and wake the courier."""
        alert = an_alert(name, at=self.clock.now())
        notice = a_notice(replace(alert, labels=alert.labels.with_(severity=severity)), channel=channel)
        self.records.record([], [notice])
        self.courier.wake()
        return notice

    def entry(self, notice: Notice) -> OutboxEntry:
        """Return what became of a message; a test's code is struck out of it once it is settled."""
        wanted = (notice.key, notice.channel)
        return next(each for each in self.records.entries(10_000) if (each.notice.key, each.notice.channel) == wanted)

    def attempts_at(self, channel: str = "phone") -> list[float]:
        """Return the seconds since the first attempt at which a channel was tried."""
        times = [call.at for call in self.sender.calls if call.notice.channel == channel]
        return [(time - times[0]) / SECOND for time in times]


def played(delivery: Delivery, script: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a script beside the courier."""

    async def both() -> None:
        running = asyncio.create_task(delivery.courier.run())
        await settle()
        try:
            await script()
        finally:
            running.cancel()
            await delivery.clock.advance(10)
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(both())


async def pass_quickly(clock: ManualClock, seconds: float) -> None:
    """Let long times pass in strides of a minute, as every poll in between would only find nothing."""
    for _ in range(round(seconds / 60)):
        clock.jump(59)
        await clock.advance(1)
