"""What a trader must never be told wrongly: currencies, deposits, modes, windows, balances that nobody stated."""

import math
from collections.abc import Iterable
from decimal import Decimal

import pytest

from nightdesk.analytics.local_days import DayRule
from nightdesk.analytics.plain import sharpe_of
from nightdesk.app.embed.analytics_engine import AnalyticsEngine
from nightdesk.app.performance.account import Account
from nightdesk.app.performance.performance import Performance, performance_of
from nightdesk.app.performance.reading import Question, read, read_performance
from nightdesk.app.performance.window import Window
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.errors import BadDuration, Refused
from nightdesk.model.curve import Basis
from nightdesk.model.instant import to_millis
from nightdesk.model.ledger import CashFlow, EquityMark, LedgerEntry, ReturnMark, Selection, SetAside, StartingBalance
from nightdesk.model.trade import Mode, Portfolio
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.ledger import MemoryLedger
from nightdesk.testing.ledger_rows import DAY, T0, a_trade, in_portfolio, origin
from nightdesk.workers import Workers

NOW = to_millis(T0 + 10 * DAY)


def a_desk(rows: Iterable[LedgerEntry]) -> TradingDesk:
    """Open a trading desk on rows."""
    ledger = MemoryLedger()
    ledger.take(list(rows))
    return TradingDesk(ledger, Workers("ledger", 0))


def told(
    rows: Iterable[LedgerEntry],
    window: str = "all",
    account: Account = Account(),  # noqa: B008 - frozen
    periods: float | None = None,
    mode: Mode | None = None,
    now: int = NOW,
) -> Performance:
    """Return the figures of rows."""
    question = Question(Selection(mode=mode), Window.parse(window, now), periods)
    return read_performance(a_desk(rows), question, lambda _name: account)


def mark(day: float, equity: str, currency: str = "USD", portfolio: Portfolio | None = None) -> EquityMark:
    """Build an equity mark some days after T0."""
    return EquityMark(origin(f"mark {day}", portfolio=portfolio), T0 + int(day * DAY), Decimal(equity), currency)


def flow(day: float, amount: str) -> CashFlow:
    """Build a deposit or a withdrawal some days after T0."""
    return CashFlow(origin(f"flow {day}"), T0 + int(day * DAY), Decimal(amount), "USD")


def balance(amount: str, portfolio: Portfolio | None = None) -> StartingBalance:
    """Build a stated balance."""
    return StartingBalance(origin("balance", portfolio=portfolio), Decimal(amount), "USD")


def test_several_currencies_are_never_added() -> None:
    """Without a rate the total is None with its reason, and each currency has its own exact sum."""
    found = told([a_trade("1", "5"), a_trade("2", "0.1", currency="EUR"), a_trade("3", "0.2", currency="EUR")])
    assert found.figure("total_pnl").value is None
    assert "several currencies" in str(found.figure("total_pnl").reason)
    sums = {each.currency: each.figures["total_pnl"].value for each in found.by_currency}
    assert sums == {"EUR": Decimal("0.3"), "USD": Decimal(5)}
    assert found.figure("win_rate").value == 1.0
    assert found.figure("total_trades").value == 3


def test_a_deposit_is_no_profit() -> None:
    """Money put in or taken out moves equity and leaves return, drawdown and Sharpe as they were."""
    moved: list[LedgerEntry] = [
        mark(0, "100"),
        mark(1, "110"),
        flow(1.5, "1000"),
        mark(2, "1110"),
        flow(2.5, "-600"),
        mark(3, "459"),
    ]
    still = [mark(0, "100"), mark(1, "110"), mark(2, "110"), mark(3, "104.95")]
    with_flows, without = told(moved), told(still)
    assert with_flows.figure("total_return").value == pytest.approx(1.1 * (1059 / 1110) - 1)
    assert without.figure("total_return").value == pytest.approx(0.0495)
    assert with_flows.figure("max_drawdown").value == pytest.approx(1059 / 1110 - 1)


