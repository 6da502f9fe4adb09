"""The host collector as a whole: complete at once, steady, and calm about what hangs."""

import asyncio
import platform
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nightdesk.collect.collector import Readings
from nightdesk.collect.host import collector as host_collector
from nightdesk.collect.host import families
from nightdesk.collect.host.collector import FORGET_AFTER, SLOW_SECONDS, HostCollector
from nightdesk.collect.host.files import HostFiles, Point
from nightdesk.testing.clock import ManualClock

AT = 1_700_000_000_000


def names(readings: Readings) -> set[str]:
    """Return the metric names of readings."""
    return {labels.name for labels in readings.labels}


def test_the_first_collection_has_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quick and slow families, filesystems among them, are there at once, under the host's name."""
    monkeypatch.setattr(host_collector, "SLOW_PATIENCE_SECONDS", 60.0)  # a busy machine may need more than usual

    async def scenario() -> None:
        collector = HostCollector(1.0)
        readings = await collector.collect(AT)
        collector.close()
        assert {"node_cpu_seconds_total", "node_memory_MemAvailable_bytes", "node_uname_info"} <= names(readings)
        assert "node_filesystem_device_error" in names(readings)
        assert {labels.get("instance") for labels in readings.labels} == {platform.node()}
        assert {labels.get("job") for labels in readings.labels} == {"node"}

    asyncio.run(scenario())


def test_a_slow_family_that_hangs_goes_stale_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a disk hangs the quick families go on; the hung values are given out for three readings, then no more."""
    hung, released = threading.Event(), threading.Event()

    def disk(_: HostFiles) -> Iterator[Point]:
        if hung.is_set():
            released.wait(30)
        yield "node_slow", (), 1.0

    table: Callable[..., object] = lambda _: {"disk": disk}  # noqa: E731 - stands in for a function of one argument
    monkeypatch.setattr(families, "slow", table)
    clock = ManualClock()

    async def scenario() -> list[bool]:
        collector = HostCollector(1.0, clock=clock)
        assert "node_slow" in names(await collector.collect(AT))
        hung.set()
        seen = []
        for _ in range(int(FORGET_AFTER * SLOW_SECONDS) + 2):
            await clock.advance(1.0)
            found = names(await collector.collect(clock.now()))
            assert "node_load1" in found
            seen.append("node_slow" in found)
        released.set()
        collector.close()
        return seen

    seen = asyncio.run(scenario())
    assert seen == sorted(seen, reverse=True)
    assert (seen[0], seen[-1]) == (True, False)


def test_closing_gives_back_every_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    """After `close` the process holds no more open files than before."""
    monkeypatch.setattr(host_collector, "SLOW_PATIENCE_SECONDS", 60.0)  # what is still being read is closed later

    async def scenario() -> None:
        collector = HostCollector(1.0)
        for _ in range(3):
            await collector.collect(AT)
        collector.close()

    asyncio.run(scenario())
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        asyncio.run(scenario())
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
