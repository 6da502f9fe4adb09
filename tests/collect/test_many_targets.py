"""Many targets, a third of them bad: the others stay on time."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Sequence
from itertools import pairwise

from nightdesk.clock import SystemClock
from nightdesk.collect.collector import CollectFailure, CollectorHealth, Standing
from nightdesk.collect.intake.scrape import ScrapeTarget
from nightdesk.collect.loop import CollectLoop
from nightdesk.testing.lake import Lake
from nightdesk.testing.servers.exporter import Exporter
from nightdesk.testing.servers.raw_server import RawServer, silent

GOOD, SILENT, DRIPPING, ENDLESS = 40, 10, 5, 5
SECONDS = 4.0
ROUNDS = 3


def dripping(connection: socket.socket, closing: threading.Event) -> None:
    """Send a byte of a body now and then."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not closing.wait(0.05):
        connection.sendall(b"#")


def endless(connection: socket.socket, closing: threading.Event) -> None:
    """Send a body that does not end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not closing.is_set():
        connection.sendall(b"a 1\n" * 1024)


def _target(job: str, number: int, port: int) -> ScrapeTarget:
    url = f"http://127.0.0.1:{port}/{job}/{number}"
    return ScrapeTarget(url, job, interval=1.0, timeout=0.5, most_body=100_000, labels={"number": str(number)})


def one_round() -> tuple[Sequence[CollectorHealth], Lake]:
    """Collect from all targets for some seconds; return how they stand, and what was collected."""
    lake = Lake()
    with contextlib.ExitStack() as stack:
        exporter = stack.enter_context(Exporter())
        exporter.set("well", 1.0)
        servers = {script: stack.enter_context(RawServer(script)) for script in (silent, dripping, endless)}
        targets = [_target("good", number, exporter.port) for number in range(GOOD)]
        for script, count in ((silent, SILENT), (dripping, DRIPPING), (endless, ENDLESS)):
            targets += [_target(script.__name__, number, servers[script].port) for number in range(count)]
        loop = CollectLoop(targets, lake.intake, SystemClock())
        with contextlib.suppress(TimeoutError):
            asyncio.run(asyncio.wait_for(loop.run(), SECONDS))
    return loop.health(), lake


def is_on_time(health: Sequence[CollectorHealth], lake: Lake) -> bool:
    """Say whether every good target was read each second, none missed and none off by more than half a second."""
    good = [each for each in health if each.name.startswith("good")]
    times: dict[str, list[int]] = {}
    for labels, at, value in lake.told("well"):
        assert value == 1.0
        times.setdefault(str(labels), []).append(at)
    steps = [late - early for each in times.values() for early, late in pairwise(each)]
    return (
        all(each.standing is Standing.UP and each.missed == 0 for each in good)
        and len(steps) >= GOOD * 2
        and max(abs(step - 1000) for step in steps) <= 500
    )


def test_bad_targets_delay_no_other() -> None:
    """Beside 20 targets that hang, drip or flood, 40 good ones are read each second, none more than 0.5 s off.

    In the best of three rounds: half a second is soon lost on a machine that does other things too.
    """
    for _ in range(ROUNDS):
        health, lake = one_round()
        failures = {each.name.split()[0]: each.failure for each in health}
        assert failures["silent"] is failures["dripping"] is CollectFailure.DEADLINE
        on_time = failures["endless"] is CollectFailure.TOO_LARGE and is_on_time(health, lake)
        if on_time:
            break
    assert on_time, (failures, [each for each in health if each.name.startswith("good") and each.missed])
