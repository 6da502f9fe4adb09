"""Attendants: a blocking call that never returns costs one thread, and no clean exit."""

import asyncio
import subprocess
import sys
import threading
from functools import partial

import pytest

from nightdesk.collect.attendant import Attendant
from nightdesk.collect.collector import CollectFailure
from nightdesk.errors import CollectError


def test_answers_and_errors_come_back() -> None:
    """What a call returns or raises reaches whoever asked, call after call, from one thread."""

    async def scenario() -> None:
        attendant = Attendant("test")
        threads = {await attendant.ask(threading.get_ident) for _ in range(3)}
        assert len(threads) == 1
        assert threading.get_ident() not in threads
        with pytest.raises(ZeroDivisionError):
            await attendant.ask(lambda: 1 / 0)
        assert await attendant.ask(lambda: "well") == "well"
        attendant.close()

    asyncio.run(scenario())


def test_an_idle_thread_ends_and_the_next_call_has_one() -> None:
    """Nobody pays for an attendant that is not asked, and no call is lost between two threads."""

    async def scenario() -> None:
        attendant = Attendant("resting", idle_seconds=0.001)
        before = threading.active_count()
        for round_number in range(200):
            assert await attendant.ask(partial(int, round_number)) == round_number
            await asyncio.sleep(0.002 * (round_number % 2))
        async with asyncio.timeout(5):
            while threading.active_count() > before:  # noqa: ASYNC110 - a bounded poll of other threads
                await asyncio.sleep(0.005)
        done = threading.Event()
        attendant.close(done.set)
        assert await asyncio.to_thread(done.wait, 5)

    asyncio.run(scenario())


def test_while_a_call_hangs_further_ones_are_refused() -> None:
    """A call given up keeps its attendant busy until it returns; then it serves again."""
    released = threading.Event()

    async def scenario() -> None:
        attendant = Attendant("test")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(attendant.ask(lambda: released.wait(30)), 0.02)
        with pytest.raises(CollectError) as caught:
            await attendant.ask(lambda: None)
        assert caught.value.reason is CollectFailure.BUSY
        released.set()
        async with asyncio.timeout(5):
            while attendant.busy:  # noqa: ASYNC110 - a bounded poll of another thread
                await asyncio.sleep(0.005)
        assert await attendant.ask(lambda: 7) == 7
        attendant.close()

    asyncio.run(scenario())


def test_a_hung_call_does_not_keep_the_interpreter_from_exiting() -> None:
    """A program whose attendant hangs for ever ends at once with its own exit code."""
    program = """
import asyncio, threading
from nightdesk.collect.attendant import Attendant
async def main():
    attendant = Attendant("hung")
    try:
        await asyncio.wait_for(attendant.ask(threading.Event().wait), 0.05)
    except TimeoutError:
        attendant.close()
asyncio.run(main())
raise SystemExit(7)
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=20, check=False).returncode == 7
