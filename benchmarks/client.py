"""What `nightdesk.client` costs a bot: its import, and each call, beside prometheus_client's counter where it is there.

    python benchmarks/client.py --calls 500000

Times are medians of many batches, of CPU, so that other work on the machine counts little. The import is measured in
fresh interpreters, with and without compiled bytecode at hand, alone and up to a connected client. No desk is needed: a
call does not know whether one is there.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median

from nightdesk import client

BATCHES = 50
IMPORTS = {
    "import nightdesk.client": "import nightdesk.client",
    "... and connect, flusher running": "from nightdesk import client; client.connect('/nowhere')",
    "import prometheus_client": "import prometheus_client",
}
TIMED = """
import time
begun = time.process_time()
{statement}
print((time.process_time() - begun) * 1e3)
import os
os._exit(0)
"""


def import_milliseconds(statement: str, **environment: str) -> float:
    """Return the median CPU time of a statement in eleven fresh interpreters; a busy machine stretches it too."""
    command = [sys.executable, "-c", TIMED.format(statement=statement)]
    # The first one compiles what the others find.
    runs = [
        subprocess.run(
            command, env={**os.environ, **environment}, capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(12)
    ]
    # What is printed last is ours, should an interpreter print anything before.
    return median(float(words[-1]) for words in runs[1:])


def call_nanoseconds(call: Callable[[], object], calls: int) -> float:
    """Return the median over batches of the time of one call, less that of an empty loop."""
    count = max(1, calls // BATCHES)
    batches = []
    for _ in range(BATCHES):
        empty = time.thread_time()
        for _ in range(count):
            pass
        begun = time.thread_time()
        for _ in range(count):
            call()
        ended = time.thread_time()
        batches.append(((ended - begun) - (begun - empty)) / count * 1e9)
    return median(batches)


def calls_of(desk: client.Client) -> dict[str, Callable[[], object]]:
    """Return what a bot does, by what it is called."""
    counter, gauge = desk.counter("orders_total", venue="kraken"), desk.gauge("depth")
    tracked = desk.track("work")(lambda: None)
    return {
        "counter.add() on a kept counter": counter.add,
        'client.counter("orders_total").add()': lambda: desk.counter("orders_total").add(),
        "the same with a label": lambda: desk.counter("orders_total", venue="kraken").add(),
        "gauge.set(1.0)": lambda: gauge.set(1.0),
        "a tracked call of an empty function": tracked,
        'client.beat("loop")': lambda: desk.beat("loop"),
        'client.error("feed")': lambda: desk.error("feed"),
    }


def measure(calls: int) -> None:
    """Print the figures."""
    has_rival = importlib.util.find_spec("prometheus_client") is not None
    with tempfile.TemporaryDirectory() as cache:
        for name, statement in IMPORTS.items():
            if "prometheus" in statement and not has_rival:
                continue
            compiled = import_milliseconds(statement, PYTHONPYCACHEPREFIX=cache, PYTHONDONTWRITEBYTECODE="")
            fresh = import_milliseconds(statement, PYTHONPYCACHEPREFIX=f"{cache}/none", PYTHONDONTWRITEBYTECODE="1")
            print(f"{name}: {compiled:.1f} ms, {fresh:.1f} ms without compiled bytecode")
    desk = client.Client(lambda _body, _seconds: (200, b"{}"), bot="benchmark")
    figures = {name: call_nanoseconds(call, calls) for name, call in calls_of(desk).items()}
    desk.close()
    for name, nanoseconds in figures.items():
        print(f"{name}: {nanoseconds / 1e3:.3f} us")
    if not has_rival:
        print("prometheus_client is not installed: nothing to compare with")
        return
    import prometheus_client

    rival = prometheus_client.Counter("orders", "Orders.", registry=None)
    theirs = call_nanoseconds(rival.inc, calls)
    ours = figures["counter.add() on a kept counter"]
    print(f"prometheus_client's Counter.inc(): {theirs / 1e3:.3f} us; ours beside it: {ours / theirs:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=500_000)
    measure(parser.parse_args().calls)