def test_a_deposit_is_no_profit_of_realised_equity_either() -> None:
    """On closed trades and a stated balance a deposit is no return."""
    rows: list[LedgerEntry] = [
        balance("100"),
        a_trade("1", "10"),
        flow(0.5, "1000"),
        a_trade("2", "-111", closed_at=T0 + DAY),
    ]
    found = told(rows)
    assert found.basis is Basis.REALISED
    assert found.path is not None
    assert found.path.drawdowns.min() == found.figure("max_drawdown").value
    assert found.path.values.tolist() == [100, 110, 1110, 999]
    assert found.figure("total_return").value == pytest.approx(1.1 * 0.9 - 1)
    assert found.figure("max_drawdown").value == pytest.approx(-0.1)


def test_a_balance_is_never_guessed() -> None:
    """Without equity, returns or a balance, drawdown and Sharpe are None with a reason, and money is told."""
    found = told([a_trade("1", "5"), a_trade("2", "-2")])
    for name in ("sharpe_ratio", "max_drawdown", "calmar_ratio", "annual_volatility", "max_drawdown_realised"):
        assert found.figure(name).value is None
        assert "none is guessed" in str(found.figure(name).reason)
    assert found.figure("total_pnl").value == Decimal(3)
    assert found.figure("max_drawdown_realised_money").value == 0  # both closed at one instant: one step


def test_a_balance_is_that_of_each_bot_or_of_the_account() -> None:
    """Balances of bots are added only where each bot that traded has one."""
    one, two = in_portfolio(bot="one"), in_portfolio(bot="two")
    trades = [a_trade("1", "10", portfolio=one), a_trade("2", "10", portfolio=two)]
    both = [balance("100", one), balance("300", two)]
    assert told([*trades, *both]).figure("total_return").value == pytest.approx(20 / 400)
    missing = told([*trades, both[0]])
    assert missing.figure("total_return").value is None
    assert any("two" in note for note in missing.notes)


def test_a_balance_of_the_settings_counts_as_stated() -> None:
    """`starting_balance` under `[accounts.NAME]` is a person's word."""
    found = told([a_trade("1", "10")], account=Account(starting_balance=Decimal(200)))
    assert found.figure("total_return").value == pytest.approx(0.05)


def test_a_window_without_trades_names_the_last_one() -> None:
    """Counts are 0, ratios None, and the date of the last trade stands in the reason and the notes."""
    found = told([a_trade("1", "5")], window="3d")
    assert found.figure("total_trades").value == 0
    assert found.figure("total_pnl").value == 0
    assert found.figure("win_rate").value is None
    assert "the last one closed 2023-11-14 22:13 UTC" in str(found.figure("win_rate").reason)
    assert any("2023-11-14" in note for note in found.notes)


def test_trades_belong_to_a_window_by_their_close() -> None:
    """[now - 30 d, now): the close at its beginning is in, the one at its end is not."""
    start, end = T0, T0 + 10 * DAY
    rows: list[LedgerEntry] = [
        a_trade("before", "1", closed_at=start - 1),
        a_trade("first", "2", closed_at=start),
        a_trade("last", "4", closed_at=end - 1),
        a_trade("after", "8", closed_at=end),
    ]
    assert told(rows, window="10d").figure("total_pnl").value == 6


def test_equity_and_its_peak_begin_with_the_window() -> None:
    """A fall from a peak before the window is in the all-time drawdown alone."""
    rows: list[LedgerEntry] = [mark(0, "200"), mark(3, "100"), mark(5, "100"), mark(8, "90"), mark(9, "120")]
    found = told(rows, window="6d")
    assert found.figure("max_drawdown").value == pytest.approx(-0.1)
    assert found.figure("max_drawdown_all_time").value == pytest.approx(-0.55)
    assert found.figure("total_return").value == pytest.approx(0.2)


def test_a_window_of_realised_equity_begins_with_what_was_there() -> None:
    """The balance at the window's beginning is the stated one and what closed before it."""
    rows: list[LedgerEntry] = [
        balance("100"),
        a_trade("1", "100", closed_at=T0),
        a_trade("2", "20", closed_at=T0 + 8 * DAY),
    ]
    found = told(rows, window="5d")
    assert found.figure("total_return").value == pytest.approx(0.1)
    assert found.figure("sharpe_ratio").n == 6


