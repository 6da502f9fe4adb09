"""Queries take turns: bounded in number, in waiting, in time."""

import asyncio
import gc
import threading
import weakref
from typing import Any

import numpy as np
import pytest

from nightdesk.app.query_executor import LONG_SECONDS, ThreadQueryExecutor
from nightdesk.clock import SystemClock
from nightdesk.errors import Overloaded, QueryCancelled, QueryLimitExceeded, QueryTimeout
from nightdesk.query.limits import Limits, QueryBudget
from nightdesk.seams.samples import Budget
from nightdesk.testing.clock import ManualClock
from nightdesk.workers import Workers


def _executor(most_waiting: int = 4) -> ThreadQueryExecutor:
    clock = SystemClock()
    return ThreadQueryExecutor(
        lambda deadline, gone: QueryBudget(Limits(), clock, gone, deadline), clock, 2, most_waiting
    )


async def _until_running(executor: ThreadQueryExecutor, running: int) -> None:
    async with asyncio.timeout(10):
        while executor.running != running:  # noqa: ASYNC110 - a thread's end is awaited
            await asyncio.sleep(0.001)


def test_at_most_two_run_at_once() -> None:
    """Ten queries share two threads and all are answered."""
    counted, most, lock = 0, 0, threading.Lock()

    def work(budget: Budget) -> int:
        nonlocal counted, most
        with lock:
            counted += 1
            most = max(most, counted)
        budget.check()
        with lock:
            counted -= 1
        return 1

    async def scenario() -> list[int]:
        executor = _executor(most_waiting=10)
        return await asyncio.gather(*(executor.run(work, 10.0) for _ in range(10)))

    assert asyncio.run(scenario()) == [1] * 10
    assert most <= 2


def _too_much(_budget: QueryBudget) -> None:
    raise QueryLimitExceeded("more than it may")


def test_whoever_waits_too_long_hears_timeout_and_whoever_comes_too_late_overloaded() -> None:
    """Waiting counts toward the deadline, the queue before the threads is bounded, and each refusal has its reason."""
    go = threading.Event()

    async def scenario() -> None:
        executor = _executor(most_waiting=1)
        holding = [asyncio.ensure_future(executor.run(lambda _: go.wait(10), 10.0)) for _ in range(2)]
        await _until_running(executor, 2)
        waiting = asyncio.ensure_future(executor.run(lambda _: True, 0.1))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await executor.run(lambda _: True, 10.0)
        with pytest.raises(QueryTimeout):
            await waiting
        go.set()
        assert await asyncio.gather(*holding) == [True, True]
        with pytest.raises(QueryLimitExceeded):
            await executor.run(_too_much, 10.0)
        assert (executor.waiting, list(executor.refused.values())) == (0, [1, 1, 1])

    asyncio.run(scenario())


def test_a_slot_is_free_only_when_its_thread_is() -> None:
    """An asker who leaves ends the work at its next look at the budget; until then the slot counts as taken."""
    heard: list[type[Exception]] = []
    looking = threading.Event()

    def work(budget: Budget) -> None:
        looking.set()
        try:
            while True:
                budget.check()
        except QueryCancelled as error:
            heard.append(type(error))
            raise

    async def scenario() -> None:
        executor = _executor()
        asking = asyncio.ensure_future(executor.run(work, 10.0))
        await asyncio.to_thread(looking.wait, 10)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await _until_running(executor, 0)

    asyncio.run(scenario())
    assert heard == [QueryCancelled]


def test_an_error_of_the_work_reaches_its_asker_alone() -> None:
    """The threads live on."""

    async def scenario() -> None:
        executor = _executor()
        with pytest.raises(ZeroDivisionError):
            await executor.run(lambda _: 1 // 0, 10.0)
        assert [await executor.run(lambda _: True, 10.0) for _ in range(4)] == [True] * 4

    asyncio.run(scenario())


@pytest.mark.parametrize("where", ["query", "chore"])
def test_a_stop_iteration_reaches_whoever_asked(where: str) -> None:
    """A future of the loop refuses it: it comes as a RuntimeError, and nobody waits for ever."""

    def work(*_: object) -> None:
        next(iter(()))

    async def scenario() -> None:
        executor, workers = _executor(), Workers("chore")
        asked = executor.run(work, 10.0) if where == "query" else asyncio.wrap_future(workers.submit(work))
        async with asyncio.timeout(10):
            with pytest.raises(RuntimeError, match="StopIteration") as told:
                await asked
        assert isinstance(told.value.__cause__, StopIteration)
        assert not executor.running

    asyncio.run(scenario())


def test_a_long_query_tells_that_its_memory_is_free() -> None:
    """A short one does not: what it leaves is soon used again."""

    async def scenario(seconds: float) -> bool:
        clock = ManualClock()
        executor = ThreadQueryExecutor(lambda deadline, gone: QueryBudget(Limits(), clock, gone, deadline), clock)
        await executor.run(lambda _budget: clock.jump(seconds), 10.0)
        return executor.long_ended.is_set()

    assert not asyncio.run(scenario(LONG_SECONDS / 2))
    assert asyncio.run(scenario(LONG_SECONDS))


def test_a_refusal_keeps_nothing_of_its_query() -> None:
    """An error that a frame names holds that frame, and it the arrays, until the collector passes: it need not."""

    def refused(_budget: Budget) -> None:
        held.append(weakref.ref(array := np.ones(8)))
        try:
            array[9] = 1.0
        except IndexError as error:
            refusal = QueryLimitExceeded("too much")
            raise refusal from error

    async def scenario() -> None:
        with pytest.raises(QueryLimitExceeded) as caught:
            await _executor().run(refused, 10.0)
        assert held[0]() is None, "while the refusal itself is at hand"
        assert caught.value.__traceback__ is not None

    held: list[weakref.ref[np.ndarray[Any, Any]]] = []
    gc.disable()
    try:
        asyncio.run(scenario())
    finally:
        gc.enable()
