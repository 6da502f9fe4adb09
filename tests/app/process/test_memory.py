"""Memory that one thread has freed serves the next."""

import subprocess
import sys

import pytest

_PROGRAM = """
import sys, threading
import numpy as np
from nightdesk.app.process.memory import settle_memory

if sys.argv[1] == "shared" and not settle_memory():
    sys.exit(3)

def work(done):
    for _ in range(3):
        [np.ones(1_000) for _ in range(2_000)]
    done.set()
    ends.wait()

ends = threading.Event()
for _ in range(6):
    done = threading.Event()
    threading.Thread(target=work, args=(done,), daemon=True).start()
    done.wait()
print(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
ends.set()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_threads_after_each_other_use_the_same_pages() -> None:
    """Six threads in turn that each take 16 MB hold the memory of one, not of six."""
    shared, apart = (
        int(subprocess.run([sys.executable, "-c", _PROGRAM, how], check=True, capture_output=True, timeout=60).stdout)
        for how in ("shared", "apart")
    )
    assert shared < apart - 30_000