@pytest.mark.parametrize("text", ["", "30", "-5d", "0", "yesterday"])
def test_a_window_that_is_none_is_refused(text: str) -> None:
    """The message says what would be right."""
    with pytest.raises((Refused, BadDuration), match=r"write e\.g\."):
        Window.parse(text, NOW)


def test_modes_are_never_mixed() -> None:
    """Live before paper before back-test unless one is named; what is left out is listed."""
    paper, tested = in_portfolio(mode=Mode.PAPER), in_portfolio(mode=Mode.BACKTEST)
    rows: list[LedgerEntry] = [
        a_trade("1", "1"),
        a_trade("2", "10", portfolio=paper),
        a_trade("3", "100", portfolio=tested),
    ]
    found = told(rows)
    assert found.figure("total_pnl").value == 1
    assert found.selection.mode is Mode.LIVE
    assert any("paper" in note and "backtest" in note for note in found.notes)
    assert told(rows, mode=Mode.PAPER).figure("total_pnl").value == 10
    assert told(rows[1:]).figure("total_pnl").value == 10


def test_a_book_of_several_modes_has_no_figures() -> None:
    """Whoever hands over a mixed book is refused."""
    desk = a_desk([a_trade("1", "1"), a_trade("2", "1", portfolio=in_portfolio(mode=Mode.PAPER))])
    with pytest.raises(Refused, match="never mixed"):
        performance_of(desk.book(Selection()), Window.parse("all", NOW), Account())


def test_several_marks_a_day_are_one_return_of_the_account_day() -> None:
    """Days are the account's: a mark at 22:13 UTC is tomorrow's in Tokyo; equity begins with the very first mark."""
    rows: list[LedgerEntry] = [mark(0, "100"), mark(0.02, "50"), mark(0.05, "110"), mark(1.2, "121")]
    assert told(rows).figure("sharpe_ratio").n == 2
    found = told(rows, account=Account(days=DayRule.of("Asia/Tokyo")))
    assert found.figure("total_return").value == pytest.approx(0.21)
    assert found.figure("max_drawdown").value == 0


def test_a_loss_on_the_first_day_is_a_loss() -> None:
    """With several marks a day the first of them all is where equity begins: nothing before it, all after it counts."""
    found = told([mark(0, "10000"), mark(0.05, "5000"), mark(1, "5000"), mark(2, "5100")])
    assert found.figure("total_return").value == pytest.approx(-0.49)
    assert found.figure("max_drawdown").value == pytest.approx(-0.5)
    assert found.path is not None
    assert found.path.values.tolist() == [10000, 5000, 5000, 5100]
    one_day = told([mark(hour / 24, str(100 - hour)) for hour in (0, 0.5, 1)])
    assert one_day.figure("total_return").value == pytest.approx(-0.01)
    assert one_day.figure("total_return").n == 1


def test_a_window_holds_the_period_that_ends_in_it() -> None:
    """Equity and the returns reported of it tell the same of a window: the loss that enters it counts in both."""
    equity = [mark(day, amount) for day, amount in enumerate(("100", "110", "55", "60", "66"))]
    values = [0.1, -0.5, 60 / 55 - 1, 0.1]
    returns = [ReturnMark(origin(str(day)), T0 + day * DAY, value) for day, value in enumerate(values, 1)]
    both: list[list[LedgerEntry]] = [list(equity), list(returns)]
    for rows in both:
        found = told(rows, window="8d")
        assert found.figure("total_return").n == 3
        assert found.figure("total_return").value == pytest.approx(-0.4)
        assert found.figure("max_drawdown").value == pytest.approx(-0.5)


