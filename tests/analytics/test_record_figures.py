"""Statistics of returns: what holds for all records, and what the edges answer."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.analytics.catalogue.statistic import Needs
from nightdesk.analytics.catalogue.table import STATISTICS
from nightdesk.analytics.figure import Answer, Reason
from nightdesk.analytics.material import Material
from nightdesk.analytics.plain import max_drawdown_of, max_drawdown_of_equity, sharpe_of
from nightdesk.analytics.returns import drawdown, growth, periods, ratios, risk
from nightdesk.analytics.returns.record import Record
from nightdesk.analytics.trades.book import ClosedTrades
from nightdesk.model.curve import Basis, Returns

DAY = 86_400 * 10**9
RETURNS = st.lists(st.floats(-0.9, 2.0, allow_nan=False), min_size=2, max_size=80)


def a_record(*values: float, periods_per_year: float | None = 252, risk_free: float = 0.0) -> Record:
    """Build a record of daily returns that began a day before the first."""
    times = np.arange(1, len(values) + 1, dtype=np.int64) * DAY
    returns = Returns(times, np.array(values, dtype=np.float64), Basis.REPORTED)
    return Record.of(returns, started_at=0, periods_per_year=periods_per_year, risk_free=risk_free)


def number(answer: Answer) -> float:
    """Return an answer that has to be a number."""
    assert not isinstance(answer, Reason), answer
    return float(answer)


@given(RETURNS)
def test_no_statistic_ever_answers_nan(values: list[float]) -> None:
    """Each answer is a number or a reason, whatever the returns."""
    record = a_record(*values)
    for statistic in STATISTICS:
        if statistic.needs is Needs.RETURNS:
            figure = statistic.of(Material(ClosedTrades((), ()), record))
            assert figure.value is not None or figure.reason
            assert figure.value is None or not math.isnan(float(figure.value)), statistic.name


@given(RETURNS)
def test_figures_agree_with_their_formulas(values: list[float]) -> None:
    """Each figure is what its formula says, worked out the plain way."""
    record, r = a_record(*values), np.array(values)
    wealth = np.concatenate(([1.0], np.cumprod(1 + r)))
    assert number(growth.total_return(record)) == pytest.approx(wealth[-1] - 1, abs=1e-9)
    lowest = min(wealth[i] / max(wealth[: i + 1]) - 1 for i in range(len(wealth)))
    assert number(drawdown.max_drawdown(record)) == pytest.approx(lowest, abs=1e-11)
    assert number(risk.value_at_risk(record)) == pytest.approx(float(np.percentile(r, 5)), abs=1e-12)
    if r.max() - r.min() > 1e-12:
        assert number(ratios.sharpe_ratio(record)) == pytest.approx(r.mean() / r.std(ddof=1) * math.sqrt(252), rel=1e-9)
    if r.min() < -1e-9:
        pain = -r[r < 0].sum()
        assert number(ratios.gain_to_pain_ratio(record)) == pytest.approx(r.sum() / pain, abs=1e-9)
        assert number(ratios.omega_ratio(record)) == pytest.approx(r.sum() / pain + 1, abs=1e-9)


@given(RETURNS)
def test_the_falls_hold_the_deepest_and_never_overlap(values: list[float]) -> None:
    """Falls follow one another in time; the deepest is the max drawdown; every depth is below zero."""
    record = a_record(*values)
    found = drawdown.episodes(record)
    depths = [each.depth for each in found]
    assert min(depths, default=0.0) == number(drawdown.max_drawdown(record))
    assert all(depth < 0 for depth in depths)
    for before, after in pairwise(found):
        assert before.recovered_at is not None
        assert after.peak_at is not None
        assert before.recovered_at <= after.peak_at < after.valley_at
    assert sum(each.recovered_at is None for each in found) <= 1


@given(RETURNS, st.floats(0.5, 3.0))
def test_ratios_do_not_depend_on_leverage(values: list[float], factor: float) -> None:
    """Sharpe and Sortino of returns times a factor are the same: both are free of scale."""
    record, scaled = a_record(*values), a_record(*[value * factor for value in values])
    for ratio in (ratios.sharpe_ratio, ratios.sortino_ratio):
        one, other = ratio(record), ratio(scaled)
        if not isinstance(one, Reason) and not isinstance(other, Reason) and abs(number(one)) < 1e6:
            assert number(other) == pytest.approx(number(one), rel=1e-6, abs=1e-9)


def test_a_loss_on_the_first_day_is_a_drawdown() -> None:
    """Wealth starts with 1 before the first return."""
    record = a_record(-0.1, 0.05)
    assert number(drawdown.max_drawdown(record)) == pytest.approx(-0.1)
    assert drawdown.episodes(record)[0].peak_at == 0


def test_an_unknown_start_has_no_peak_date_and_no_calendar_rate() -> None:
    """Where nobody says when the first period began, the peak's date is None and so is the CAGR."""
    times = np.array([DAY, 2 * DAY], dtype=np.int64)
    record = Record.of(Returns(times, np.array([-0.1, 0.0]), Basis.REPORTED), periods_per_year=252)
    assert drawdown.episodes(record)[0].peak_at is None
    assert growth.cagr(record) is Reason.START_UNKNOWN


