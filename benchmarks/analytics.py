"""Figures: 2,520 daily returns, and a million closed trades with exact money.

Beside it, where it is installed (in another environment: `--peer PYTHON`), empyrical on the same returns.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal

import numpy as np

from nightdesk.analytics.catalogue.statistic import Needs
from nightdesk.analytics.catalogue.table import CATALOGUE, STATISTICS
from nightdesk.analytics.local_days import DayRule
from nightdesk.analytics.material import Material
from nightdesk.analytics.returns.record import Record
from nightdesk.analytics.trades.book import ClosedTrades
from nightdesk.analytics.trades.splits import SplitBy, split
from nightdesk.model.curve import Basis, Returns
from nightdesk.model.trade import Direction, Mode, Origin, Portfolio, Trade

DAY = 86_400 * 10**9
FIFTEEN = (
    "annual_return", "total_return", "annual_volatility", "sharpe_ratio", "calmar_ratio", "stability", "max_drawdown",
    "omega_ratio", "sortino_ratio", "skew", "kurtosis", "tail_ratio", "value_at_risk", "conditional_value_at_risk",
    "downside_risk",
)  # fmt: skip
"""What empyrical computes, too."""
PEER = """
import statistics, time
import numpy as np, pandas as pd, empyrical as ep
r = pd.Series(np.random.default_rng(1).normal(0.0005, 0.01, 2520), pd.bdate_range("2015-01-01", periods=2520))
names = ("annual_return cum_returns_final annual_volatility sharpe_ratio calmar_ratio stability_of_timeseries "
  "max_drawdown omega_ratio sortino_ratio tail_ratio value_at_risk conditional_value_at_risk downside_risk").split()
def work():
    for name in names: getattr(ep, name)(r)
    ep.stats.stats.skew(r); ep.stats.stats.kurtosis(r)
times = []
for _ in range(50):
    start = time.perf_counter(); work(); times.append(time.perf_counter() - start)
print(f"empyrical {ep.__version__}, 15 figures: {statistics.median(times) * 1e3:.2f} ms")
"""


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of some work in ms."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def of_returns(rounds: int) -> None:
    """Time figures of returns, the record made anew each time."""
    values = np.random.default_rng(1).normal(0.0005, 0.01, 2_520)
    returns = Returns(np.arange(1, len(values) + 1) * DAY, values, Basis.REPORTED)
    everything = tuple(each.name for each in STATISTICS if each.needs is Needs.RETURNS)

    def work(names: tuple[str, ...]) -> None:
        material = Material(ClosedTrades((), ()), Record.of(returns, started_at=0, periods_per_year=252))
        for name in names:
            CATALOGUE[name].of(material)

    for names in (FIFTEEN, everything):
        print(f"2,520 returns, {len(names)} figures: {median_ms(lambda names=names: work(names), rounds):.2f} ms")  # type: ignore[misc]


def of_trades(count: int) -> None:
    """Time figures of trades: from trades to a sorted book, all figures, all shares."""
    amounts = np.random.default_rng(2).normal(5, 500, count).round(2)
    origin = Origin(Portfolio.of("main", "bench", Mode.BACKTEST), "bench", "1")
    one = Decimal(1)
    trades = [
        Trade(origin, f"S{at % 50}", Direction.LONG if at % 2 else Direction.SHORT, one, one, at * 10**11, "USD", one,
              at * 10**11 + 10**12, Decimal(str(amount)), Decimal(0), amount / 1_000)
        for at, amount in enumerate(amounts.tolist())
    ]  # fmt: skip
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("trades to a sorted book", lambda: ClosedTrades.of(trades)),
        ("all figures of trades, exact money", lambda: _figures(ClosedTrades(book.trades, book.pnl))),
        ("shares by symbol, weekday, hour and four more", lambda: [split(book, by, DayRule()) for by in SplitBy]),
    )
    book = ClosedTrades.of(trades)
    for name, work in steps:
        print(f"{count:,} trades, {name}: {median_ms(work, 3):,.0f} ms")


def _figures(book: ClosedTrades) -> None:
    material = Material(book)
    for each in STATISTICS:
        if each.needs is not Needs.RETURNS:
            each.of(material)


def main() -> None:
    """Run both, and the peer where one is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--trades", type=int, default=1_000_000)
    parser.add_argument("--peer", metavar="PYTHON", help="an interpreter that has empyrical")
    given = parser.parse_args()
    of_returns(given.rounds)
    if given.peer:
        subprocess.run([given.peer, "-c", PEER], check=True, timeout=120, stdout=sys.stdout)
    of_trades(given.trades)


if __name__ == "__main__":
    main()
