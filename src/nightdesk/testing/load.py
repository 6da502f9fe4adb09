"""Real load on this machine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def busy_cores(count: int | None = None) -> Iterator[None]:
    """Keep `count` cores busy with processes that do nothing else; they end with the block.

    Without a number it is every core, by four processes at least: each has its share beside whoever else works here.
    """
    processes = max(4, os.cpu_count() or 4) if count is None else count
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait(10)
