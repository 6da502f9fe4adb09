"""The broadcast: bounded for whoever is slow, fair to everybody else."""

import asyncio

import pytest

from nightdesk.app.live.broadcast import MOST_LISTENERS, MOST_QUEUED, Broadcast, Event, EventKind
from nightdesk.app.live.live_alerts import LiveAlerts
from nightdesk.errors import Overloaded


def _event(number: int) -> Event:
    return Event(EventKind.ALERTS, number, LiveAlerts)


def test_a_slow_listener_loses_the_oldest_and_is_told_how_many() -> None:
    """The newest events stay, the count says what is missing, and others lose nothing."""

    async def scenario() -> None:
        broadcast = Broadcast()
        slow, quick = broadcast.join(), broadcast.join()
        seen = []
        for number in range(MOST_QUEUED + 3):
            broadcast.tell(_event(number))
            event = await quick.next(1.0)
            assert event is not None
            seen.append(event.at)
        assert seen == list(range(MOST_QUEUED + 3))
        assert (slow.dropped, quick.dropped) == (3, 0)
        first = await slow.next(1.0)
        assert first is not None
        assert first.at == 3
        broadcast.leave(slow)
        assert broadcast.dropped_total == 3

    asyncio.run(scenario())


def test_a_listener_without_news_hears_none_in_time() -> None:
    """The caller sends its heartbeat then."""

    async def scenario() -> None:
        assert await Broadcast().join().next(0.01) is None

    asyncio.run(scenario())


def test_listeners_are_bounded_and_leave_room_when_they_go() -> None:
    """The thirty-third is refused; `somebody` tells whether anyone is there at all."""

    async def scenario() -> None:
        broadcast = Broadcast()
        assert not broadcast.somebody.is_set()
        listeners = [broadcast.join() for _ in range(MOST_LISTENERS)]
        with pytest.raises(Overloaded):
            broadcast.join()
        for listener in listeners:
            broadcast.leave(listener)
        assert not broadcast.somebody.is_set()

    asyncio.run(scenario())
