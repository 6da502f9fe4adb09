"""How portfolios stand now: the account's day, worth, what is open; each a value or a reason."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest

from nightdesk.analytics.local_days import DayRule
from nightdesk.app.performance.account import Account
from nightdesk.app.performance.today import Standing, read_all
from nightdesk.app.shapes.trading import TradingShape
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.model.instant import to_millis
from nightdesk.model.ledger import EquityMark, LedgerEntry, PriceMark, StartingBalance
from nightdesk.model.trade import Mode
from nightdesk.testing.ledger import MemoryLedger
from nightdesk.testing.ledger_rows import T0, a_trade, in_portfolio, origin
from nightdesk.workers import Workers

HOUR = 3_600 * 10**9
NOW = to_millis(T0 + HOUR)
"""23:13 UTC: the next day in Berlin already."""


def standings(rows: Iterable[LedgerEntry], account: Account = Account()) -> tuple[Standing, ...]:  # noqa: B008 - frozen
    """Return how the portfolios of rows stand."""
    ledger = MemoryLedger()
    ledger.take(list(rows))
    trading = TradingDesk(ledger, Workers("ledger", 0))
    return read_all(trading, trading.holdings()).standings(lambda _name: account, NOW).portfolios


def shaped(rows: Iterable[LedgerEntry]) -> TradingShape:
    """Return the same as JSON's shape."""
    ledger = MemoryLedger()
    ledger.take(list(rows))
    trading = TradingDesk(ledger, Workers("ledger", 0))
    return TradingShape.of(read_all(trading, trading.holdings()).standings(lambda _name: Account(), NOW))


