"""Connections counted beside the truth: real sockets of real processes."""

import asyncio
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from nightdesk.clock import SystemClock
from nightdesk.collect.connections.collector import ConnectionCollector, Watch
from nightdesk.collect.connections.established import established
from nightdesk.collect.connections.processes import WatchedProcesses
from nightdesk.testing.asking import AT, values_of

CLOCK = SystemClock()
CLIENT = """
import socket, sys
held = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(int(sys.argv[2]))]
print("connected", flush=True)
sys.stdin.read()
"""

ASK_AS_NOBODY = """
import os, sys
from nightdesk.collect.connections.processes import WatchedProcesses
from nightdesk.errors import CollectError
if sys.argv[2] == "1":
    os.setgid(65534)
    os.setuid(65534)
try:
    print(WatchedProcesses(sys.argv[1]).inodes(0.0))
except CollectError as error:
    print(error)
"""


@contextmanager
def listening(address: str = "127.0.0.1") -> Iterator[int]:
    """Listen on a port of loopback, and accept whoever comes; skip where loopback has no such address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listener = socket.create_server((address, 0), family=family, backlog=64)
    except OSError as error:
        if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            raise
        pytest.skip(f"this machine has no {address}")
    with listener:
        yield listener.getsockname()[1]


@contextmanager
def client(folder: Path, name: str, port: int, count: int) -> Iterator[int]:
    """Run a script of that name that holds so many connections; gives its process number."""
    script = folder / name
    script.write_text(CLIENT)
    command = [sys.executable, str(script), str(port), str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"connected\n"
        yield process.pid
        process.stdin.close()


def counted(watch: Watch) -> tuple[dict[str, float], str]:
    """Return what is counted, and what cannot be."""
    collector = ConnectionCollector(watch, CLOCK, instance="here", interval=1.0)

    async def collect() -> dict[str, float]:
        return values_of(await collector.collect(AT))

    values = asyncio.run(collect())
    collector.close()
    return values, collector.trouble


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_the_machines_sockets_are_the_kernels(address: str) -> None:
    """Both ends of a connection within this machine are two sockets, as `ss` has it; IPv6 counts too."""
    with ExitStack() as stack:
        port = stack.enter_context(listening(address))
        for _ in range(3):
            stack.enter_context(socket.create_connection((address, port)))
        found = [each.inode for each in established() if port in (each.local[1], each.remote[1])]
        lines = [
            line.split()
            for table in ("tcp", "tcp6")
            for line in Path("/proc/net", table).read_text().splitlines()[1:]
            if line.split()[3] == "01"
        ]
        assert set(found) == {
            int(line[9]) for line in lines if f"{port:04X}" in (line[1].rpartition(":")[2], line[2].rpartition(":")[2])
        }
        assert len(found) == 6
    values, trouble = counted(Watch())
    assert list(values) == ["tcp_connections_established:machine"]
    assert trouble == ""


def test_targets_and_processes(tmp_path: Path) -> None:
    """A target's and a process' connections, each once, and their union once."""
    with ExitStack() as stack:
        port, other = stack.enter_context(listening()), stack.enter_context(listening())
        stack.enter_context(client(tmp_path, "freqtrade", port, 3))
        stack.enter_context(client(tmp_path, "maker.py", other, 2))
        watch = Watch(("freqtrade", "maker", "nobody_here"), (f"127.0.0.1:{port}", f"*:{other}"))
        values, trouble = counted(watch)
    assert trouble == ""
    assert values == {
        "tcp_connections_watched:freqtrade": 3,
        "tcp_connections_watched:maker": 2,
        "tcp_connections_watched:nobody_here": 0,
        f"tcp_connections_watched:127.0.0.1:{port}": 3,
        f"tcp_connections_watched:*:{other}": 2,
        "tcp_connections_established:watched": 5,
    }


def test_a_target_that_cannot_be_resolved_is_unknown() -> None:
    """No such name: no part, no sum, and the reason; never 0."""
    values, trouble = counted(Watch(targets=("no.such.name.invalid:5432", "127.0.0.1:1")))
    assert values == {"tcp_connections_watched:127.0.0.1:1": 0}
    assert "no.such.name.invalid" in trouble


def test_another_users_process_is_unknown(tmp_path: Path) -> None:
    """Its descriptors cannot be listed without root: an error that says so, never an empty set."""
    with listening() as port, client(tmp_path, "somebody", port, 1):
        # Asked as nobody where the tests run as root; else about the first process, which is root's.
        is_root = os.geteuid() == 0
        name = "somebody" if is_root else Path("/proc/1/comm").read_text().strip()
        command = [sys.executable, "-c", ASK_AS_NOBODY, name, str(int(is_root))]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "runs as another user" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "name", "bears"),
    [
        ([b"/usr/bin/python3", b"/opt/bot/freqtrade", b"trade"], "freqtrade", True),
        ([b"python", b"-m", b"maker"], "maker", True),
        ([b"/opt/trader/quotes-reader", b"--x"], "quotes-reader", True),
        ([b"/usr/bin/vim", b"freqtrade"], "freqtrade", False),
        ([b"python"], "maker", False),
    ],
)
def test_what_a_process_is_called(tmp_path: Path, arguments: list[bytes], name: str, bears: bool) -> None:
    """By its program, or by the script or module of its interpreter; not by a word among its arguments."""
    (tmp_path / "12" / "fd").mkdir(parents=True)
    (tmp_path / "12" / "comm").write_text("something\n")
    (tmp_path / "12" / "cmdline").write_bytes(b"\0".join(arguments) + b"\0")
    (tmp_path / "12" / "fd" / "3").symlink_to("socket:[99]")
    assert WatchedProcesses(name, str(tmp_path)).inodes(0.0) == ({99} if bears else set())
