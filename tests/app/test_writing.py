"""Waiting until a write is durable, and what is said of samples whose instant the store did not take."""

import asyncio
import threading
from concurrent.futures import Future

import pytest

from nightdesk.app.writing import acknowledged, untimely
from nightdesk.errors import BadPayload, Overloaded
from nightdesk.model.instant import DAY, YEAR, parse_instant
from nightdesk.model.series import Appended, OutOfTime

NOW = parse_instant("2025-04-07T06:13:20Z")
UNIT = "is it in another unit? text/plain and remote write have milliseconds, OpenMetrics has seconds"


def told(instant: int, keep: int = YEAR) -> str:
    """Say what is told of an instant (ms) at `NOW`."""
    return untimely(OutOfTime(instant, NOW - keep, NOW + DAY))


def test_seconds_for_milliseconds_are_guessed() -> None:
    """The commonest slip of a backfill: the sample lands in January 1970, and the sentence says which unit was due."""
    assert told(NOW // 1000) == (
        "1970-01-21T04:26:46.400Z is older than 2024-04-07T06:13:20.000Z, as far back as desk.retention reaches; "
        + UNIT
    )


@pytest.mark.parametrize("factor", [1_000, 1_000_000])
def test_finer_units_for_milliseconds_are_guessed(factor: int) -> None:
    """Microseconds and nanoseconds lie millennia ahead, where no calendar reaches."""
    said = told(NOW * factor)
    assert said.startswith(
        f"the instant {NOW * factor} ms lies further ahead than 2025-04-08T06:13:20.000Z, a day from"
    )
    assert said.endswith(UNIT)


def test_what_is_only_old_or_early_gets_no_hint() -> None:
    """A sample of the right unit out of bounds is told its bound and nothing else."""
    assert told(NOW - 2 * YEAR).endswith("as far back as desk.retention reaches")
    assert told(NOW + 2 * DAY).endswith("a day from now")
    assert told(-5).startswith("the instant -5 ms is older than")


def test_an_answer_comes_from_the_thread_that_stores() -> None:
    """Result and error alike, whether it is there already or comes later."""

    async def scenario() -> None:
        for early in (True, False):
            good, bad = Future[Appended](), Future[Appended]()
            settle = (
                lambda good=good: good.set_result(Appended(3)),
                lambda bad=bad: bad.set_exception(BadPayload("x")),
            )
            for future, call in zip((good, bad), settle, strict=True):
                thread = threading.Thread(target=call)
                waiting = None if early else asyncio.ensure_future(acknowledged(future, 10.0))
                await asyncio.sleep(0)
                thread.start()
                thread.join()
                answer = waiting or asyncio.ensure_future(acknowledged(future, 10.0))
                await asyncio.wait({answer}, timeout=10)
                if future is good:
                    assert answer.result() == Appended(3)
                else:
                    assert isinstance(answer.exception(), BadPayload)

    asyncio.run(scenario())


def test_who_waits_too_long_hears_later_and_what_has_not_begun_is_taken_back() -> None:
    """After the deadline, and when whoever asked leaves: the thread then passes over the write."""

    async def scenario() -> None:
        late, left = Future[Appended](), Future[Appended]()
        with pytest.raises(Overloaded, match="send them again"):
            await acknowledged(late, 0.01)
        leaving = asyncio.ensure_future(acknowledged(left, 10.0))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert late.cancelled()
        assert left.cancelled()

    asyncio.run(scenario())


def test_an_answer_after_the_deadline_is_nobodys() -> None:
    """A write that had begun becomes durable all the same; its answer disturbs no loop, not even a closed one."""
    begun = Future[Appended]()
    assert begun.set_running_or_notify_cancel()

    async def scenario() -> None:
        with pytest.raises(Overloaded):
            await acknowledged(begun, 0.01)

    asyncio.run(scenario())
    begun.set_result(Appended(1))
    assert begun.result() == Appended(1)
