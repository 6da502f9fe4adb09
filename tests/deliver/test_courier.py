"""The courier on a manual clock: what is sent when, and what becomes of it."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine
from concurrent.futures import Executor, Future
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from nightdesk.deliver.courier import DEADLINE_SECONDS, POLL_SECONDS, Courier
from nightdesk.errors import StoreError
from nightdesk.model.alert import Alert
from nightdesk.model.instant import DAY, HOUR, MINUTE, SECOND
from nightdesk.model.notice import Attempt, DeliveryState, FailureReason, Notice, OutboxEntry
from nightdesk.testing.builders import an_alert
from nightdesk.testing.clock import ManualClock, settle
from nightdesk.testing.contracts.alert_records import a_notice
from nightdesk.testing.records import MemoryRecords
from nightdesk.testing.senders import HANGS, REFUSES, TAKES, Manner, RecordingSender

FAILS = Manner(FailureReason.SERVER, detail="451 later")


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


class Desk:
    """A courier over memory, with the test's hand on clock and channels."""

    def __init__(self, **manners: Manner) -> None:
        self.clock = ManualClock()
        self.records = MemoryRecords()
        self.sender = RecordingSender.of(self.clock, {"console": TAKES, **manners})
        self.courier = self.new_courier()

    def new_courier(self) -> Courier:
        """Start over, as a new process does."""
        return Courier(self.records, self.sender, self.clock, executor=AtOnce())

    def decide(self, name: str = "A", channel: str = "phone", severity: str = "warning") -> Notice:
        """Record a message and wake the courier."""
        alert = an_alert(name, at=self.clock.now())
        notice = a_notice(replace(alert, labels=alert.labels.with_(severity=severity)), channel=channel)
        self.records.record([], [notice])
        self.courier.wake()
        return notice

    def entry(self, notice: Notice) -> OutboxEntry:
        """Return what became of a message."""
        return next(each for each in self.records.entries(10_000) if each.notice == notice)

    def attempts_at(self, channel: str = "phone") -> list[float]:
        """Return the seconds since the first attempt at which a channel was tried."""
        times = [call.at for call in self.sender.calls if call.notice.channel == channel]
        return [(time - times[0]) / SECOND for time in times]


