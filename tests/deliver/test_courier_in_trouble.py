"""The courier among channels that hang, senders with bugs, disks that fail and processes that die."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest

from nightdesk.deliver.courier import DEADLINE_SECONDS, POLL_SECONDS
from nightdesk.errors import StoreError
from nightdesk.model.alert import Alert
from nightdesk.model.notice import Attempt, DeliveryState, FailureReason, Notice, NoticeReason, OutboxEntry
from nightdesk.testing.builders import an_alert
from nightdesk.testing.clock import settle
from nightdesk.testing.contracts.alert_records import a_notice
from nightdesk.testing.delivery import Delivery, played
from nightdesk.testing.records import MemoryRecords
from nightdesk.testing.senders import HANGS, REFUSES, TAKES, Manner, RecordingSender

FAILS = Manner(FailureReason.SERVER, detail="451 later")


def test_a_hung_channel_delays_no_other() -> None:
    """While one channel hangs, another gets each message at once, and the hung one is tried one at a time."""
    desk = Delivery(phone=TAKES, pager=HANGS)

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
    desk = Delivery(phone=Manner(seconds=10))

    async def script() -> None:
        for name, severity in (("A", "info"), ("B", "info"), ("C", "warning"), ("D", "critical")):
            desk.decide(name, severity=severity)
            await desk.clock.advance(0.01)
        await desk.clock.advance(50)
        assert [call.notice.alerts[0].name for call in desk.sender.calls] == ["A", "D", "C", "B"]

    played(desk, script)


def test_a_critical_message_that_fails_is_told_on_the_console_once() -> None:
    """The fallback hears of a critical message at its first failure, and only then; of lesser ones never."""
    desk = Delivery(phone=FAILS, pager=REFUSES)

    async def script() -> None:
        grave = desk.decide("Grave", severity="critical")
        refused = desk.decide("Refused", "pager", "critical")
        desk.decide("Minor")
        await desk.clock.advance(60)
        told = [call.notice for call in desk.sender.calls if call.notice.channel == "console"]
        assert told == [grave.told_on("console"), refused.told_on("console")]
        assert desk.entry(grave.told_on("console")).state is DeliveryState.SENT

    played(desk, script)


def test_what_a_desktop_cannot_show_is_told_on_the_console_whatever_its_severity() -> None:
    """The history has both: the message that failed, and the one in its place; a restart repeats neither."""
    desk = Delivery(desktop=FAILS, phone=FAILS)

    async def script() -> None:
        minor = desk.decide("Minor", "desktop", "info")
        desk.decide("Elsewhere", "phone", "info")
        await desk.clock.advance(60)
        told = [call.notice for call in desk.sender.calls if call.notice.channel == "console"]
        assert told == [minor.told_on("console")]
        assert desk.entry(minor).state is DeliveryState.QUEUED
        assert desk.entry(told[0]).notice.instead_of == "desktop"

    played(desk, script)
    desk.courier = desk.new_courier()

    async def later() -> None:
        await desk.clock.advance(600)
        assert len([call for call in desk.sender.calls if call.notice.channel == "console"]) == 1

    played(desk, later)


def test_who_is_told_by_a_route_is_not_told_in_place_of_another() -> None:
    """A console that has the alert anyway does not print it twice."""
    desk = Delivery(desktop=FAILS)

    async def script() -> None:
        alert = replace(an_alert("A", at=desk.clock.now()), told=("console", "desktop"))
        desk.records.record([], [a_notice(alert, channel="desktop")])
        await desk.clock.advance(60)
        assert [call.notice.channel for call in desk.sender.calls if call.notice.channel != "desktop"] == []

    played(desk, script)


def test_a_test_is_tried_once() -> None:
    """A person waits for it: it is given up at its first failure, told nowhere else, and repeated by them."""
    desk = Delivery(phone=FAILS)

    async def script() -> None:
        test = Notice("k", "phone", NoticeReason.TEST, (), desk.clock.now(), code="AAAA-BBBB")
        desk.records.record([], [test])
        await desk.clock.advance(600)
        assert (desk.entry(test).state, desk.entry(test).attempts) == (DeliveryState.UNDELIVERABLE, 1)
        assert len(desk.sender.calls) == 1

    played(desk, script)


def test_a_fallback_that_hangs_keeps_no_channel() -> None:
    """A console that takes nothing does not hold up the channel whose message failed."""
    desk = Delivery(phone=FAILS, console=HANGS)

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
    desk = Delivery(phone=TAKES)

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

    def mark(self, entry_id: int, attempt: Attempt, next_at: int | None, instead: Sequence[Notice] = ()) -> None:
        """Fail while broken."""
        if self.broken:
            raise StoreError("input/output error")
        super().mark(entry_id, attempt, next_at, instead)


def test_a_message_whose_mark_fails_is_marked_later_and_not_sent_again() -> None:
    """The other side took it once; a disk that cannot write that down makes no duplicates."""
    desk = Delivery(phone=TAKES)
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
    desk = Delivery(phone=TAKES)
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
    desk = Delivery(phone=Manner(seconds=3))

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
    desk = Delivery(phone=TAKES)
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
    desk = Delivery(phone=FAILS)

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