def test_a_deposit_hides_no_loss_of_its_day() -> None:
    """Half is lost, ten times as much is put in, a tenth is earned on it: -45 %, whatever equity is made of."""
    marked: list[LedgerEntry] = [
        mark(0, "100"),
        mark(1.1, "50"),
        flow(1.2, "1000"),
        mark(1.3, "1050"),
        mark(1.5, "1155"),
        mark(2.5, "1155"),
    ]
    realised: list[LedgerEntry] = [
        balance("100"),
        a_trade("1", "-50", closed_at=T0 + DAY + DAY // 4),
        flow(1.3, "1000"),
        a_trade("2", "105", closed_at=T0 + DAY + DAY // 2),
        flow(1.6, "-1055"),
        a_trade("3", "-10", closed_at=T0 + DAY + 3 * DAY // 4),
    ]
    assert told(marked).figure("total_return").value == pytest.approx(-0.45)
    found = told(realised)
    assert found.figure("total_return").value == pytest.approx(0.5 * 1.1 * 0.9 - 1)
    assert found.figure("max_drawdown").value == pytest.approx(0.5 * 1.1 * 0.9 - 1)
    assert found.path is not None
    assert found.path.drawdowns[-1] == pytest.approx(0.5 * 1.1 * 0.9 - 1)


def test_reported_returns_come_first_and_say_so() -> None:
    """Returns as a source gave them are taken as they are; a return that is no number is left out and counted."""
    marks = [ReturnMark(origin(str(day)), T0 + day * DAY, value) for day, value in enumerate((0.01, math.nan, 0.02))]
    found = told([*marks, mark(0, "100"), mark(1, "50")])
    assert found.basis is Basis.REPORTED
    assert found.figure("total_return").value == pytest.approx(1.01 * 1.02 - 1)
    assert found.figure("total_return").n == 2
    assert any("1 returns were no number" in note for note in found.notes)


def test_days_without_a_close_are_zero_days() -> None:
    """The realised record holds every day from the first opening to the last close."""
    rows: list[LedgerEntry] = [balance("100"), a_trade("1", "10"), a_trade("2", "10", closed_at=T0 + 5 * DAY)]
    found = told(rows)
    assert found.figure("annual_volatility").n == 7
    assert found.figure("annual_volatility").periods_per_year == 365


def test_periods_a_year_are_stated_or_said_to_be_assumed() -> None:
    """The flag before the settings before an assumption; each figure says which."""
    rows: list[LedgerEntry] = [mark(day, str(100 + day)) for day in (0, 1, 2, 3, 6)]
    weekdays, stated = told(rows), told(rows, periods=260)
    by_settings = told(rows, account=Account(periods_per_year=250))
    assert (weekdays.figure("sharpe_ratio").periods_per_year, weekdays.figure("sharpe_ratio").periods_assumed) == (
        252,
        True,
    )
    assert (stated.figure("sharpe_ratio").periods_per_year, stated.figure("sharpe_ratio").periods_assumed) == (
        260,
        False,
    )
    assert by_settings.figure("sharpe_ratio").periods_per_year == 250
    assert told(rows, account=Account(periods_per_year=250), periods=260).figure("sharpe_ratio").periods_per_year == 260


def test_rows_set_aside_are_told() -> None:
    """Figures that lack rows say so."""
    desk = a_desk([a_trade("1", "1")])
    desk.take([], [SetAside("bad.csv", 3, "no price", "x")])
    question = Question(Selection(), Window.parse("all", NOW))
    assert any("1 rows" in note for note in read(desk, question).figures(lambda _name: Account()).notes)


def test_the_clock_is_not_read() -> None:
    """Figures of everything do not depend on when they are asked for."""
    rows: list[LedgerEntry] = [balance("100"), a_trade("1", "10"), a_trade("2", "0", closed_at=None)]
    later = ManualClock(NOW).now() + 1_000 * to_millis(DAY)
    assert told(rows).figures == told(rows, now=later).figures


@pytest.mark.parametrize("periods", [0, -1, math.nan, math.inf, 1e7])
def test_periods_a_year_that_are_none_are_refused(periods: float) -> None:
    """Whoever asks, by command, over HTTP or in Python, is told what to write; no figure is made of them."""
    with pytest.raises(Refused, match=r"e\.g\. 252"):
        Question(Selection(), Window.parse("all", NOW), periods)
    with pytest.raises(Refused, match=r"e\.g\. 252"):
        AnalyticsEngine().analyze([0.1, -0.2], periods_per_year=periods)
    with pytest.raises(Refused, match=r"e\.g\. 252"):
        sharpe_of([0.1, -0.2], periods)