def test_today_begins_where_the_account_s_day_does() -> None:
    """A trade closed an hour ago, at 22:13 UTC: today's in UTC, yesterday's in Berlin."""
    rows = [a_trade("1", "5"), a_trade("2", "2.5", closed_at=T0 + HOUR // 2)]
    assert standings(rows)[0].pnl_today.value == Decimal("7.5")
    berlin = standings(rows, Account(days=DayRule.of("Europe/Berlin")))[0]
    assert berlin.day_started_at == T0 + 2_800 * 10**9
    assert berlin.pnl_today.value == 0
    evening = standings(rows, Account(days=DayRule.of("UTC", "22:30")))[0]
    assert evening.pnl_today.value == Decimal("2.5")


def test_a_day_without_a_close_is_zero_and_no_trades_is_a_reason() -> None:
    """0 is told where there are trades; where the ledger holds none it is unknown."""
    assert standings([a_trade("1", closed_at=T0 - 40 * HOUR)])[0].pnl_today.value == 0
    equity = EquityMark(origin("m"), T0, Decimal(100), "USD")
    found = standings([equity])[0]
    assert found.pnl_today.value is None
    assert found.pnl_today.reason
    assert (found.equity.value, found.equity.at) == (Decimal(100), T0)
    exact = EquityMark(origin("m"), T0, Decimal("12345678901234567.12345678"), "USD")
    assert standings([exact])[0].equity.value == exact.equity


def test_equity_is_never_guessed() -> None:
    """Without marks and without a balance equity and drawdown have a reason; with a balance they are realised."""
    unknown = standings([a_trade("1", "5")])[0]
    assert unknown.equity.value is None
    assert unknown.drawdown is None
    assert "none is guessed" in str(unknown.equity.reason)
    known = standings([a_trade("1", "5"), StartingBalance(origin("b"), Decimal(100), "USD")])[0]
    assert (known.equity.value, known.basis) == (Decimal(105), "realised only")


def test_unrealised_stands_beside_realised() -> None:
    """Known where every price is known; unknown, with the symbol, as soon as one is not."""
    unmarked = [a_trade("1", closed_at=None), replace(a_trade("2", closed_at=None), symbol="AMD")]
    price = PriceMark(origin("p"), "GOOG", Decimal(12), "USD", T0)
    assert standings([*unmarked, price])[0].unrealised.reason == "no price is known of AMD"
    assert standings([unmarked[0], price])[0].unrealised.value == Decimal(2)
    assert standings([a_trade("1")])[0].unrealised.value == 0


def test_one_portfolio_a_bot_and_mode_live_ones_first() -> None:
    """Modes are rows of their own; the account's equity is that of its only bot, and stands beside several."""
    account, one, two = in_portfolio(bot=""), in_portfolio(bot="one"), in_portfolio(bot="two")
    equity = EquityMark(origin("m", portfolio=account), T0, Decimal(100), "USD")
    paper = a_trade("9", portfolio=in_portfolio(bot="one", mode=Mode.PAPER))
    alone = standings([paper, equity, a_trade("1", portfolio=one)])
    assert [(each.portfolio.bot, each.portfolio.mode) for each in alone] == [("one", "live"), ("one", "paper")]
    assert alone[0].equity.value == 100
    both = standings([equity, a_trade("1", portfolio=one), a_trade("2", portfolio=two)])
    assert [each.portfolio.bot for each in both] == ["", "one", "two"]
    assert [each.equity.value for each in both] == [100, None, None]


@pytest.mark.parametrize("count", [0, 3])
def test_the_shape_has_every_portfolio(count: int) -> None:
    """What goes out as JSON has one entry a portfolio, money exact as text."""
    shape = shaped(a_trade(str(at), "0.1", portfolio=in_portfolio(account=f"a{at}")) for at in range(count))
    assert [each.account for each in shape.portfolios] == [f"a{at}" for at in range(count)]
    assert all(each.pnl_today.value_text == "0.1" for each in shape.portfolios)


def test_of_many_those_are_shown_that_matter_and_the_rest_is_counted() -> None:
    """The portfolios where something happened last, and the largest positions; `total` says how many there are."""
    many = [a_trade(str(at), closed_at=T0 - at, portfolio=in_portfolio(account=f"a{at:02}")) for at in range(61)]
    shape = shaped(reversed(many))
    assert (len(shape.portfolios), shape.total) == (50, 61)
    assert {each.account for each in shape.portfolios} == {f"a{at:02}" for at in range(50)}
    opened = [replace(a_trade(str(at), closed_at=None), symbol=f"S{at}", quantity=Decimal(at + 1)) for at in range(150)]
    (one,) = shaped(opened).portfolios
    assert (len(one.positions), one.positions_total, one.positions[0].symbol) == (100, 150, "S149")


def test_nothing_is_filled_in_with_zero() -> None:
    """A trade closed today without a P&L, and an account of which only equity is known: None, each with its reason."""
    rows = [a_trade("1", "5"), replace(a_trade("2"), pnl=None)]
    today = standings(rows)[0].pnl_today
    assert (today.value, today.reason) == (None, "a closed trade has no P&L")
    assert standings([*rows, StartingBalance(origin("b"), Decimal(100), "USD")])[0].equity.value is None
    (only_equity,) = standings([EquityMark(origin("m"), T0, Decimal(100), "USD")])
    assert only_equity.unrealised.value is None
    assert only_equity.unrealised.reason == only_equity.pnl_today.reason


def test_today_over_several_currencies_is_told_of_each() -> None:
    """No sum over them, and each by itself."""
    rows = [a_trade("1", "5"), a_trade("2", "3", currency="EUR"), a_trade("3", "1", currency="EUR")]
    (one,) = shaped(rows).portfolios
    assert one.pnl_today.value is None
    assert [(each.currency, each.value_text) for each in one.pnl_today.by_currency] == [("EUR", "4"), ("USD", "5")]


def test_a_currency_nobody_named_is_not_named() -> None:
    """Equity without a currency has that of the account's settings, or none: never that of trades beside it."""
    rows: list[LedgerEntry] = [a_trade("1", "5", currency="USDT"), EquityMark(origin("m"), T0, Decimal(100), "")]
    assert standings(rows)[0].equity.currency is None
    assert standings(rows)[0].pnl_today.currency == "USDT"
    assert standings(rows, Account(currency="EUR"))[0].equity.currency == "EUR"
