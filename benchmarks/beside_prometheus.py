"""CPU of taking one remote write load: a desk and a real Prometheus, in the same run, turn by turn.

    python benchmarks/beside_prometheus.py [--rounds 5] [--bodies 60]

The same bodies, 2,000 series at one instant each, go to `nightdesk up --no-collect` and to `prometheus
--web.enable-remote-write-receiver`, both on loopback, both on a temporary folder: A B A B. CPU is that of the whole
process tree from /proc, work put off until the other's turn included. Without Prometheus only the desk is measured.
"""

import argparse
import http.client
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cramjam

from nightdesk.model.labels import Labels
from nightdesk.testing.desk import DeskProcess, free_port
from nightdesk.testing.remote_write import WRITE_HEADERS, label_block, time_series

SERIES: Final = 2_000
STEP_MS: Final = 15_000
READY_SECONDS: Final = 30.0
SETTLE_SECONDS: Final = 2.0
"""Time for what is put off; both are idle then, and both are counted."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def bodies(count: int) -> list[bytes]:
    """Return request bodies of rising instants up to now: counters and gauges, as an exporter has them."""
    blocks = [
        label_block(Labels.of(f"metric_{n % 50}", job="sim", instance=f"host-{n % 4}", sid=f"s{n:05}"))
        for n in range(SERIES)
    ]
    first = int(time.time() * 1000) - count * STEP_MS
    return [
        bytes(
            cramjam.snappy.compress_raw(
                b"".join(
                    time_series(block, [(first + row * STEP_MS, float(row * n if n % 2 else 50 + (row * 7 + n) % 13))])
                    for n, block in enumerate(blocks)
                )
            )
        )
        for row in range(count)
    ]


def cpu_seconds(root: int) -> float:
    """Return the CPU so far of a process and its descendants, those that ended and were waited for included."""
    parents: dict[int, int] = {}
    spent: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.name)] = int(fields[1])
        spent[int(entry.name)] = sum(map(int, fields[11:15])) / _TICKS
    tree, before = {root}, 0
    while len(tree) != before:
        before = len(tree)
        tree |= {process for process, parent in parents.items() if parent in tree}
    return sum(spent.get(process, 0.0) for process in tree)


@dataclass
class Peer:
    """One server under load."""

    name: str
    pid: int
    port: int
    path: str
    headers: dict[str, str]
    wall: list[float] = field(default_factory=list)
    begun: float = 0.0

    def take(self, chunk: Sequence[bytes]) -> None:
        """Send bodies one after the other on one connection, and keep the seconds; a refused one ends the run."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        begun = time.perf_counter()
        for body in chunk:
            connection.request("POST", self.path, body, self.headers)
            answer = connection.getresponse()
            told = answer.read()
            if answer.status not in (200, 204):
                raise SystemExit(f"{self.name} answered {answer.status}: {told[:200]!r}")
        self.wall.append(time.perf_counter() - begun)
        connection.close()


@contextmanager
def nightdesk(folder: Path) -> Iterator[Peer]:
    """Run a desk that collects nothing of its own."""
    folder.mkdir()
    with DeskProcess(folder, "--no-collect") as desk:
        headers = {**WRITE_HEADERS, "Authorization": f"Bearer {desk.token()}"}
        yield Peer("nightdesk", desk.pid, desk.port, "/api/v1/write", headers)


@contextmanager
def prometheus(program: str, folder: Path) -> Iterator[Peer]:
    """Run a Prometheus that scrapes nothing."""
    folder.mkdir()
    port = free_port()
    config = folder / "prometheus.yml"
    config.write_text("global: {scrape_interval: 1h}\n")
    command = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-remote-write-receiver",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_ready(port)
        yield Peer("prometheus", process.pid, port, "/api/v1/write", dict(WRITE_HEADERS))
    finally:
        process.terminate()
        process.wait(30)


def _await_ready(port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/-/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise SystemExit("prometheus was not ready in time")


def measure(rounds: int, count: int) -> None:
    """Run the load and print CPU seconds per million samples, and their ratio."""
    load = bodies((rounds + 1) * count)
    program = shutil.which("prometheus")
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        peers = [stack.enter_context(nightdesk(Path(place) / "nightdesk"))]
        if program:
            peers.append(stack.enter_context(prometheus(program, Path(place) / "prometheus")))
        for turn in range(rounds + 1):
            if turn == 1:
                # The first round makes the series, in both; what is measured is how they go on.
                time.sleep(SETTLE_SECONDS)
                for peer in peers:
                    peer.begun = cpu_seconds(peer.pid)
            for peer in peers:
                peer.take(load[turn * count : (turn + 1) * count])
        time.sleep(SETTLE_SECONDS)
        report(peers, [cpu_seconds(peer.pid) - peer.begun for peer in peers], rounds * count * SERIES)
    if not program:
        print("no peer: prometheus is not installed")


def report(peers: Sequence[Peer], spent: Sequence[float], samples: int) -> None:
    """Print a line a server and the ratio."""
    print(f"{samples:,} samples in bodies of {SERIES:,}, {len(peers[0].wall) - 1} rounds, turn by turn")
    for peer, cpu in zip(peers, spent, strict=True):
        rounds = ", ".join(f"{seconds:.2f}" for seconds in peer.wall[1:])
        print(f"{peer.name:11} {cpu / samples * 1e6:6.2f} CPU s per million samples; rounds took {rounds} s")
    if len(spent) == 2:
        print(f"ratio nightdesk / prometheus: {spent[0] / spent[1]:.2f}")


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bodies", type=int, default=60, help="bodies a round")
    chosen = parser.parse_args()
    measure(chosen.rounds, chosen.bodies)


if __name__ == "__main__":
    main()
