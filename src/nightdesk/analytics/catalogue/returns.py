"""Rows of the catalogue that need returns: growth, risk, and reward against risk."""

from collections.abc import Callable
from typing import Final

from nightdesk.analytics.catalogue.statistic import Group, Needs, Statistic, of_returns
from nightdesk.analytics.figure import Answer, Unit
from nightdesk.analytics.returns import growth, ratios, risk
from nightdesk.analytics.returns.record import Record


def row(
    name: str,
    title: str,
    group: Group,
    unit: Unit,
    function: Callable[[Record], Answer],
    formula: str,
    agrees: str = "",
    differs: str = "",
    *,
    annualised: bool = False,
) -> Statistic:
    """Build a row whose function takes a record of returns."""
    return Statistic(
        name, title, group, unit, Needs.RETURNS, of_returns(function), formula, agrees, differs, annualised
    )


ALL: Final = "quantstats, empyrical, vectorbt, nautilus, ffn"

GROWTH: Final = (
    row("total_return", "Total return", Group.RETURN, Unit.FRACTION, growth.total_return, "W_n - 1",
        "quantstats comp, empyrical, vectorbt, ffn, backtesting.py"),
    row("annual_return", "Annual return (geometric, on periods)", Group.RETURN, Unit.FRACTION, growth.annual_return,
        "W_n^(P/n) - 1; none after a total loss",
        "quantstats cagr, empyrical annual_return and cagr, vectorbt, nautilus CAGR, backtesting.py Return (Ann.)",
        "ffn cagr and backtesting.py CAGR are the calendar one; empyrical turns a total loss into -0.99999",
        annualised=True),
    row("cagr", "CAGR (calendar)", Group.RETURN, Unit.FRACTION, growth.cagr,
        "W_n^(365.25 days / elapsed) - 1, from the start of the first period to the end of the last",
        "ffn cagr, backtesting.py CAGR", "freqtrade takes 365 and whole days"),
    row("mean_return", "Mean return a period", Group.RETURN, Unit.FRACTION, growth.mean_return, "mean(r)",
        "nautilus Average (Return)", "quantstats avg_return leaves out periods of zero"),
    row("geometric_mean_return", "Geometric mean return a period", Group.RETURN, Unit.FRACTION, growth.geometric_mean,
        "W_n^(1/n) - 1", "quantstats"),
    row("stability", "Stability", Group.RETURN, Unit.RATIO, growth.stability,
        "R^2 of the line through the cumulated log returns against time", "empyrical, pyfolio"),
)  # fmt: skip

RISK: Final = (
    row("annual_volatility", "Annual volatility", Group.RISK, Unit.FRACTION, risk.annual_volatility,
        "std(r, ddof=1) * sqrt(P)", ALL, "backtesting.py: log-normal compounding", annualised=True),
    row("downside_risk", "Downside risk", Group.RISK, Unit.FRACTION, risk.downside_risk,
        "sqrt(mean(min(r - rf_p, 0)^2)) * sqrt(P), divisor all n", "empyrical, vectorbt", annualised=True),
    row("value_at_risk", "Value at risk, 5 %, historical", Group.RISK, Unit.FRACTION, risk.value_at_risk,
        "5th percentile of r, linear; a loss is negative", "empyrical, vectorbt",
        "quantstats is the normal one; pyfolio mean - 2 sigma"),
    row("value_at_risk_normal", "Value at risk, 5 %, normal", Group.RISK, Unit.FRACTION, risk.normal_value_at_risk,
        "mean(r) - 1.6449 * std(r, ddof=1)", "quantstats"),
    row("conditional_value_at_risk", "Conditional value at risk, 5 %", Group.RISK, Unit.FRACTION,
        risk.conditional_value_at_risk, "mean of the lowest int((n - 1) * 0.05) + 1 returns",
        "empyrical, vectorbt, quantstats with method='historical'", "quantstats by default: normal"),
    row("tail_ratio", "Tail ratio", Group.RISK, Unit.RATIO, risk.tail_ratio, "|95th percentile| / |5th percentile|",
        "quantstats, empyrical, vectorbt, nautilus", "vectorbt is infinite where the 5th percentile is zero"),
    row("skew", "Skewness", Group.RISK, Unit.RATIO, risk.skew, "sample skewness, bias-corrected",
        "quantstats, nautilus, ffn", "empyrical and pyfolio: biased"),
    row("kurtosis", "Excess kurtosis", Group.RISK, Unit.RATIO, risk.kurtosis,
        "sample excess kurtosis, bias-corrected; 0 for a normal distribution", "quantstats, nautilus, ffn",
        "empyrical and pyfolio: biased"),
)  # fmt: skip