def test_rounding_does_not_hide_a_recovery() -> None:
    """Equity that is back at its peak has recovered, although the product of the returns falls short by 1e-16."""
    equity = np.array([100.0, 90.0, 100.0, 70.0, 100.0])
    record = a_record(*(equity[1:] / equity[:-1] - 1))
    assert [round(each.depth, 12) for each in drawdown.episodes(record)] == [-0.1, -0.3]
    assert all(each.recovered_at is not None for each in drawdown.episodes(record))


@pytest.mark.parametrize("value", [0.0, 0.001, 0.1 + 0.2 - 0.3])
def test_equal_returns_have_no_ratio(value: float) -> None:
    """Zero variance is told by range, so 1e16 is never a Sharpe ratio; the volatility is exactly 0."""
    record = a_record(*[value] * 50)
    assert ratios.sharpe_ratio(record) is Reason.ZERO_VARIANCE
    assert ratios.sortino_ratio(record) is Reason.ZERO_VARIANCE
    assert risk.annual_volatility(record) == 0.0
    assert ratios.calmar_ratio(record) is Reason.NO_DRAWDOWN
    assert risk.skew(record) is Reason.ZERO_VARIANCE


def test_a_total_loss_has_no_rate_and_keeps_its_drawdown() -> None:
    """-150 % in a day: no rate, a drawdown below -100 %, and a total for as long as nothing is said to grow from it."""
    record = a_record(0.1, -1.5, 0.2)
    assert growth.annual_return(record) is Reason.TOTAL_LOSS
    assert growth.cagr(record) is Reason.TOTAL_LOSS
    assert growth.stability(record) is Reason.TOTAL_LOSS
    assert number(drawdown.max_drawdown(record)) == pytest.approx(-1.5)
    assert growth.total_return(record) is Reason.TOTAL_LOSS
    assert number(growth.total_return(a_record(0.1, -1.5))) == pytest.approx(1.1 * -0.5 - 1)


def test_records_too_short_say_so() -> None:
    """No return, and one: a reason each, never an exception."""
    assert ratios.sharpe_ratio(a_record()) is Reason.TOO_FEW_RETURNS
    assert growth.total_return(a_record()) is Reason.NO_RETURNS
    assert ratios.sharpe_ratio(a_record(0.1)) is Reason.TOO_FEW_RETURNS
    assert growth.total_return(a_record(0.1)) == pytest.approx(0.1)


def test_unknown_periods_leave_what_needs_no_year() -> None:
    """Without periods a year nothing is annualised; total return and drawdown are told."""
    record = a_record(0.1, -0.2, periods_per_year=None)
    assert ratios.sharpe_ratio(record) is Reason.NO_PERIODS
    assert growth.annual_return(record) is Reason.NO_PERIODS
    assert number(drawdown.max_drawdown(record)) == pytest.approx(-0.2)


def test_the_risk_free_rate_is_a_year_s() -> None:
    """Each period's share of a yearly rate is taken off: (1 + rf)^(1/P) - 1."""
    record = a_record(0.01, -0.005, 0.02, risk_free=0.02)
    r = np.array([0.01, -0.005, 0.02]) - (1.02 ** (1 / 252) - 1)
    assert number(ratios.sharpe_ratio(record)) == pytest.approx(r.mean() / r.std(ddof=1) * math.sqrt(252))


def test_what_is_no_number_is_left_out_and_counted() -> None:
    """NaN and infinity enter no figure and no n."""
    record = a_record(0.1, math.nan, math.inf, -0.05)
    assert (len(record), record.skipped) == (2, 2)


def test_runs_end_at_zero() -> None:
    """A period of zero ends a run of gains and one of losses."""
    record = a_record(0.1, 0.1, 0.0, 0.1, -0.1, -0.1, -0.1, 0.0, -0.1)
    assert (periods.longest_winning_run(record), periods.longest_losing_run(record)) == (2, 3)
    assert periods.period_win_rate(record) == pytest.approx(3 / 7)


def test_plain_numbers_have_plain_answers() -> None:
    """Sequences in, a float or None out."""
    assert sharpe_of([0.01, 0.03], 252) == pytest.approx(0.02 / math.sqrt(0.0002) * math.sqrt(252))
    assert sharpe_of([0.01, 0.01], 252) is None
    assert sharpe_of([], 252) is None
    assert max_drawdown_of([0.1, -0.5, 0.2]) == pytest.approx(-0.5)
    assert max_drawdown_of_equity([100, 50, 80]) == -0.5
    assert max_drawdown_of_equity([100]) is None
