"""The public classes as clients of a desk that holds the folder: the same methods, the same answers."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightdesk import AlertManager, DataFolderBusy, NightdeskError, PerformanceAnalytics, SystemMonitor
from nightdesk.app.embed.remote_desk import RemoteDesk
from nightdesk.errors import BadLabels, DeskUnreachable, Refused
from nightdesk.model.alert import Severity
from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.servers.hook_server import HookServer

SETTINGS = """
[channels.hook]
kind = "webhook"
url = "{url}"
[[routes]]
channels = ["hook", "console"]
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """A desk with a webhook that holds a folder."""
    with (
        HookServer() as hook,
        DeskProcess(tmp_path_factory.mktemp("attached"), settings=SETTINGS.format(url=hook.url())) as running,
    ):
        yield running


def test_sent_every_second_is_one_message(desk: DeskProcess) -> None:
    """The same alert sent often is one alert and one message; two bots make two; resolved, it is told once."""

    async def program() -> None:
        async with AlertManager(desk.data) as manager:
            assert isinstance(await manager._door(), RemoteDesk)
            for _ in range(20):
                for bot in ("maker", "taker"):
                    told = await manager.send_alert("drawdown", -0.12, -0.1, labels={"bot": bot}, direction="below")
                    assert told.alert.severity == "warning"
            assert await manager.resolve("drawdown", labels={"bot": "maker"}) is True
            assert await manager.resolve("drawdown", labels={"bot": "nobody"}) is False

    asyncio.run(program())
    live = [each for each in desk.json("/api/desk/alerts")["alerts"] if each["name"] == "drawdown"]
    assert [each["labels"]["bot"] for each in live] == ["taker"]

    def deliveries() -> list[tuple[str, str]]:
        found = desk.json("/api/desk/alerts/history")["deliveries"]
        return [(each["channel"], each["reason"]) for each in found if each["alerts"] == ["drawdown"]]

    wait_until(lambda: deliveries().count(("hook", "resolved")) == 1, 10, "the end of maker's alert is told")
    assert deliveries().count(("hook", "fired")) == 2


def test_the_vitals_are_the_desks(desk: DeskProcess) -> None:
    """Values and reasons are those of the page; thresholds and routes are the desk's own."""

    async def program() -> None:
        async with SystemMonitor(desk.data) as monitor:
            metrics = await monitor.collect_health_metrics()
            shown = {each["name"]: each["reason"] for each in desk.json("/api/desk/vitals")["vitals"]}
            assert metrics.reasons["npu_utilization"] == shown["npu_utilization"]
            assert await monitor.get_npu_utilization() is None
            assert monitor.get_threshold("memory_usage", "critical") == 95
            assert monitor.alert_manager.should_use_channel("hook", Severity.INFO) is True
            assert monitor.alert_manager.should_use_channel("email", "critical") is False
            assert "hook" in monitor.alert_manager.alert_channels
            await monitor.alert_manager.alert_channels["hook"].send_alert("the night begins", "info")
            with pytest.raises(Refused, match='kind "mail"'):
                await monitor.alert_manager.alert_channels["email"].send_alert("x")

    asyncio.run(program())


def test_figures_and_metrics(desk: DeskProcess) -> None:
    """What is tracked and stored through HTTP comes back in the figures and the history."""

    async def program() -> None:
        async with SystemMonitor(desk.data, bot="outside") as monitor, PerformanceAnalytics(desk.data) as analytics:
            with monitor.performance_tracker.track("remote"):
                pass
            assert await monitor.performance_tracker.aflush(5)
            assert await monitor.metrics_collector.store_metrics({"depth": 7.5}) == 1
            (depth,) = await monitor.metrics_collector.get_recent_metrics(1, ["depth"])
            assert list(depth.values) == [7.5]
            found = await analytics.analyze_system_performance(1)
            (operation,) = [each for each in found.operations if each.operation == "remote"]
            assert (operation.bot, operation.latency.requests, operation.failed) == ("outside", 1, 0)
            assert found.latency.p95 is not None
            assert found.uptime_of == "this machine"
            assert await analytics.calculate_uptime(1) == 100.0
            trading = await analytics.analyze_trading_performance(30)
            assert (trading.total_trades, trading.sharpe_ratio) == (0, None)
            assert "sharpe_ratio" in trading.reasons
            assert await analytics.get_recent_trades() == []

    asyncio.run(program())


def test_refusals_keep_their_words(desk: DeskProcess) -> None:
    """A name that no alert may have is refused here, before anything is asked; not attaching is DataFolderBusy."""

    async def program() -> None:
        async with AlertManager(desk.data) as manager:
            with pytest.raises(BadLabels):
                await manager.send_alert("x", 1, 0, labels={"severity": "critical"})
        with pytest.raises(DataFolderBusy, match=str(desk.pid)):
            await SystemMonitor(desk.data, attach=False).open()

    asyncio.run(program())


def test_a_desk_that_is_gone(tmp_path: Path) -> None:
    """A desk that was killed is told as unreachable; the watch counts the round and goes on."""
    with DeskProcess(tmp_path) as running:

        async def program() -> None:
            async with SystemMonitor(running.data, interval=1) as monitor:
                watching = asyncio.create_task(monitor.monitor_system_health())
                await monitor.collect_health_metrics()
                running.kill()
                with pytest.raises(DeskUnreachable):
                    await monitor.alert_manager.send_alert("x", 1, 0)
                while monitor.failed_rounds < 2:  # noqa: ASYNC110 - what is tried here has no event
                    await asyncio.sleep(0.05)
                assert not watching.done()
                watching.cancel()

        asyncio.run(asyncio.wait_for(program(), 30))


def test_a_desk_that_comes_back_elsewhere(tmp_path: Path) -> None:
    """A desk that is started again on another port is found by its folder."""

    async def program() -> None:
        with DeskProcess(tmp_path) as running:
            manager = await AlertManager(running.data).open()
        with DeskProcess(tmp_path) as again:
            assert again.url != running.url
            assert (await manager.send_alert("x", 1, 0)).is_new is True
        await manager.close()

    asyncio.run(program())


def test_errors_have_one_root() -> None:
    """Whoever embeds can catch one class."""
    assert issubclass(DataFolderBusy, NightdeskError)
