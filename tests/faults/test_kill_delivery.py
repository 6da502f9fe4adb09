"""Killed at random between decision and delivery: nothing is lost, and little comes twice."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nightdesk.testing.servers.mail_server import MailServer

DRIVER = Path(__file__).with_name("record_and_send.py")


@dataclass
class Ledger:
    """What the killed processes said was durable, and the sender processes they started."""

    acked: set[str] = field(default_factory=set)
    children: set[int] = field(default_factory=set)

    def take(self, output: bytes) -> None:
        """Read whole lines; the last one may have been cut by the kill."""
        for line in output.decode().splitlines(keepends=True):
            word, _, rest = line.strip().partition(" ")
            if line.endswith("\n") and word == "acked":
                self.acked.add(rest)
            elif line.endswith("\n") and word == "child":
                self.children.add(int(rest))


def start(state: Path, port: int, first: int) -> subprocess.Popen[bytes]:
    """Start the driver."""
    command = [sys.executable, str(DRIVER), str(state), str(port), str(first)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def kill_cycles(cycles: int, state: Path, seed: int) -> tuple[Ledger, Counter[str]]:
    """Run and kill the driver again and again, let the last one drain, and return what was acked and what arrived."""
    chance, ledger = random.Random(seed), Ledger()
    with MailServer() as server:
        for cycle in range(cycles):
            process = start(state, server.port, cycle * 100_000)
            assert process.stdout is not None
            try:
                assert process.stdout.readline() == b"ready\n"
                process.wait(chance.uniform(0.0, 0.6))
            except subprocess.TimeoutExpired:
                pass  # as it should be: it runs until it is killed
            finally:
                process.kill()
            output, _ = process.communicate(timeout=10)
            assert process.returncode == -signal.SIGKILL, "the driver must not end by itself"
            ledger.take(output)
        last = start(state, server.port, -1)
        output, _ = last.communicate(timeout=300)
        assert b"drained" in output
        ledger.take(output)
        arrived = Counter(mail.id.strip("<>").partition("@")[0] for mail in server.mails)
    return ledger, arrived


def still_there(pids: set[int], seconds: float) -> set[int]:
    """Wait until processes have gone; return those that have not."""
    deadline = time.monotonic() + seconds
    left = set(pids)
    while left and time.monotonic() < deadline:
        left = {pid for pid in left if is_sender(pid)}
        time.sleep(0.05)
    return left


def is_sender(pid: int) -> bool:
    """Say whether a process id is still a sender of ours; ids are used again."""
    try:
        return b"nightdesk.deliver.senders.child" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def check(cycles: int, folder: Path) -> None:
    """Kill, and demand the promise."""
    seed = int(os.environ.get("NIGHTDESK_SEED", "20261122"))
    ledger, arrived = kill_cycles(cycles, folder / "state.db", seed)
    lost = ledger.acked - set(arrived)
    twice = {key: count for key, count in arrived.items() if count > 1}
    extra = sum(twice.values()) - len(twice)
    sys.stdout.write(f"{cycles} kills: {len(ledger.acked)} acked, {len(lost)} lost, {extra} sent again\n")
    assert lost == set()
    assert len(ledger.acked) > cycles
    # One channel has one message in flight, so each kill can repeat one, under the same Message-ID.
    assert extra <= cycles
    with sqlite3.connect(folder / "state.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*) FROM outbox WHERE state <> 'sent'").fetchone() == (0,)
    connection.close()
    assert still_there(ledger.children, 5) == set()


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of POSIX")
def test_killed_ten_times_nothing_is_lost(tmp_path: Path) -> None:
    """Every message that was durable arrives; at most one a kill comes twice; no sender process stays behind."""
    check(10, tmp_path)


@pytest.mark.campaign
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of POSIX")
def test_killed_two_hundred_times_nothing_is_lost(tmp_path: Path) -> None:
    """The same over 200 kills."""
    check(200, tmp_path)
