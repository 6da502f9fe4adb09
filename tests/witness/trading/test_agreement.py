"""Figures beside the peers': real trades, equity and returns through the command line, and what two agree on."""

import csv
import gzip
import json
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nightdesk.cli.main import app

CHECKS = Path(os.environ.get("NIGHTDESK_CHECKS", "../shared/checks")) / "trading"
CASES = sorted(path.parent.name for path in CHECKS.glob("*/expected.json"))
pytestmark = pytest.mark.skipif(not CASES, reason=f"no trading cases at {CHECKS}; NIGHTDESK_CHECKS names their folder")

AGREED = {
    "total_return": "total_return",
    "annual_return (1+total)^(P/n)-1": "annual_return",
    "annual_volatility std(ddof=1)*sqrt(P)": "annual_volatility",
    "sharpe mean/std(ddof=1)*sqrt(P)": "sharpe_ratio",
    "sortino mean/sqrt(mean(min(r,0)^2))*sqrt(P)": "sortino_ratio",
    "downside_risk": "downside_risk",
    "max_drawdown of daily equity incl. start": "max_drawdown",
    "calmar annual_return/|max_drawdown|": "calmar_ratio",
    "omega(0)": "omega_ratio",
    "tail_ratio |p95|/|p5|": "tail_ratio",
    "value_at_risk 5 % (historical, linear percentile)": "value_at_risk",
    "conditional_value_at_risk 5 % (historical)": "conditional_value_at_risk",
    "skew (sample, bias-corrected)": "skew",
    "excess kurtosis (sample, bias-corrected)": "kurtosis",
    "stability R^2 of cum. log returns": "stability",
}
"""Agreed metrics of returns, and our names."""
AGREED_OF_TRADES = {
    "trade win_rate wins/all": "win_rate",
    "trade expectancy (money) = mean pnl": "average_profit",
    "trade profit_factor sum wins/|sum losses| (money)": "profit_factor",
    "trades": "total_trades",
    "total pnl (money)": "total_pnl",
    "mean trade return": "average_trade_return",
    "trade sqn sqrt(n)*mean/std(ddof=1)": "system_quality_number",
    "best trade return": "best_trade_return",
    "worst trade return": "worst_trade_return",
    "max consecutive wins": "longest_winning_streak",
    "max consecutive losses": "longest_losing_streak",
}
QUANTSTATS = {
    "smart_sharpe": "smart_sharpe_ratio",
    "probabilistic_sharpe_ratio": "probabilistic_sharpe_ratio",
    "gain_to_pain_ratio": "gain_to_pain_ratio",
    "value_at_risk": "value_at_risk_normal",
    "geometric_mean": "geometric_mean_return",
    "avg_win": "average_gain",
    "avg_loss": "average_loss",
    "payoff_ratio": "period_payoff_ratio",
    "best": "best_period",
    "worst": "worst_period",
    "consecutive_wins": "longest_winning_run",
    "consecutive_losses": "longest_losing_run",
}
"""Figures whose convention is quantstats' alone."""


def nightdesk(*words: object) -> str:
    """Run the command line in this process, which spares some fifty starts of Python, and return what it printed."""
    done = CliRunner().invoke(app, [*map(str, words)])
    assert done.exit_code == 0, done.output
    return done.stdout


def report(data: Path, *options: object) -> dict[str, Any]:
    """Return the JSON of a report over everything, read as strictly as JSON is defined."""

    def refuse(token: str) -> None:
        raise AssertionError(f"{token} is not JSON")

    text = nightdesk("report", "--data", data, "--window", "all", "--json", *options)
    answer: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return answer


def expected(case: str, name: str = "expected.json") -> dict[str, Any]:
    """Return what a case expects; empty where it has no such file."""
    path = CHECKS / case / name
    answer: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return answer


def differences(told: dict[str, Any], right: dict[str, Any], tolerance: float) -> dict[str, Any]:
    """Return the figures of ours that are not as they should be; NaN of a peer is None with a reason here."""
    wrong = {}
    for name, value in right.items():
        figure = told["statistics"][name]
        if value == "NaN" or isinstance(value, dict):
            fine = figure["value"] is None and figure["reason"]
        else:
            fine = figure["value"] == pytest.approx(value, rel=tolerance, abs=1e-12)
        if not fine:
            wrong[name] = (figure["value"], figure["reason"], value)
    return wrong


def agreed(case: str, names: dict[str, str]) -> dict[str, Any]:
    """Return what at least two peers agree on, by our names."""
    rows = expected(case, "agreement.json")
    return {ours: rows[theirs]["agreed"] for theirs, ours in names.items() if theirs in rows}


@pytest.mark.parametrize("case", CASES)
def test_returns_give_what_the_peers_agree_on(case: str, tmp_path: Path) -> None:
    """Every agreed metric of returns.csv, and those of one peer whose convention is ours, to 1e-7."""
    path = CHECKS / case / "returns.csv"
    periods = expected(case)["periods_per_year"]
    nightdesk("returns", "import", "--data", tmp_path / "d", "--mode", "backtest", path)
    told = report(tmp_path / "d", "--periods-per-year", periods)
    assert told["basis"] == "returns as reported"
    right = {name: value for name, value in agreed(case, AGREED).items() if value is not None}
    assert differences(told, right, 1e-7) == {}
    if told["statistics"]["period_win_rate"]["value"] is None:
        return  # of returns that are all zero quantstats says 0 or NaN as it likes; ours is None with a reason
    theirs = expected(case)["peers"]["quantstats"]["metrics"]
    assert differences(told, {ours: theirs[name] for name, ours in QUANTSTATS.items()}, 1e-7) == {}


