"""Rows of the catalogue about drawdowns and about single periods."""

from typing import Final

from nightdesk.analytics.catalogue.returns import row
from nightdesk.analytics.catalogue.statistic import Group
from nightdesk.analytics.figure import Unit
from nightdesk.analytics.returns import drawdown, periods

DRAWDOWN: Final = (
    row("max_drawdown", "Max drawdown", Group.DRAWDOWN, Unit.FRACTION, drawdown.max_drawdown,
        "min(W / cummax(W) - 1), the starting 1 included; on realised equity after each close",
        "quantstats, empyrical, vectorbt, nautilus, pyfolio; realised: freqtrade, as an absolute value",
        "ffn and backtesting.py measure the given points; pyfolio's table misses a loss on the first day"),
    row("current_drawdown", "Drawdown at the end", Group.DRAWDOWN, Unit.FRACTION, drawdown.current_drawdown,
        "W_n / max(W) - 1"),
    row("average_drawdown", "Average drawdown", Group.DRAWDOWN, Unit.FRACTION, drawdown.average_drawdown,
        "mean depth of all falls, each counted once", "ffn, backtesting.py"),
    row("average_drawdown_duration", "Average drawdown duration", Group.DRAWDOWN, Unit.SECONDS,
        drawdown.average_drawdown_duration,
        "mean calendar time from peak to recovery; an open fall up to the last point",
        "backtesting.py, which rounds up to days", "ffn counts from the first day under water"),
    row("max_drawdown_duration", "Longest drawdown", Group.DRAWDOWN, Unit.SECONDS, drawdown.max_drawdown_duration,
        "longest calendar time from peak to recovery; an open fall up to the last point", "backtesting.py",
        "quantstats counts days under water; pyfolio business days"),
    row("time_under_water", "Time under water", Group.DRAWDOWN, Unit.FRACTION, drawdown.time_under_water,
        "share of the periods that end below the peak so far"),
    row("ulcer_index", "Ulcer index", Group.DRAWDOWN, Unit.FRACTION, drawdown.ulcer_index,
        "sqrt(mean(drawdown^2)) over n periods", "vectorbt",
        "quantstats divides by n - 1; ffn in percent, over equity points"),
)  # fmt: skip

PERIODS: Final = (
    row("period_win_rate", "Win rate (periods)", Group.PERIODS, Unit.FRACTION, periods.period_win_rate,
        "gains / periods whose return is not zero; not the win rate of trades", "quantstats win_rate",
        "ffn counts months by n - 1"),
    row("average_gain", "Average gain (periods)", Group.PERIODS, Unit.FRACTION, periods.average_gain,
        "mean of r above 0", "quantstats avg_win, nautilus"),
    row("average_loss", "Average loss (periods)", Group.PERIODS, Unit.FRACTION, periods.average_loss,
        "mean of r below 0", "quantstats avg_loss, nautilus"),
    row("period_payoff_ratio", "Payoff ratio (periods)", Group.PERIODS, Unit.RATIO, periods.period_payoff,
        "average gain / |average loss| of periods", "quantstats payoff_ratio"),
    row("best_period", "Best period", Group.PERIODS, Unit.FRACTION, periods.best_period, "max(r)", "quantstats, ffn"),
    row("worst_period", "Worst period", Group.PERIODS, Unit.FRACTION, periods.worst_period, "min(r)",
        "quantstats, ffn"),
    row("longest_winning_run", "Most winning periods in a row", Group.PERIODS, Unit.COUNT,
        periods.longest_winning_run, "a period of zero ends it", "quantstats"),
    row("longest_losing_run", "Most losing periods in a row", Group.PERIODS, Unit.COUNT, periods.longest_losing_run,
        "a period of zero ends it", "quantstats"),
)  # fmt: skip
