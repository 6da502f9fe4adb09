"""Rows of the catalogue that need closed trades."""

from collections.abc import Callable
from typing import Final

from nightdesk.analytics import material
from nightdesk.analytics.catalogue.statistic import Group, Needs, Statistic, of_trades
from nightdesk.analytics.figure import Answer, Unit
from nightdesk.analytics.trades import edge, outcomes
from nightdesk.analytics.trades.book import ClosedTrades
from nightdesk.analytics.trades.realised import max_realised_drawdown, max_realised_drawdown_money


def row(
    name: str,
    title: str,
    group: Group,
    unit: Unit,
    function: Callable[[ClosedTrades], Answer],
    formula: str,
    agrees: str = "",
    differs: str = "",
) -> Statistic:
    """Build a row whose function takes closed trades."""
    return Statistic(name, title, group, unit, Needs.TRADES, of_trades(function), formula, agrees, differs)


OUTCOMES: Final = (
    row("total_trades", "Closed trades", Group.TRADES, Unit.COUNT, outcomes.total_trades,
        "round trips that closed in the window; open ones are counted apart", "backtesting.py, freqtrade, vectorbt"),
    Statistic("open_trades", "Open trades", Group.TRADES, Unit.COUNT, Needs.TRADES, material.open_trade_count,
              "positions still open at the end of the window"),
    row("winning_trades", "Winning trades", Group.TRADES, Unit.COUNT, outcomes.winning_trades,
        "net P&L above 0, after fees", "pyfolio, nautilus",
        "freqtrade's statistics look at profit_ratio: the same rows may give 48 or 170 wins"),
    row("losing_trades", "Losing trades", Group.TRADES, Unit.COUNT, outcomes.losing_trades,
        "net P&L below 0, after fees", "pyfolio, nautilus"),
    row("even_trades", "Even trades", Group.TRADES, Unit.COUNT, outcomes.even_trades,
        "net P&L of exactly 0, after fees", "pyfolio"),
    row("win_rate", "Win rate (trades, after fees)", Group.TRADES, Unit.FRACTION, outcomes.win_rate,
        "winning trades / all closed trades", "nautilus, vectorbt, backtesting.py, freqtrade",
        "freqtrade is 0 without trades"),
    row("total_pnl", "P&L, realised, after fees", Group.TRADES, Unit.MONEY, outcomes.total_pnl,
        "sum of net P&L of closed trades, exact; none over several currencies", "freqtrade, backtesting.py, pyfolio"),
    row("gross_profit", "Won by winning trades", Group.TRADES, Unit.MONEY, outcomes.gross_profit,
        "sum of net P&L above 0, exact", "vectorbt"),
    row("gross_loss", "Lost by losing trades", Group.TRADES, Unit.MONEY, outcomes.gross_loss,
        "sum of net P&L below 0, exact", "vectorbt"),
    row("fees", "Fees paid", Group.TRADES, Unit.MONEY, outcomes.fees,
        "sum of the fees of closed trades, exact; in the net P&L already"),
    row("average_profit", "Average P&L per closed trade", Group.TRADES, Unit.MONEY, outcomes.average_profit,
        "mean net P&L, even trades included (expectancy in money)", "freqtrade, vectorbt",
        "nautilus drops even trades"),
    row("median_profit", "Median P&L per closed trade", Group.TRADES, Unit.MONEY, outcomes.median_profit,
        "median net P&L"),
    row("average_winner", "Average winning trade", Group.TRADES, Unit.MONEY, outcomes.average_winner,
        "mean net P&L above 0", "nautilus, pyfolio"),
    row("average_loser", "Average losing trade", Group.TRADES, Unit.MONEY, outcomes.average_loser,
        "mean net P&L below 0", "nautilus, pyfolio"),
    row("best_trade", "Best trade", Group.TRADES, Unit.MONEY, outcomes.best_trade, "max net P&L",
        "nautilus MaxWinner"),
    row("worst_trade", "Worst trade", Group.TRADES, Unit.MONEY, outcomes.worst_trade, "min net P&L",
        "nautilus MaxLoser"),
    row("average_trade_return", "Average return per closed trade", Group.TRADES, Unit.FRACTION,
        outcomes.average_trade_return, "arithmetic mean of net return on what was put in",
        "freqtrade, backtesting.py Expectancy", "backtesting.py Avg. Trade: geometric"),
    row("geometric_trade_return", "Geometric mean return per closed trade", Group.TRADES, Unit.FRACTION,
        outcomes.geometric_trade_return, "exp(mean(log(1 + return))) - 1", "backtesting.py Avg. Trade"),
    row("best_trade_return", "Best return of a trade", Group.TRADES, Unit.FRACTION, outcomes.best_trade_return,
        "max net return", "vectorbt, backtesting.py"),
    row("worst_trade_return", "Worst return of a trade", Group.TRADES, Unit.FRACTION, outcomes.worst_trade_return,
        "min net return", "vectorbt, backtesting.py"),
    row("longest_winning_streak", "Most winning trades in a row", Group.TRADES, Unit.COUNT,
        outcomes.longest_winning_streak, "by close; an even trade ends it", "vectorbt, freqtrade"),
    row("longest_losing_streak", "Most losing trades in a row", Group.TRADES, Unit.COUNT,
        outcomes.longest_losing_streak, "by close; an even trade ends it", "vectorbt",
        "freqtrade counts an even trade as a loss"),
)  # fmt: skip