@pytest.mark.parametrize("case", [case for case in CASES if (CHECKS / case / "equity.csv").exists()])
def test_equity_and_trades_give_what_the_peers_agree_on(case: str, tmp_path: Path) -> None:
    """Figures of money from trades.csv, figures of returns from equity.csv: each agreed one to 1e-6."""
    data = tmp_path / "d"
    for kind in ("trades", "equity"):
        nightdesk(
            kind, "import", "--data", data, "--mode", "backtest", "--currency", "USD", CHECKS / case / f"{kind}.csv"
        )
    told = report(data, "--periods-per-year", expected(case)["periods_per_year"])
    assert told["basis"] == "marked to market"
    right = {name: value for name, value in agreed(case, AGREED | AGREED_OF_TRADES).items() if value is not None}
    assert differences(told, right, 1e-6) == {}
    calendar = expected(case)["peers"]["ffn"]["metrics"]["PerformanceStats(daily last equity)"]
    assert differences(told, {"cagr": calendar["cagr"], "average_drawdown": calendar["avg_drawdown"]}, 1e-6) == {}


def test_a_freqtrade_database_imported_twice(tmp_path: Path) -> None:
    """94 trades once; money and win rate; drawdown and Sharpe None with their reason, for no balance is guessed."""
    file = _file("goog_smacross", "freqtrade_tradesv3.sqlite")
    for _ in range(2):
        nightdesk("trades", "import", "--data", tmp_path / "d", file)
    told = report(tmp_path / "d")
    assert (told["total_trades"], told["total_pnl_text"], told["winning_trades"]) == (94, "45574.51294", 50)
    assert told["win_rate"] == pytest.approx(0.5319148936170213)
    for name in ("max_drawdown", "sharpe_ratio"):
        assert told[name]["value"] is None
        assert "none is guessed" in told[name]["reason"]


def test_a_starting_balance_gives_realised_figures(tmp_path: Path) -> None:
    """With the balance a person states the drawdown is freqtrade's, and is labelled as realised only."""
    file = _file("goog_smacross", "freqtrade_tradesv3.sqlite")
    nightdesk("trades", "import", "--data", tmp_path / "d", "--starting-balance", 10_000, file)
    told = report(tmp_path / "d")
    assert told["basis"] == "realised only"
    assert told["max_drawdown"] == pytest.approx(-0.28597940714363806, rel=1e-9)
    assert told["statistics"]["max_drawdown"]["convention"].endswith("every day of the window")
    assert any("Realised only" in note for note in told["notes"])


def test_freqtrade_money_decides_who_won(tmp_path: Path) -> None:
    """179 trades, 170 wins by net P&L where the stored ratios say 48; exact to the last satoshi's fraction."""
    nightdesk("trades", "import", "--data", tmp_path / "d", _file("freqtrade_5m_247", "backtest-result.json"))
    told = report(tmp_path / "d")
    assert (told["total_trades"], told["winning_trades"]) == (179, 170)
    assert told["total_pnl"] == pytest.approx(0.0010419029856968845, rel=1e-15)
    peer = expected("freqtrade_5m_247")["peers"]["freqtrade"]["metrics"]["_generate_result_line"]
    right = {
        "profit_factor": peer["profit_factor"],
        "p_value": peer["p_value"],
        "max_drawdown_realised_money": -peer["max_drawdown_abs"],
        "max_drawdown": -peer["max_drawdown_account"],
        "expectancy_ratio": peer["expectancy_ratio"],
        "average_trade_return": peer["profit_mean"],
    }
    assert differences(told, right, 1e-7) == {}


def test_fills_make_the_round_trips_of_pyfolio(tmp_path: Path) -> None:
    """9,367 fills: as many round trips as pyfolio finds, the same P&L, and the same Sharpe from its returns."""
    nightdesk("trades", "import", "--data", tmp_path / "d", _file("pyfolio_fills", "fills.csv.gz"))
    told = report(tmp_path / "d")
    peer = expected("pyfolio_fills")["peers"]["pyfolio-reloaded"]["metrics"]
    assert told["total_trades"] == peer["round trips without add_closing_transactions"]
    assert told["total_pnl"] == pytest.approx(peer["their total pnl"], rel=1e-9)


def test_closed_at_the_last_marks_fills_are_the_change_of_equity(tmp_path: Path) -> None:
    """With what is open closed at the last marked value, P&L is the change of the account: 65,404.25."""
    last, fills = _rows("positions.csv.gz")[-1], _rows("fills.csv.gz")
    held: Counter[str] = Counter()
    for fill in fills:
        held[fill["symbol"]] += Decimal(fill["amount"])  # type: ignore[assignment] # shares, exact
    closing = [
        {"time": last["date"], "symbol": symbol, "amount": str(-amount), "price": str(Decimal(last[symbol]) / amount)}
        for symbol, amount in held.items()
        if amount
    ]
    with (tmp_path / "fills.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(fills[0]))
        writer.writeheader()
        writer.writerows([*fills, *closing])
    nightdesk("trades", "import", "--data", tmp_path / "d", "--mode", "backtest", tmp_path / "fills.csv")
    told = report(tmp_path / "d")
    peer = expected("pyfolio_fills")["peers"]["pyfolio-reloaded"]["metrics"]
    assert told["statistics"]["open_trades"]["value"] == 0
    assert told["total_pnl"] == pytest.approx(peer["equity change seen in positions.csv (first to last row)"], abs=0.01)


def _rows(name: str) -> list[dict[str, str]]:
    with gzip.open(_file("pyfolio_fills", name), "rt") as file:
        return list(csv.DictReader(file))


def _file(case: str, name: str) -> Path:
    path = CHECKS / case / name
    if not path.exists():
        pytest.skip(f"no {path}")
    return path
