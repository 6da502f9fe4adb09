"""A desk inside somebody else's asyncio program: the same rooms, and nothing of the program changed or left behind."""

import asyncio
import gc
import math
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

import psutil
import pytest

import nightdesk
from nightdesk import (
    AlertManager,
    ConsoleAlerts,
    DataFolderBusy,
    PerformanceAnalytics,
    PerformanceTracker,
    Severity,
    SystemMonitor,
)
from nightdesk.app.embed.metrics import VITALS, MetricsDatabase
from nightdesk.errors import BadLabels, BadPayload, Refused, SettingsError

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "embedded.py"


def test_the_example_runs(tmp_path: Path) -> None:
    """Forty lines embed the classes: ten seconds tell vitals, one alert, p95 and trades, without a warning."""
    assert len(EXAMPLE.read_text().splitlines()) <= 40
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", str(EXAMPLE), str(tmp_path / "data"), "10"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert set(told) >= VITALS
    assert 0 <= float(told["cpu_usage"]) <= 100
    assert 0.01 <= float(told["p95"].split()[2]) < 1
    assert told["error_rate"] == "0.0"
    assert told["trades:"].startswith("0 ")
    assert done.stderr.count("spread is") == 1
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr


def test_nothing_of_the_process_is_changed_or_left(tmp_path: Path) -> None:
    """Signals, umask and garbage collector are the program's; threads, tasks, children and the lock end."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    mask = os.umask(0o027)
    os.umask(0o027)
    threads, frozen = set(threading.enumerate()), gc.get_freeze_count()

    async def program() -> None:
        before = asyncio.all_tasks()
        async with SystemMonitor(tmp_path / "data", interval=1) as monitor:
            await monitor.alert_manager.send_alert("x", 2, 1)
            await monitor.alert_manager.alert_channels["console"].send_alert("hello", "info")
            assert len(asyncio.all_tasks()) > len(before)
        assert asyncio.all_tasks() == before

    try:
        asyncio.run(program())
        assert {number: signal.getsignal(number) for number in handlers} == handlers
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(mask)
    assert gc.get_freeze_count() == frozen
    assert psutil.Process().children() == []
    deadline = 50
    while set(threading.enumerate()) - threads and deadline:
        next(iter(set(threading.enumerate()) - threads)).join(0.1)
        deadline -= 1
    assert set(threading.enumerate()) - threads == set()
    with SystemFolder(tmp_path / "data"):
        pass


class SystemFolder:
    """Takes a data folder's lock, as another desk would."""

    def __init__(self, path: Path) -> None:
        from nightdesk.store.folder import DataFolder

        self._folder = DataFolder.open(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.close()


def test_two_folders_two_desks(tmp_path: Path) -> None:
    """Several monitors on different folders work side by side; objects on one folder share one desk."""

    async def program() -> None:
        async with (
            SystemMonitor(tmp_path / "a", interval=1) as one,
            SystemMonitor(tmp_path / "b", interval=1) as other,
            AlertManager(tmp_path / "a") as same,
        ):
            await one.alert_manager.send_alert("x", 2, 1)
            assert (await same.send_alert("x", 2, 1)).is_new is False
            assert (await other.alert_manager.send_alert("x", 2, 1)).is_new is True
            await one.close()
            assert (await same.send_alert("x", 2, 1)).is_new is False

    asyncio.run(program())


def test_a_folder_that_is_held_without_an_address(tmp_path: Path) -> None:
    """Who holds it has no HTTP face to attach to: the error names the holder, whether attaching is wanted or not."""

    async def program(*, attach: bool) -> None:
        with SystemFolder(tmp_path / "data"), pytest.raises(DataFolderBusy, match=str(os.getpid())):
            await SystemMonitor(tmp_path / "data", attach=attach).open()

    asyncio.run(program(attach=True))
    asyncio.run(program(attach=False))


def test_the_watch_goes_on(tmp_path: Path) -> None:
    """The loop collects each second on its grid, cpu and memory among it, until it is cancelled."""

    async def program() -> tuple[int, float]:
        async with SystemMonitor(tmp_path / "data", interval=1) as monitor:
            watching = asyncio.create_task(monitor.monitor_system_health())
            while monitor.rounds < 4:  # noqa: ASYNC110 - what is tried here has no event
                await asyncio.sleep(0.05)
            watching.cancel()
            assert monitor.latest is not None
            assert next(iter(monitor.latest)) == "cpu_usage"
            assert set(monitor.latest) == VITALS
            for name, value in monitor.latest.items():
                assert (value is None) == (name in monitor.latest.reasons)
            return monitor.failed_rounds, monitor.latest["memory_usage"] or math.nan

    failed, memory = asyncio.run(asyncio.wait_for(program(), 30))
    assert failed == 0
    assert 0 < memory < 100


def test_thresholds(tmp_path: Path) -> None:
    """Levels are the desk's own; what has not passed one, or is no number, has not."""
    monitor = SystemMonitor(tmp_path / "data")
    assert monitor.link.interval == 30
    assert monitor.get_threshold("cpu_usage") == 85
    assert monitor.get_threshold("cpu_usage", "critical") == 95
    assert monitor.get_threshold("npu_utilization") is None
    assert monitor.exceeds_threshold("cpu_usage", 85) is False
    assert monitor.exceeds_threshold("cpu_usage", 85.1) is True
    assert monitor.exceeds_threshold("cpu_usage", 90, "critical") is False
    assert monitor.exceeds_threshold("cpu_usage", None) is False
    assert monitor.exceeds_threshold("cpu_usage", math.nan) is False
    assert monitor.exceeds_threshold("cache_hit_ratio", 0.7) is True
    assert monitor.exceeds_threshold("cache_hit_ratio", 0.9) is False
    assert monitor.exceeds_threshold("npu_utilization", 100) is False
    with pytest.raises(Refused, match="ten vitals"):
        monitor.get_threshold("mood")
    with pytest.raises(SettingsError, match="1 second"):
        SystemMonitor(tmp_path / "data", interval=0.5)


def test_messages_and_channels(tmp_path: Path) -> None:
    """Sentences, severities and routes, before a desk is opened and after."""
    settings = tmp_path / "settings.toml"
    settings.write_text(
        '[channels.box]\nkind = "mail"\nhost = "localhost"\ntls = "none"\nsender = "a@b.c"\nto = ["d@e.f"]\n'
        '[[routes]]\nseverity = ["critical"]\nchannels = ["box", "console"]\n'
        '[[routes]]\nchannels = ["console"]\n'
    )
    manager = AlertManager(tmp_path / "data", settings=settings)
    assert manager.calculate_severity(1, 0) is Severity.CRITICAL
    assert manager.calculate_severity(0.7, 0.8, "below") is Severity.WARNING
    told = manager.format_alert_message("hits", 0.4, 0.8, labels={"bot": "maker"}, direction="below")
    assert told == "CRITICAL: hits is 0.4, below 0.8 (bot=maker)"
    wanted = {
        ("email", "critical"): True, ("email", "warning"): False, ("box", "critical"): True,
        ("console", "info"): True, ("sms", "critical"): False, ("nobody", "critical"): False,
    }  # fmt: skip
    assert {key: manager.should_use_channel(*key) for key in wanted} == wanted
    assert set(manager.alert_channels) == {"console", "desktop", "email", "sms", "box"}

    async def program() -> None:
        async with manager:
            assert {key: manager.should_use_channel(*key) for key in wanted} == wanted
            with pytest.raises(Refused, match='kind "sms"'):
                await manager.alert_channels["sms"].send_alert("hello", "critical")
            with pytest.raises(BadLabels):
                await manager.send_alert("x", 1, 0, labels={"severity": "critical"})

    asyncio.run(program())


def test_a_channel_by_itself(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A channel class alone names its folder like the others, and its message arrives as it is."""

    async def program() -> None:
        async with ConsoleAlerts(tmp_path / "data") as console:
            await console.send_alert("the night begins", Severity.INFO)
            for _ in range(200):
                told = capfd.readouterr().err
                if told:
                    break
                await asyncio.sleep(0.05)
            assert told.rstrip().endswith(": the night begins")
            assert "INFO Message on" in told

    asyncio.run(program())


def test_metrics_are_kept(tmp_path: Path) -> None:
    """What a program stores is read back as it was; None has no sample; a vital of the desk is not stored twice."""

    async def program() -> None:
        async with MetricsDatabase(tmp_path / "data", interval=1) as database:
            stored = await database.store_metrics({"depth": 3, "lag": None, "cpu_usage": 5}, labels={"venue": "x"})
            assert stored == 1
            assert await database.store_metrics({"depth": 4.5}, labels={"venue": "x"}) == 1
            (found,) = await database.get_recent_metrics(1, ["depth"])
            assert (found.name, dict(found.labels)) == ("depth", {"job": "program", "venue": "x"})
            assert list(found.values) == [3, 4.5]
            assert "depth" in {each.name for each in await database.get_recent_metrics(1)}
            assert {each.name for each in await database.get_recent_metrics(1, "depth")} == {"depth"}
            with pytest.raises(Refused):
                await database.get_recent_metrics(0)
            with pytest.raises(BadLabels):
                await database.get_recent_metrics(1, ["de.*"])
            with pytest.raises(Refused):
                await database.store_metrics({"depth": 1}, at=math.nan)
            for names, labels in (("up", {}), ("nightdesk_up", {}), ("x", {"job": "node"}), ("x", {"__name__": "up"})):
                with pytest.raises(BadPayload):
                    await database.store_metrics({names: 1}, labels=labels)

    asyncio.run(program())


def test_requests_that_were_tracked(tmp_path: Path) -> None:
    """A decorated coroutine, a block and an error are in the figures of the system, counted exactly."""

    async def program() -> None:
        async with (
            PerformanceTracker(tmp_path / "data", interval=1, bot="maker") as tracker,
            PerformanceAnalytics(tmp_path / "data") as analytics,
        ):

            @tracker.track("decide")
            async def decide(*, well: bool) -> None:
                await asyncio.sleep(0.002)
                if not well:
                    raise ValueError

            for number in range(20):
                try:
                    await decide(well=number % 5 != 0)
                except ValueError:
                    assert number % 5 == 0
            with tracker.track("block"):
                pass
            tracker.beat("loop", every="30s")
            assert await tracker.aflush(5)
            found = await analytics.analyze_system_performance(hours=1)
            counts = {each.operation: (each.latency.requests, each.failed) for each in found.operations}
            assert counts == {"decide": (20, 4), "block": (1, 0)}
            assert found.error_rate == pytest.approx(4 / 21)
            (beat,) = found.beats
            assert (beat.bot, beat.beat) == ("maker", "loop")
            assert 0 <= found.end - beat.at < 30_000
            p95 = found.latency.p95
            assert p95 is not None
            assert p95.high >= 0.002
            assert found.avg_npu_utilization is None
            assert "No NPU" in found.reasons["avg_npu_utilization"]
            assert await tracker.aclose()

    asyncio.run(program())


def test_public_names_are_complete() -> None:
    """Each public name can be imported, is listed once, in order, and knows its own module."""
    assert sorted(nightdesk.__all__, key=str) == sorted(set(nightdesk.__all__))
    for name in nightdesk.__all__:
        assert getattr(nightdesk, name) is not None
    with pytest.raises(AttributeError, match="mood"):
        _ = nightdesk.mood


def test_the_client_pays_for_nothing_else() -> None:
    """`import nightdesk.client` loads nothing of the public classes, and only the standard library."""
    code = "import sys, nightdesk.client; print([m for m in sys.modules if 'nightdesk' in m or 'numpy' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.strip() == "['nightdesk', 'nightdesk.client']"
