"""How the process takes memory: one arena for all threads, and what was freed lately is used again.

glibc gives threads arenas of their own, and what one thread has freed another cannot use: queries come to any of their
threads, and each would keep the arrays of its largest. Python holds its lock while it takes memory, so threads hardly
meet in the one arena. Memory above 128 KiB, which is what a query's arrays are, glibc takes from the kernel page by
page and gives back at once, until it has learnt better; the pages cost more than the arithmetic on them (a sum of 400
rates: 6.4 ms of CPU against 3.4). So up to 32 MiB are kept for the next query. See decision 0131.

What is freed below something that lasts glibc keeps for good, and heavy queries leave hundreds of megabytes so. Where
much lies unused it is given back every ten seconds, some milliseconds of work. See decision 0162.
"""

import ctypes
import sys
from typing import Final

from nightdesk.clock import Clock

_KEPT: Final = 32 * 2**20
_SETTLED: Final = ((-8, 1), (-3, _KEPT), (-1, _KEPT))
"""M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of malloc.h; 32 MiB is the most that the second takes."""


def settle_memory() -> bool:
    """Tell the C library so; True where it obeys, False where it is another one. Right before threads start."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    obeyed = [mallopt(option, value) for option, value in _SETTLED]
    return all(obeyed)


EVERY_SECONDS: Final = 10.0
MOST_UNUSED: Final = 64 * 2**20
"""Bytes that were freed and may stay with the process for what comes next."""


_MEMBERS: Final = (
    "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
)  # fmt: skip


class _Account(ctypes.Structure):
    """`struct mallinfo2` of malloc.h."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _MEMBERS)


def unused() -> int | None:
    """Return the bytes that were freed and that the C library keeps; None where it does not tell."""
    account = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform.startswith("linux") else None
    if account is None:
        return None
    account.restype = _Account
    kept: int = account().fordblks
    return kept


async def give_back(clock: Clock) -> None:
    """Give what lies unused back to the kernel, whenever it is much; for ever, and nothing where nothing is told."""
    library = ctypes.CDLL(None)
    while True:
        await clock.sleep(EVERY_SECONDS)
        if (unused() or 0) > MOST_UNUSED:
            library.malloc_trim(0)
