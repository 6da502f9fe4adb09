"""The courier on a manual clock: what is sent when, and what becomes of it."""

from itertools import pairwise

import pytest

from nightdesk.deliver.courier import POLL_SECONDS
from nightdesk.model.instant import DAY, HOUR, MINUTE, SECOND
from nightdesk.model.notice import DeliveryState, FailureReason
from nightdesk.testing.builders import an_alert
from nightdesk.testing.clock import settle
from nightdesk.testing.contracts.alert_records import a_notice
from nightdesk.testing.delivery import Delivery, pass_quickly, played
from nightdesk.testing.senders import TAKES, Manner

FAILS = Manner(FailureReason.SERVER, detail="451 later")


def test_a_wake_sends_without_waiting_for_the_poll() -> None:
    """A message that was just recorded is sent with no time passing."""
    desk = Delivery(phone=TAKES)

    async def script() -> None:
        notice = desk.decide()
        await settle()
        assert desk.entry(notice).state is DeliveryState.SENT
        assert desk.sender.calls[0].at == desk.clock.now()

    played(desk, script)


def test_a_message_nobody_announced_is_found_by_the_poll() -> None:
    """Without a wake a message is sent within a poll."""
    desk = Delivery(phone=TAKES)

    async def script() -> None:
        notice = a_notice(an_alert(at=desk.clock.now()))
        desk.records.record([], [notice])
        await desk.clock.advance(POLL_SECONDS)
        assert desk.entry(notice).state is DeliveryState.SENT

    played(desk, script)


def test_failures_are_tried_again_ever_more_rarely() -> None:
    """The waits double from 5 s to 5 min and stay there; each try is the same message."""
    desk = Delivery(phone=FAILS)

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
    desk = Delivery(phone=FAILS)

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
    desk = Delivery(phone=FAILS)

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
    desk = Delivery(phone=FAILS)

    async def script() -> None:
        notice = desk.decide()
        await settle()
        desk.clock.step_wall(-HOUR)
        desk.sender.manners["phone"] = TAKES
        await desk.clock.advance(2 * POLL_SECONDS)
        assert desk.entry(notice).state is DeliveryState.SENT

    played(desk, script)


@pytest.mark.parametrize("reason", [FailureReason.REFUSED, FailureReason.CONFIG])
def test_what_cannot_help_is_not_repeated_for_long(reason: FailureReason) -> None:
    """A refusal for good ends after minutes; then whoever keeps the alerts is told, once."""
    desk = Delivery(phone=Manner(reason))

    async def script() -> None:
        notice = desk.decide()
        await desk.clock.advance(1_000)
        assert desk.attempts_at() == [0, 5, 15, 35, 75, 155]
        assert desk.entry(notice).state is DeliveryState.UNDELIVERABLE
        assert [given_up.key for given_up in desk.given_up] == [notice.key]

    played(desk, script)


def test_a_channel_that_asks_for_rest_gets_it() -> None:
    """The next attempt waits as long as the other side asked, at most 15 minutes."""
    desk = Delivery(
        phone=Manner(FailureReason.RATE_LIMITED, retry_after=2 * MINUTE), slow=Manner(FAILS.failure, retry_after=DAY)
    )

    async def script() -> None:
        desk.decide()
        desk.decide(channel="slow")
        await desk.clock.advance(1_000)
        assert desk.attempts_at()[:2] == [0, 120]
        assert desk.attempts_at("slow")[:2] == [0, 900]

    played(desk, script)