EDGE: Final = (
    Statistic("profit_factor", "Profit factor", Group.EDGE, Unit.RATIO, Needs.TRADES, of_trades(edge.profit_factor),
              "gross profit / |gross loss|, in money; infinite without a losing trade", "vectorbt, freqtrade, pyfolio",
              "backtesting.py on returns; quantstats and nautilus on daily returns; without losers freqtrade says 0.0, "
              "pyfolio NaN", infinite="no losing trade: the profit factor is infinite"),
    row("payoff_ratio", "Payoff ratio", Group.EDGE, Unit.RATIO, edge.payoff_ratio,
        "average winning trade / |average losing trade|", "pyfolio"),
    row("expectancy_ratio", "Expectancy ratio", Group.EDGE, Unit.RATIO, edge.expectancy_ratio,
        "(1 + payoff) * win rate - 1; none without losers", "freqtrade", "freqtrade is 100 without losers"),
    row("system_quality_number", "System quality number (SQN)", Group.EDGE, Unit.RATIO, edge.system_quality_number,
        "sqrt(N) * mean / std(ddof=1) of net P&L", "backtesting.py, vectorbt, freqtrade (4 digits)",
        "freqtrade is -100 below two trades"),
    row("p_value", "p-value of the mean P&L", Group.EDGE, Unit.FRACTION, edge.p_value,
        "two-sided one-sample t test of a mean of 0", "freqtrade", "freqtrade is 1.0 below two trades"),
    row("kelly_criterion", "Kelly criterion", Group.EDGE, Unit.FRACTION, edge.kelly_criterion,
        "win rate - (1 - win rate) / payoff; none without losers", "backtesting.py",
        "quantstats: on days that are not zero"),
    row("max_drawdown_realised_money", "Max drawdown of realised P&L", Group.DRAWDOWN, Unit.MONEY,
        max_realised_drawdown_money, "lowest sum of P&L below its peak so far, after each close, exact",
        "freqtrade, as an absolute value"),
    Statistic("max_drawdown_realised", "Max drawdown of realised equity", Group.DRAWDOWN, Unit.FRACTION, Needs.BOTH,
              lambda given: max_realised_drawdown(given.realised),
              "min(equity / peak - 1) after each close, from the starting balance",
              "freqtrade with relative=True, as an absolute value"),
)  # fmt: skip

TIMES: Final = (
    row("average_duration", "Average time in a trade", Group.DURATION, Unit.SECONDS, outcomes.average_duration,
        "mean of close - opening", "freqtrade, pyfolio", "backtesting.py rounds up to bars"),
    row("median_duration", "Median time in a trade", Group.DURATION, Unit.SECONDS, outcomes.median_duration,
        "median of close - opening", "pyfolio"),
    row("longest_duration", "Longest time in a trade", Group.DURATION, Unit.SECONDS, outcomes.longest_duration,
        "max of close - opening", "pyfolio, backtesting.py"),
    row("shortest_duration", "Shortest time in a trade", Group.DURATION, Unit.SECONDS, outcomes.shortest_duration,
        "min of close - opening", "pyfolio"),
    row("average_winner_duration", "Average time in a winning trade", Group.DURATION, Unit.SECONDS,
        outcomes.average_winner_duration, "mean of close - opening, winners", "freqtrade, rounded to minutes"),
    row("average_loser_duration", "Average time in a losing trade", Group.DURATION, Unit.SECONDS,
        outcomes.average_loser_duration, "mean of close - opening, losers", "freqtrade, rounded to minutes"),
    Statistic("time_in_market", "Time in market", Group.DURATION, Unit.FRACTION, Needs.TRADES,
              material.time_in_market,
              "share of the window with at least one position open; overlapping ones count once",
              differs="backtesting.py counts bars, entry and exit bar included; quantstats: share of non-zero returns, "
              "rounded up"),
)  # fmt: skip
