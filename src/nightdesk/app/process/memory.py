"""How the process takes memory: one arena for all threads.

glibc gives threads arenas of their own, and what one thread has freed another cannot use. Queries come to any of their
threads, and each would keep the arrays of its largest one: a day of wide queries then costs that memory several times.
With one arena the same pages serve again. Python holds its lock while it takes memory, so threads hardly ever meet.
"""

import ctypes
import sys
from typing import Final

_ARENA_MAX: Final = -8
"""M_ARENA_MAX of malloc.h."""


def share_one_arena() -> bool:
    """Have all threads take memory from one arena; True where the C library does. Right before threads start."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_ARENA_MAX, 1))
