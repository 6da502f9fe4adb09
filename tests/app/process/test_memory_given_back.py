"""Memory that heavy work has freed goes back to the kernel, once."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from nightdesk.app.process.memory import give_back
from nightdesk.workers import Workers

_PROGRAM = """
import numpy as np
from nightdesk.app.process.memory import MOST_UNUSED, Returns, settle_memory, unused

def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) // 1024

if not settle_memory() or unused() is None:
    raise SystemExit(3)
returns, kept, lasting, told = Returns(), [], [], []
returns.turn()
for _ in range(2):
    heavy = [np.ones(100_000) for _ in range(250)]
    lasting.append(np.ones(100_000))
    told.append(returns.turn())
    kept.append(resident())
    del heavy
    assert unused() > MOST_UNUSED
    told += [returns.turn(), returns.turn()]
    kept[-1] -= resident()
print(min(kept), *map(int, told), int(sum(each.sum() for each in lasting)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_what_comes_to_lie_unused_below_something_that_lasts_is_given_back_once() -> None:
    """200 MB freed below an array that stays go, which glibc alone would keep; with nothing new nothing is done."""
    ended = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, timeout=60, check=False)
    if ended.returncode == 3:
        pytest.skip("another C library, or an older one")
    given, *turns, lasting = map(int, ended.stdout.split())
    assert given > 150
    assert turns == [False, True, False] * 2
    assert lasting == 200_000


def test_giving_back_is_a_chore_and_never_the_work_of_the_loop() -> None:
    """Each turn runs on the thread that is handed in, as it may take a quarter of a second."""
    workers, ran_on = Workers("chores"), list[str]()

    async def scenario() -> None:
        freed = asyncio.Event()
        freed.set()

        async def chore(call: Callable[[], bool]) -> bool:
            def noted() -> bool:
                ran_on.append(threading.current_thread().name)
                return call()

            if len(ran_on) == 3:
                raise asyncio.CancelledError
            if not ran_on:
                freed.set()
            return await asyncio.wrap_future(workers.submit(noted))

        # The first two come at once, since something was freed; the others in time.
        await give_back(freed, chore, every=0.01)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(scenario())
    workers.stop()
    assert ran_on == ["chores-0"] * 3