def played(desk: Desk, script: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a script beside the courier."""

    async def both() -> None:
        running = asyncio.create_task(desk.courier.run())
        await settle()
        try:
            await script()
        finally:
            running.cancel()
            await desk.clock.advance(10)
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(both())


async def pass_quickly(clock: ManualClock, seconds: float) -> None:
    """Let long times pass in strides of a minute, as every poll in between would only find nothing."""
    for _ in range(round(seconds / 60)):
        clock.jump(59)
        await clock.advance(1)


def test_a_wake_sends_without_waiting_for_the_poll() -> None:
    """A message that was just recorded is sent with no time passing."""
    desk = Desk(phone=TAKES)

    async def script() -> None:
        notice = desk.decide()
        await settle()
        assert desk.entry(notice).state is DeliveryState.SENT
        assert desk.sender.calls[0].at == desk.clock.now()

    played(desk, script)


def test_a_message_nobody_announced_is_found_by_the_poll() -> None:
    """Without a wake a message is sent within a poll."""
    desk = Desk(phone=TAKES)

    async def script() -> None:
        notice = a_notice(an_alert(at=desk.clock.now()))
        desk.records.record([], [notice])
        await desk.clock.advance(POLL_SECONDS)
        assert desk.entry(notice).state is DeliveryState.SENT

    played(desk, script)


def test_failures_are_tried_again_ever_more_rarely() -> None:
    """The waits double from 5 s to 5 min and stay there; each try is the same message."""
    desk = Desk(phone=FAILS)

    async def script() -> None:
        notice = desk.decide()
        await desk.clock.advance(1_000)
        at = desk.attempts_at()
        waits = [round(later - earlier) for earlier, later in pairwise(at)]
        assert waits[:8] == [5, 10, 20, 40, 80, 160, 300, 300]
        assert {call.notice.key for call in desk.sender.calls} == {notice.key}
        desk.sender.manners["phone"] = TAKES
        await desk.clock.advance(5 * MINUTE / SECOND)
        assert desk.entry(notice).state is DeliveryState.SENT

    played(desk, script)


def test_after_a_day_a_message_is_given_up_and_listed() -> None:
    """Retries end after 24 hours; the message is then undeliverable with its reason, and counted."""
    desk = Desk(phone=FAILS)

    async def script() -> None:
        notice = desk.decide()
        await pass_quickly(desk.clock, DAY / SECOND - 600)
        assert desk.entry(notice).state is DeliveryState.QUEUED
        await pass_quickly(desk.clock, 1_200)
        entry = desk.entry(notice)
        assert entry.state is DeliveryState.UNDELIVERABLE
        assert entry.last is not None
        assert entry.last.detail == "451 later"
        (health,) = desk.courier.health()
        assert (health.undeliverable, health.sent, health.failures[0][0]) == (1, 0, FailureReason.SERVER)

    played(desk, script)


def test_a_wall_clock_that_jumps_ahead_gives_nothing_up() -> None:
    """Two days that did not pass do not make a message undeliverable."""
    desk = Desk(phone=FAILS)

    async def script() -> None:
        notice = desk.decide()
        await desk.clock.advance(30)
        desk.clock.step_wall(2 * DAY)
        await desk.clock.advance(60)
        assert desk.entry(notice).state is DeliveryState.QUEUED
        desk.sender.manners["phone"] = TAKES
        await desk.clock.advance(300)
        assert desk.entry(notice).state is DeliveryState.SENT

    played(desk, script)


def test_a_wall_clock_set_back_stops_no_retry() -> None:
    """An hour set back does not put a retry off by an hour."""
    desk = Desk(phone=FAILS)

    async def script() -> None:
        notice = desk.decide()
        await settle()
        desk.clock.step_wall(-HOUR)
        desk.sender.manners["phone"] = TAKES
        await desk.clock.advance(2 * POLL_SECONDS)
        assert desk.entry(notice).state is DeliveryState.SENT

    played(desk, script)


@pytest.mark.parametrize("reason", [FailureReason.REFUSED, FailureReason.CONFIG])
def test_what_cannot_help_is_not_repeated(reason: FailureReason) -> None:
    """A refusal for good ends at the first attempt."""
    desk = Desk(phone=Manner(reason))

    async def script() -> None:
        notice = desk.decide()
        await pass_quickly(desk.clock, 3_600)
        assert desk.attempts_at() == [0]
        assert desk.entry(notice).state is DeliveryState.UNDELIVERABLE

    played(desk, script)


def test_a_channel_that_asks_for_rest_gets_it() -> None:
    """The next attempt waits as long as the other side asked, at most 15 minutes."""
    desk = Desk(
        phone=Manner(FailureReason.RATE_LIMITED, retry_after=2 * MINUTE), slow=Manner(FAILS.failure, retry_after=DAY)
    )

    async def script() -> None:
        desk.decide()
        desk.decide(channel="slow")
        await desk.clock.advance(1_000)
        assert desk.attempts_at()[:2] == [0, 120]
        assert desk.attempts_at("slow")[:2] == [0, 900]

    played(desk, script)


def test_a_hung_channel_delays_no_other() -> None:
    """While one channel hangs, another gets each message at once, and the hung one is tried one at a time."""
    desk = Desk(phone=TAKES, pager=HANGS)

    async def script() -> None:
        for number in range(30):
            desk.decide(f"P{number}", "pager")
            notice = desk.decide(f"Q{number}")
            await settle()
            assert desk.entry(notice).state is DeliveryState.SENT
            await desk.clock.advance(1)
        pager = desk.attempts_at("pager")
        assert pager == [0, DEADLINE_SECONDS]

    played(desk, script)


def test_critical_goes_before_what_waited_longer() -> None:
    """When a slow channel is free again, the gravest message is next, then the oldest."""
    desk = Desk(phone=Manner(seconds=10))

    async def script() -> None:
        for name, severity in (("A", "info"), ("B", "info"), ("C", "warning"), ("D", "critical")):
            desk.decide(name, severity=severity)
            await desk.clock.advance(0.01)
        await desk.clock.advance(50)
        assert [call.notice.alerts[0].name for call in desk.sender.calls] == ["A", "D", "C", "B"]

    played(desk, script)


def test_a_critical_message_that_fails_is_told_on_the_console_once() -> None:
    """The fallback hears of a critical message at its first failure, and only then; of lesser ones never."""
    desk = Desk(phone=FAILS, pager=REFUSES)

    async def script() -> None:
        grave = desk.decide("Grave", severity="critical")
        refused = desk.decide("Refused", "pager", "critical")
        desk.decide("Minor")
        await desk.clock.advance(60)
        told = [call.notice for call in desk.sender.calls if call.notice.channel == "console"]
        assert told == [replace(grave, channel="console"), replace(refused, channel="console")]

    played(desk, script)


def test_a_fallback_that_hangs_keeps_no_channel() -> None:
    """A console that takes nothing does not hold up the channel whose message failed."""
    desk = Desk(phone=FAILS, console=HANGS)

    async def script() -> None:
        desk.decide("Grave", severity="critical")
        await desk.clock.advance(0.1)
        desk.sender.manners["phone"] = TAKES
        second = desk.decide("Second", severity="critical")
        await settle()
        assert desk.entry(second).state is DeliveryState.SENT

    played(desk, script)


def test_a_bug_in_a_sender_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """An exception out of a sender is a failed attempt like any other."""
    desk = Desk(phone=TAKES)

    class Broken(RecordingSender):
        async def send(self, notice: Notice, seconds: float) -> Attempt:
            if notice.channel == "pager":
                raise ZeroDivisionError
            return await super().send(notice, seconds)

    desk.sender = Broken.of(desk.clock, {"phone": TAKES})
    desk.courier = desk.new_courier()

    async def script() -> None:
        broken, good = desk.decide("B", "pager"), desk.decide("G")
        await settle()
        assert desk.entry(good).state is DeliveryState.SENT
        last = desk.entry(broken).last
        assert last is not None
        assert last.failure is FailureReason.CRASHED

    with caplog.at_level(logging.CRITICAL):
        played(desk, script)


class Unwritable(MemoryRecords):
    """An outbox whose marks fail for a while, as on a dying disk."""

    broken = True

    def mark(self, entry_id: int, attempt: Attempt, next_at: int | None) -> None:
        """Fail while broken."""
        if self.broken:
            raise StoreError("input/output error")
        super().mark(entry_id, attempt, next_at)


def test_a_message_whose_mark_fails_is_marked_later_and_not_sent_again() -> None:
    """The other side took it once; a disk that cannot write that down makes no duplicates."""
    desk = Desk(phone=TAKES)
    desk.records = Unwritable()
    desk.courier = desk.new_courier()

    async def script() -> None:
        notice = desk.decide()
        await desk.clock.advance(100)
        assert desk.entry(notice).state is DeliveryState.LEASED
        assert isinstance(desk.records, Unwritable)
        desk.records.broken = False
        await desk.clock.advance(60)
        assert desk.entry(notice).state is DeliveryState.SENT
        assert desk.attempts_at() == [0]

    played(desk, script)


class Unreadable(MemoryRecords):
    """An outbox that cannot be leased from for a while."""

    broken = True

    def lease(self, now: int, limit: int, lease_ms: int, skip: Collection[str] = ()) -> list[OutboxEntry]:
        """Fail while broken."""
        if self.broken:
            raise StoreError("input/output error")
        return super().lease(now, limit, lease_ms, skip)


def test_an_outbox_that_fails_is_asked_again() -> None:
    """The courier survives a store that fails, and goes on when it is back."""
    desk = Desk(phone=TAKES)
    desk.records = Unreadable()
    desk.courier = desk.new_courier()

    async def script() -> None:
        notice = desk.decide()
        await desk.clock.advance(5)
        assert isinstance(desk.records, Unreadable)
        desk.records.broken = False
        await desk.clock.advance(POLL_SECONDS)
        assert desk.entry(notice).state is DeliveryState.SENT

    played(desk, script)


def test_stopping_waits_for_what_is_in_hand() -> None:
    """A message that is on its way when the desk stops is finished and marked."""
    desk = Desk(phone=Manner(seconds=3))

    async def script() -> None:
        running = asyncio.create_task(desk.courier.run())
        await settle()
        notice = desk.decide()
        await settle()
        running.cancel()
        await desk.clock.advance(3)
        await asyncio.gather(running, return_exceptions=True)
        assert desk.entry(notice).state is DeliveryState.SENT

    asyncio.run(script())


def test_a_dead_couriers_lease_runs_out() -> None:
    """What a courier had in hand when its process died is sent by the next one, with the same key."""
    desk = Desk(phone=TAKES)
    alert: Alert = an_alert(at=desk.clock.now())
    notice = a_notice(alert)
    desk.records.record([], [notice])
    assert desk.records.lease(desk.clock.now(), 1, 30_000) != []

    async def script() -> None:
        await desk.clock.advance(29)
        assert desk.sender.calls == []
        await desk.clock.advance(2)
        assert desk.sender.taken == [notice]

    played(desk, script)


def test_a_dead_channel_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Many messages to a channel that fails say so once, and once more when it delivers again."""
    desk = Desk(phone=FAILS)

    async def script() -> None:
        for number in range(20):
            desk.decide(f"A{number}")
        await desk.clock.advance(60)
        desk.sender.manners["phone"] = TAKES
        await desk.clock.advance(200)

    with caplog.at_level(logging.INFO):
        played(desk, script)
    told = [record.getMessage() for record in caplog.records if record.name.startswith("nightdesk")]
    assert len(told) == 2
    assert "451 later" in told[0]
    assert told[1] == "channel phone delivers again"
