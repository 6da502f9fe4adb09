"""Statistics of closed trades: exact money, even trades, no losers, one trade, none."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.analytics.figure import Reason
from nightdesk.analytics.local_days import DayRule
from nightdesk.analytics.material import Material, time_in_market
from nightdesk.analytics.returns.curves import last_of_each_day
from nightdesk.analytics.student import two_sided
from nightdesk.analytics.trades import edge, outcomes
from nightdesk.analytics.trades.book import ClosedTrades
from nightdesk.analytics.trades.realised import RealisedEquity, max_realised_drawdown_money
from nightdesk.analytics.trades.splits import SplitBy, split
from nightdesk.model.money import exact_sum
from nightdesk.testing.ledger_rows import DAY, T0, a_trade

AMOUNTS = st.lists(st.decimals("-1e9", "1e9", places=8), max_size=40)


def a_book(*pnl: str | Decimal) -> ClosedTrades:
    """Build closed trades, one a day."""
    return ClosedTrades.of(a_trade(f"{at:04}", str(each), closed_at=T0 + at * DAY) for at, each in enumerate(pnl))


@given(AMOUNTS)
def test_sums_of_money_are_exact(amounts: list[Decimal]) -> None:
    """The total is the sum of integers of the smallest unit; winners and losers make it up; counts add up."""
    book = a_book(*amounts)
    assert book.total == Decimal(sum(int(each * 10**8) for each in amounts)) / 10**8
    assert book.gross_profit + book.gross_loss == book.total
    counts = [outcomes.winning_trades(book), outcomes.losing_trades(book), outcomes.even_trades(book)]
    assert sum(float(each) for each in counts if not isinstance(each, Reason)) == len(amounts)


def test_a_tiny_amount_beside_a_huge_one_is_not_lost() -> None:
    """What 28 digits would round away is kept."""
    assert format(exact_sum([Decimal("1e30"), Decimal("1e-30")]), "f") == f"1{'0' * 30}.{'0' * 29}1"


def test_even_trades_count_and_end_streaks() -> None:
    """[3, 0, 0, -1]: the mean is 0.5, the win rate a quarter; an even trade ends either streak."""
    book = a_book("3", "0", "0", "-1")
    assert outcomes.average_profit(book) == 0.5
    assert outcomes.win_rate(book) == 0.25
    assert outcomes.even_trades(book) == 2
    assert outcomes.longest_winning_streak(a_book("1", "1", "0", "1", "-1", "0", "-1")) == 2
    assert outcomes.longest_losing_streak(a_book("1", "1", "0", "1", "-1", "0", "-1")) == 1


def test_without_losers_the_profit_factor_is_infinite() -> None:
    """+inf in Python; what needs a loser has the reason instead."""
    book = a_book("1", "2")
    assert edge.profit_factor(book) == math.inf
    for function in (edge.payoff_ratio, edge.expectancy_ratio, edge.kelly_criterion, outcomes.average_loser):
        assert function(book) is Reason.NO_LOSING_TRADE


def test_no_trades_and_one() -> None:
    """Counts are 0 and P&L 0; ratios say why there are none."""
    none, one = a_book(), a_book("5")
    assert (outcomes.total_trades(none), outcomes.total_pnl(none)) == (0, 0)
    assert outcomes.win_rate(none) is Reason.NO_TRADES
    assert edge.system_quality_number(one) is Reason.ONE_TRADE
    assert edge.p_value(one) is Reason.ONE_TRADE
    assert edge.system_quality_number(a_book("2", "2")) is Reason.ZERO_TRADE_VARIANCE
    assert edge.profit_factor(a_book("0")) is Reason.NO_WINNING_TRADE


def test_known_ratios() -> None:
    """Worked out by hand: wins 6 and 2, a loss of 4."""
    book = a_book("6", "-4", "2")
    assert edge.profit_factor(book) == 2.0
    assert edge.payoff_ratio(book) == 1.0
    assert edge.expectancy_ratio(book) == pytest.approx(1 / 3)
    assert edge.kelly_criterion(book) == pytest.approx(1 / 3)
    assert max_realised_drawdown_money(book) == Decimal(-4)


@pytest.mark.parametrize(
    ("t", "freedom", "right"),
    [(0.0, 5, 1.0), (2.570581835636314, 5, 0.05), (12.706204736432095, 1, 0.05), (1.9602012636, 10_000, 0.05)],
)
def test_student_s_distribution(t: float, freedom: int, right: float) -> None:
    """The tabled quantiles, from one degree of freedom to ten thousand."""
    assert two_sided(t, freedom) == pytest.approx(right, rel=1e-5)


def test_trades_that_close_together_are_one_step() -> None:
    """Nobody knows an order among them, so a loss beside a larger gain is no drawdown."""
    together = ClosedTrades.of([a_trade("1", "10"), a_trade("2", "-5"), a_trade("3", "-20", closed_at=T0 + DAY)])
    equity = RealisedEquity(together, Decimal(100))
    assert equity.drawdowns.tolist() == pytest.approx([0, 0, -20 / 105])
    assert max_realised_drawdown_money(together) == Decimal(-20)


@given(st.lists(st.integers(-50, 60), min_size=1, max_size=30), st.integers(0, 29))
def test_a_window_of_realised_equity_is_a_part_of_the_whole(pnl: list[int], cut: int) -> None:
    """Equity from any day on is that of the whole from that day on."""
    book = a_book(*map(str, pnl))
    whole = RealisedEquity(book, Decimal(10_000))
    part = whole.since(T0 + cut * DAY, T0 + 100 * DAY)
    assert part.steps.tolist() == whole.steps[min(cut, len(pnl)) :].tolist()
    curve = last_of_each_day(whole.curve(DayRule(), T0, T0 + (len(pnl) - 1) * DAY), DayRule())
    assert curve.values[1:].tolist() == whole.steps[1:].tolist()


def test_splits_add_up() -> None:
    """Every trade is in one share of each split, weekdays in order, named by the account's clocks."""
    trades = [a_trade(str(at), str(at - 3), closed_at=T0 + at * DAY) for at in range(9)]
    book = ClosedTrades.of(replace(trade, tag="a" if at % 2 else "") for at, trade in enumerate(trades))
    for by in SplitBy:
        shares = split(book, by, DayRule())
        assert sum(share.trades for share in shares) == 9
        assert exact_sum(share.pnl for share in shares if share.pnl is not None) == book.total
    assert [share.key for share in split(book, SplitBy.WEEKDAY, DayRule())][:2] == ["Monday", "Tuesday"]
    assert split(book, SplitBy.HOUR, DayRule())[0].key == "22:00"
    assert split(book, SplitBy.HOUR, DayRule.of("Asia/Tokyo"))[0].key == "07:00"


def test_time_in_market_counts_overlaps_once() -> None:
    """Two positions at once are one; what is outside the window is not in it."""
    trades = [replace(a_trade(str(at)), opened_at=T0 + o * DAY, closed_at=T0 + c * DAY)
              for at, (o, c) in enumerate([(-1, 2), (1, 3), (6, 7)])]  # fmt: skip
    material = Material(ClosedTrades.of(trades), start=T0, end=T0 + 10 * DAY)
    assert time_in_market(material) == pytest.approx(0.4)


def test_a_trade_without_a_result_is_left_out_and_counted() -> None:
    """A closed trade whose P&L nobody reported is in no figure."""
    book = ClosedTrades.of([a_trade("1"), replace(a_trade("2"), pnl=None)])
    assert (len(book), book.left_out) == (1, 1)
    assert (book.during(0, T0).left_out, book.where(lambda trade: trade.symbol == "GOOG").left_out) == (0, 1)
    assert np.isfinite(book.results).all()
