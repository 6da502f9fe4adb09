"""A desk that is cancelled while it opens, or whose event loop ends over it, lets go of its folder."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from nightdesk import DataFolderBusy, SystemMonitor
from nightdesk.clock import Deadline, SystemClock
from nightdesk.errors import Refused
from nightdesk.store.folder import DataFolder

DELAYS = (0.0, 0.01, 0.03, 0.06, 0.1, 0.2)


def names() -> set[threading.Thread]:
    """Return the threads that live."""
    return {thread for thread in threading.enumerate() if thread.is_alive()}


def ended(before: set[threading.Thread]) -> bool:
    """Return whether no thread is left but those before, with a bound."""
    deadline = Deadline(SystemClock(), 10)
    while left := names() - before:
        if deadline.passed:
            return False
        left.pop().join(0.1)
    return True


async def given_up(monitor: SystemMonitor, seconds: float) -> None:
    """Open under a deadline of one's own."""
    await asyncio.wait_for(monitor.open(), seconds)


async def left_early(monitor: SystemMonitor, seconds: float) -> None:
    """Enter a block under a deadline around it."""
    async with asyncio.timeout(seconds), monitor:
        await asyncio.Event().wait()


@pytest.mark.parametrize("cut", [given_up, left_early])
def test_a_cancelled_opening_holds_nothing(cut: Callable[..., object], tmp_path: Path) -> None:
    """Whenever it is cancelled: no thread stays, and the folder opens at once for the next one."""
    before = names()

    async def program() -> None:
        for seconds in DELAYS:
            monitor = SystemMonitor(tmp_path, interval=1)
            try:
                await cut(monitor, seconds)  # type: ignore[misc]  # both are coroutines
            except TimeoutError:
                DataFolder.open(tmp_path).close()
            await monitor.close()

    asyncio.run(program())
    assert ended(before)


def test_a_monitor_of_a_loop_that_has_ended_tells_no_figure(tmp_path: Path) -> None:
    """Nothing measures any more, so nothing is told as fresh; closed, or made anew, it goes on."""
    before = names()
    monitor = SystemMonitor(tmp_path, interval=1)
    asyncio.run(monitor.open())

    async def second() -> None:
        with pytest.raises(Refused, match="event loop that has ended"):
            await monitor.collect_health_metrics()
        async with SystemMonitor(tmp_path, interval=1) as fresh:
            assert (await fresh.collect_health_metrics())["memory_usage"] is not None
        await monitor.close()
        async with monitor:
            assert (await monitor.collect_health_metrics())["memory_usage"] is not None

    asyncio.run(second())
    assert ended(before)


def test_a_folder_of_another_loop_names_this_process(tmp_path: Path) -> None:
    """Two loops of one process share no desk: the sentence says who holds the folder."""

    async def program() -> None:
        async with SystemMonitor(tmp_path, interval=1):
            refusal = await asyncio.to_thread(asyncio.run, refused())
            assert "this very process" in str(refusal)

    async def refused() -> DataFolderBusy:
        with pytest.raises(DataFolderBusy) as caught:
            await SystemMonitor(tmp_path, interval=1).open()
        return caught.value

    asyncio.run(program())
