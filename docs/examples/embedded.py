"""Nightdesk inside an asyncio program: it watches the machine, takes the program's alerts, and says how all went."""

import asyncio
import sys

from nightdesk import PerformanceAnalytics, SystemMonitor


async def main(data: str, seconds: float) -> None:
    """Run a bot for some seconds with a desk beside it, on the program's own event loop."""
    async with SystemMonitor(data, interval=1, bot="maker") as monitor, PerformanceAnalytics(data) as analytics:
        watching = asyncio.create_task(monitor.monitor_system_health())
        tracker, alerts = monitor.performance_tracker, monitor.alert_manager

        @tracker.track("decide")
        async def decide() -> float:
            await asyncio.sleep(0.01)
            return 0.6

        async with asyncio.timeout(seconds + 5):
            for _ in range(round(seconds * 10)):
                spread = await decide()
                tracker.beat("loop", every="2s")
                if spread > 0.5:
                    await alerts.send_alert("spread", spread, 0.5, labels={"bot": "maker"})
                await asyncio.sleep(0.09)

        await tracker.aflush()
        metrics = await monitor.collect_health_metrics()
        for name, value in metrics.items():
            print(name, value if value is not None else metrics.reasons[name])
        system = await analytics.analyze_system_performance(hours=1)
        print("p95 of decide:", system.p95_response_time, "s; error rate:", system.error_rate)
        trading = await analytics.analyze_trading_performance(days=30)
        print("trades:", trading.total_trades, "Sharpe:", trading.sharpe_ratio or trading.reasons["sharpe_ratio"])
        watching.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
