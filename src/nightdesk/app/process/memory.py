"""How the process takes memory: one arena for all threads, and what was freed lately is used again.

glibc gives threads arenas of their own, and what one thread has freed another cannot use: queries come to any of their
threads, and each would keep the arrays of its largest. Python holds its lock while it takes memory, so threads hardly
meet in the one arena. Memory above 128 KiB, which is what a query's arrays are, glibc takes from the kernel page by
page and gives back at once, until it has learnt better; the pages cost more than the arithmetic on them (a sum of 400
rates: 6.4 ms of CPU against 3.4). So up to 32 MiB are kept for the next query. See decision 0131.
"""

import ctypes
import sys
from typing import Final

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
