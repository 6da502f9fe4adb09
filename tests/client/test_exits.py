"""How a process ends: by itself or as a worker, what it counted is told before it is gone."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

BOT = """
import multiprocessing, sys
from nightdesk.client import Client

def keep(body, seconds):
    with open(sys.argv[1], "ab") as file:
        file.write(body + b"\\n")
    return 200, b"{}"

client = Client(keep, bot="workers")

def work(number):
    client.counter("done_total").add(number)

if sys.argv[2] == "workers":
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=work, args=(number,)) for number in (1, 2, 3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
work(10)
if sys.argv[2] == "raises":
    raise SystemExit(3)
"""
WORKERS = """
import multiprocessing, sys

def keep(body, seconds):
    with open(sys.argv[1], "ab") as file:
        file.write(body + b"\\n")
    return 200, b"{}"

MODULE = None
if sys.argv[3] == "of its module":
    from nightdesk.client import Client
    MODULE = Client(keep, bot="workers")

def work(number):
    from nightdesk.client import Client
    client = MODULE or Client(keep, bot="workers")
    client.counter("done_total").add(number)

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[2])
    workers = [context.Process(target=work, args=(number,)) for number in (1, 2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
"""
HANGS = """
import sys, time
from nightdesk.client import Client

def hang(body, seconds):
    time.sleep(30)

client = Client(hang, bot="hangs")
client.counter("done_total").add()
"""


def totals(file: Path) -> list[float]:
    """Return the highest total of each process, sorted."""
    found: dict[str, float] = {}
    for line in file.read_bytes().splitlines():
        push = json.loads(line)
        for name, _, value, _ in push["counters"]:
            assert name == "done_total"
            found[push["run"]] = max(found.get(push["run"], 0.0), value)
    return sorted(value for value in found.values() if value)


def test_a_process_tells_what_is_left_at_its_end(tmp_path: Path) -> None:
    """Whether it returns or raises."""
    for how in ("returns", "raises"):
        file = tmp_path / how
        subprocess.run([sys.executable, "-c", BOT, str(file), how], timeout=30, check=False)
        assert totals(file) == [10.0]


def test_workers_tell_for_themselves(tmp_path: Path) -> None:
    """Workers of multiprocessing end without atexit; each tells its own totals, the parent its own."""
    file = tmp_path / "told"
    subprocess.run([sys.executable, "-W", "ignore", "-c", BOT, str(file), "workers"], timeout=30, check=True)
    assert totals(file) == [1.0, 2.0, 3.0, 10.0]


@pytest.mark.parametrize("whose", ["of its own", "of its module"])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_however_a_worker_starts_it_tells_what_it_counted(tmp_path: Path, method: str, whose: str) -> None:
    """With a client that it made itself, and with one that its module made."""
    file, script = tmp_path / "told", tmp_path / "script.py"
    script.write_text(WORKERS)
    subprocess.run([sys.executable, "-W", "ignore", str(script), str(file), method, whose], timeout=30, check=True)
    assert totals(file) == [1.0, 2.0]


def test_a_desk_that_hangs_holds_up_no_exit() -> None:
    """A second at most, and a little for the interpreter."""
    begun = time.monotonic()
    assert subprocess.run([sys.executable, "-c", HANGS], timeout=30, check=False).returncode == 0
    assert time.monotonic() - begun < 6