RATIOS: Final = (
    row("sharpe_ratio", "Sharpe ratio", Group.RATIO, Unit.RATIO, ratios.sharpe_ratio,
        "mean(r - rf_p) / std(r, ddof=1) * sqrt(P); rf_p = (1 + rf)^(1/P) - 1, rf a year, 0 unless stated", ALL,
        "backtesting.py: geometric; freqtrade: a daily mean over the deviation of single trades; vectorbt is infinite "
        "at zero variance; empyrical and vectorbt take rf a PERIOD", annualised=True),
    row("smart_sharpe_ratio", "Smart Sharpe ratio", Group.RATIO, Unit.RATIO, ratios.smart_sharpe_ratio,
        "Sharpe / sqrt(1 + 2 sum (1 - k/n) rho^k), rho = |lag-1 autocorrelation|", "quantstats", annualised=True),
    row("probabilistic_sharpe_ratio", "Probabilistic Sharpe ratio", Group.RATIO, Unit.FRACTION,
        ratios.probabilistic_sharpe_ratio,
        "norm.cdf(SR sqrt(n - 1) / sqrt(1 - skew SR + (k - 1)/4 SR^2)), SR a period, k kurtosis (3 for normal)",
        "quantstats 0.0.86", "quantstats up to 0.0.78 took 3 off twice"),
    row("sortino_ratio", "Sortino ratio", Group.RATIO, Unit.RATIO, ratios.sortino_ratio,
        "mean(r - rf_p) / sqrt(mean(min(r - rf_p, 0)^2)) * sqrt(P), divisor all n", ALL,
        "backtesting.py: geometric numerator; freqtrade: deviation of the losers round their own mean, -100 as a "
        "sentinel", annualised=True),
    row("calmar_ratio", "Calmar ratio", Group.RATIO, Unit.RATIO, ratios.calmar_ratio,
        "annual return (geometric, on periods) / |max drawdown|",
        "quantstats, empyrical, vectorbt, nautilus, backtesting.py",
        "ffn takes the calendar CAGR; freqtrade: mean daily % / drawdown * sqrt(365)", annualised=True),
    row("omega_ratio", "Omega ratio", Group.RATIO, Unit.RATIO, ratios.omega_ratio,
        "sum of gains over rf_p / sum of shortfalls below it; none without a loss",
        "quantstats, empyrical, vectorbt, nautilus", "vectorbt is infinite without a loss"),
    row("gain_to_pain_ratio", "Gain-to-pain ratio", Group.RATIO, Unit.RATIO, ratios.gain_to_pain_ratio,
        "sum(r) / |sum of r below 0|, on the record's own periods", "quantstats"),
    row("ulcer_performance_index", "Ulcer performance index", Group.RATIO, Unit.RATIO, ratios.ulcer_performance_index,
        "(annual return - rf) / ulcer index", "",
        "quantstats takes the total return; ffn the calendar CAGR and equity points", annualised=True),
    row("recovery_factor", "Recovery factor", Group.RATIO, Unit.RATIO, ratios.recovery_factor,
        "total return / |max drawdown|, signed", "", "quantstats: the absolute arithmetic sum, positive for losers"),
)  # fmt: skip
