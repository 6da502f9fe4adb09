"""The book of a selection: windows, whose equity counts, several currencies, deposits."""

from dataclasses import replace
from decimal import Decimal

import pytest

from nightdesk.app.trading.book import PERSON, read_book
from nightdesk.model.ledger import CashFlow, EquityMark, LedgerEntry, ReturnMark, Selection, StartingBalance
from nightdesk.model.trade import Mode, Portfolio, Side
from nightdesk.testing.ledger import MemoryLedger
from nightdesk.testing.ledger_rows import DAY, T0, a_fill, a_trade, in_portfolio, origin

ACCOUNT = in_portfolio(bot="")


def ledger_of(*entries: LedgerEntry) -> MemoryLedger:
    """Return a ledger that holds these rows."""
    ledger = MemoryLedger()
    ledger.take(entries)
    return ledger


def worth(amount: int, at: int = T0, portfolio: Portfolio = ACCOUNT, currency: str = "USD") -> EquityMark:
    """Build an equity mark."""
    return EquityMark(origin(f"{at}/{currency}", portfolio=portfolio), at, Decimal(amount), currency)


def test_a_window_takes_what_closed_in_it() -> None:
    """Trades closed in [start, end); the last trade before the end is named, in the window or not."""
    ledger = ledger_of(a_trade("1", closed_at=T0), a_trade("2", closed_at=T0 + 2 * DAY))
    book = read_book(ledger, Selection(start=T0 + 1, end=T0 + 2 * DAY))
    assert (book.trades, book.last_trade_at) == ((), T0)
    assert [trade.origin.id for trade in book.open_trades] == ["2"]
    assert book.open_trades[0].pnl is None
    assert [trade.origin.id for trade in read_book(ledger, Selection(start=T0 + 1)).trades] == ["2"]


def test_a_position_older_than_the_window_is_matched() -> None:
    """A sale within the window closes what was bought before it."""
    ledger = ledger_of(a_fill("1", at=T0), a_fill("2", Side.SELL, price="12", at=T0 + DAY))
    book = read_book(ledger, Selection(start=T0 + 1))
    assert [trade.pnl for trade in book.trades] == [Decimal(2)]
    before = read_book(ledger, Selection(end=T0 + DAY))
    assert (before.trades, before.open_positions[0].quantity) == ((), Decimal(1))


def test_the_account_s_equity_is_that_of_its_only_bot() -> None:
    """Asked for a bot, the account's equity counts where no other bot trades in the account."""
    ledger = ledger_of(a_trade("1"), worth(100), worth(110, T0 + DAY))
    book = read_book(ledger, Selection(bot="maker"))
    assert book.equity is not None
    assert list(book.equity.values) == [100.0, 110.0]
    ledger.take([a_trade("2", portfolio=in_portfolio(bot="taker"))])
    assert read_book(ledger, Selection(bot="maker")).equity is None
    assert read_book(ledger, Selection()).equity is not None


@pytest.mark.parametrize(
    ("other", "word"),
    [
        (worth(5, portfolio=in_portfolio("second", bot="")), "accounts"),
        (worth(5, portfolio=in_portfolio(bot="", mode=Mode.PAPER)), "modes"),
        (worth(5, currency="EUR"), "currencies"),
    ],
)
def test_equity_is_never_added_up(other: EquityMark, word: str) -> None:
    """Of several accounts, modes or currencies there is no curve, and a note says why."""
    book = read_book(ledger_of(worth(100), other), Selection())
    assert book.equity is None
    assert word in book.notes[0]


def test_deposits_are_no_profit() -> None:
    """A flow belongs to the first mark at or after it, so that the return leaves it out."""
    flow = CashFlow(origin("f", portfolio=ACCOUNT), T0 + 1, Decimal(100), "USD")
    book = read_book(ledger_of(worth(100), worth(220, T0 + DAY), flow), Selection())
    assert book.equity is not None
    assert list(book.equity.returns().values) == [pytest.approx(0.1)]
    assert book.flows == (flow,)


