"""Trading figures of the public classes: from fills that a bot reports, and from returns that a program holds."""

import asyncio
import math
from decimal import Decimal
from pathlib import Path

import pytest

from nightdesk import AnalyticsEngine, PerformanceAnalytics, SystemMonitor
from nightdesk.errors import Refused


def test_fills_become_figures(tmp_path: Path) -> None:
    """Two round trips that win: exact P&L after fees, an infinite profit factor, a Sharpe ratio that says why not."""

    async def program() -> None:
        async with (
            SystemMonitor(tmp_path / "data", interval=1, bot="maker") as monitor,
            PerformanceAnalytics(tmp_path / "data") as analytics,
        ):
            tell = monitor.performance_tracker.fill
            for number, (price, out) in enumerate((("100", "110.5"), ("100", "101"))):
                tell("BTC/USD", "buy", "1", price, currency="USD", fee="0.1", id=f"b{number}")
                tell("BTC/USD", "sell", "1", out, currency="USD", fee="0.1", id=f"s{number}")
            tell("ETH/USD", "buy", "1", "10", currency="USD", id="paper", mode="paper")
            assert await monitor.performance_tracker.aflush(5)
            found = await analytics.analyze_trading_performance(30)
            assert (found.total_trades, found.winning_trades, found.win_rate) == (2, 2, 1.0)
            assert (found.total_pnl, found.currency, found.mode) == (Decimal("11.1"), "USD", "live")
            assert found.average_profit == pytest.approx(5.55)
            assert found.profit_factor == math.inf
            assert "no losing trade" in found.reasons["profit_factor"]
            assert (found.sharpe_ratio, found.max_drawdown) == (None, None)
            assert "none is guessed" in found.reasons["sharpe_ratio"]
            assert any("paper" in note for note in found.notes)
            assert found.statistics["win_rate"].n == 2
            everything = await analytics.analyze_trading_performance(None)
            assert everything.total_pnl == found.total_pnl
            trades = await analytics.get_recent_trades(1)
            assert [each.pnl_text for each in trades] == ["0.8", "10.3"]
            with pytest.raises(Refused):
                await analytics.analyze_trading_performance(0)

    asyncio.run(program())


def test_figures_of_returns_held_by_hand() -> None:
    """Sharpe and drawdown of plain numbers, by the catalogue's conventions."""
    analytics = PerformanceAnalytics("/nowhere/that/is/opened")
    returns = [0.01, -0.02, 0.03, 0.0]
    mean = sum(returns) / 4
    deviation = math.sqrt(sum((each - mean) ** 2 for each in returns) / 3)
    sharpe = analytics.calculate_sharpe_ratio(returns, periods_per_year=252)
    assert sharpe == pytest.approx(mean / deviation * math.sqrt(252))
    assert analytics.calculate_sharpe_ratio([0.01], periods_per_year=252) is None
    assert analytics.calculate_sharpe_ratio([0.01, 0.01], periods_per_year=252) is None
    assert analytics.calculate_sharpe_ratio([], periods_per_year=252) is None
    assert analytics.calculate_max_drawdown([100, 80, 120, 90]) == pytest.approx(-0.25)
    assert analytics.calculate_max_drawdown([100, 110]) == 0
    assert analytics.calculate_max_drawdown([100]) is None


def test_the_whole_catalogue_behind_one_call() -> None:
    """Every figure that stands on returns has a value or a reason; an unknown one is refused with the known."""
    engine = AnalyticsEngine()
    figures = engine.analyze([0.01, -0.02, math.nan, 0.03], periods_per_year=252)
    assert figures["sharpe_ratio"].n == 3
    assert all((each.value is None) <= bool(each.reason) for each in figures.values())
    assert engine.statistics["sharpe_ratio"].formula
    with pytest.raises(Refused, match="sharpe_ratio"):
        engine.figure("luck", [0.01])
