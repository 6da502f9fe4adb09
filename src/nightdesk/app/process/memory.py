"""How the process takes memory: one arena for all threads, and what was freed lately is used again.

glibc gives threads arenas of their own, and what one thread has freed another cannot use: queries come to any of their
threads, and each would keep the arrays of its largest. Python holds its lock while it takes memory, so threads hardly
meet in the one arena. Memory above 128 KiB, which is what a query's arrays are, glibc takes from the kernel page by
page and gives back at once, until it has learnt better; the pages cost more than the arithmetic on them (a sum of 400
rates: 6.4 ms of CPU against 3.4). So up to 32 MiB are kept for the next query, and only arrays of 8 MiB, a million
numbers, are mapped: they would leave holes in the heap that hardly another fits into, and rates of 2,000 series at
1,440 steps cost 10 % less when they are mapped. See decision 0131.

What is freed below something that lasts glibc keeps for good, and heavy queries leave hundreds of megabytes so. Where
much has come to lie unused it is given back. That takes a quarter of a second where half a gigabyte lies in small
pieces, so it is a chore of a thread, and is done only when there is something new to give. See decision 0176.
"""

import asyncio
import contextlib
import ctypes
import mmap
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

_KEPT: Final = 32 * 2**20
_MAPPED: Final = 8 * 2**20
_SETTLED: Final = ((-8, 1), (-3, _MAPPED), (-1, _KEPT))
"""M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of malloc.h."""


def settle_memory() -> bool:
    """Tell the C library so; True where it obeys, False where it is another one. Right before threads start."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    obeyed = [mallopt(option, value) for option, value in _SETTLED]
    return all(obeyed)


EVERY_SECONDS: Final = 2.0
MOST_UNUSED: Final = 32 * 2**20
"""Bytes that may come to lie unused and stay with the process for what comes next."""

Chore = Callable[[Callable[[], bool]], Awaitable[bool]]
"""Does a call on a thread that may be held up."""

_MEMBERS: Final = (
    "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
)  # fmt: skip


class _Account(ctypes.Structure):
    """`struct mallinfo2` of malloc.h."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _MEMBERS)


def unused() -> int | None:
    """Return the resident bytes of no file that the C library does not count as in use; None where it does not tell.

    What it counts as free would not do: it does not know what of that went back to the kernel. The least ever seen is
    what others took, Python for its small objects before all.
    """
    account = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform.startswith("linux") else None
    if account is None:
        return None
    account.restype = _Account
    told = account()
    _, resident, of_files, *_ = map(int, Path("/proc/self/statm").read_bytes().split())
    return (resident - of_files) * mmap.PAGESIZE - int(told.uordblks + told.hblkhd)


class Returns:
    """Gives back to the kernel what came to lie unused since the last time. Belongs to one thread at a time."""

    def __init__(self) -> None:
        """Take all for new: the first turn gives back what starting left."""
        self._least = 0

    def turn(self) -> bool:
        """Give back where much is new; True if so. Nothing is done where nothing is told."""
        now = unused()
        if now is None:
            return False
        self._least = min(self._least, now)
        if now - self._least <= MOST_UNUSED:
            return False
        ctypes.CDLL(None).malloc_trim(0)
        self._least = unused() or 0
        return True


async def give_back(freed: asyncio.Event, chore: Chore, every: float = EVERY_SECONDS) -> None:
    """Take a turn whenever much may have been freed, and every two seconds, for ever.

    Each of some heavy queries in a row leaves a hundred megabytes beside what the next one takes.
    """
    returns = Returns()
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(every):
                await freed.wait()
        freed.clear()
        await chore(returns.turn)