@pytest.mark.parametrize(("of_equity", "of_flow"), [("", "USD"), ("USD", ""), ("", "")])
def test_a_deposit_is_no_profit_where_a_currency_is_not_named(of_equity: str, of_flow: str) -> None:
    """A table without a currency column says nothing against the other's: left out, the deposit would be a profit."""
    flow = CashFlow(origin("f", portfolio=ACCOUNT), T0 + 1, Decimal(100), of_flow)
    ledger = ledger_of(worth(100, currency=of_equity), worth(200, T0 + DAY, currency=of_equity), flow)
    book = read_book(ledger, Selection())
    assert book.equity is not None
    assert list(book.equity.returns().values) == [0.0]


def test_a_deposit_in_a_currency_without_a_rate_leaves_no_equity() -> None:
    """Whether it is in the equity, nobody knows: no return is told, and the reason is."""
    flow = CashFlow(origin("f", portfolio=ACCOUNT), T0 + 1, Decimal(100), "EUR")
    book = read_book(ledger_of(worth(100), worth(200, T0 + DAY), flow), Selection())
    assert book.equity is None
    assert any("EUR" in note and "no rate" in note for note in book.notes)


def test_returns_and_balances() -> None:
    """Reported returns and stated balances come back, of the account as a whole."""
    mark = ReturnMark(origin("r", portfolio=ACCOUNT), T0, 0.01)
    balance = StartingBalance(origin("b", portfolio=ACCOUNT), Decimal(10_000), "USD")
    book = read_book(ledger_of(mark, balance), Selection())
    assert book.returns is not None
    assert (list(book.returns.values), book.starting_balances) == ([0.01], (balance,))


def test_a_stated_balance_goes_before_a_source_s() -> None:
    """A back-test names what it began with; where a person stated another balance, that one counts."""
    said = StartingBalance(origin("b", source="freqtrade-backtest"), Decimal(1), "USD")
    stated = StartingBalance(origin("b", source=PERSON, portfolio=ACCOUNT), Decimal(2), "USD")
    assert read_book(ledger_of(said), Selection()).starting_balances == (said,)
    assert read_book(ledger_of(said, stated), Selection()).starting_balances == (stated,)


def test_a_late_fill_changes_the_round_trips() -> None:
    """Round trips are worked out when asked: a fill that comes late takes its place in time."""
    ledger = ledger_of(a_fill("2", Side.SELL, price="12", at=T0 + 1))
    assert read_book(ledger, Selection()).trades == ()
    ledger.take([a_fill("1", at=T0)])
    assert [trade.pnl for trade in read_book(ledger, Selection()).trades] == [Decimal(2)]
    ledger.take([replace(a_fill("1", at=T0), price=Decimal(11))])
    assert [trade.pnl for trade in read_book(ledger, Selection()).trades] == [Decimal(1)]


def test_currencies_and_modes_are_named() -> None:
    """The book says which currencies closed and which modes there are."""
    paper = in_portfolio(mode=Mode.PAPER)
    book = read_book(ledger_of(a_trade("1"), a_trade("2", currency="EUR"), a_trade("1", portfolio=paper)), Selection())
    assert (book.currencies, book.modes) == (("EUR", "USD"), ("live", "paper"))


def test_a_fee_without_a_rate_is_noted() -> None:
    """A fee in a third currency is in no P&L, and the book says so."""
    fill = replace(a_fill("1"), fee=Decimal(1), fee_currency="BNB")
    assert "BNB" in read_book(ledger_of(fill), Selection()).notes[0]


def test_what_open_trades_realised_already_is_noted() -> None:
    """Partial exits are in no figure until the trade closes; a reader is told so."""
    book = read_book(ledger_of(replace(a_trade("o", closed_at=None), pnl=Decimal("9.79"))), Selection())
    assert book.open_positions[0].realised_pnl == Decimal("9.79")
    assert book.notes == (
        "9.79 USD was realised by parts of trades that are open still: it is in no figure until they close.",
    )


def test_the_last_mark_is_exact() -> None:
    """What an account is worth is told digit for digit, though its curve is made of floats."""
    exact = Decimal("12345678901234.000000000000000001")
    ledger = ledger_of(worth(1), replace(worth(2, T0 + DAY), equity=exact))
    book = read_book(ledger, Selection())
    assert book.last_mark is not None
    assert (book.last_mark.equity, book.last_mark.at) == (exact, T0 + DAY)
