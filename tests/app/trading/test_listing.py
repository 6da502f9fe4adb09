"""A list of trades says what the book says, without reading all of it where it need not."""

from dataclasses import replace

import pytest

from nightdesk.app.trading.book import TradingBook, read_book
from nightdesk.app.trading.listing import TradeList, list_trades
from nightdesk.model.ledger import LedgerEntry, Selection
from nightdesk.model.trade import Side
from nightdesk.testing.ledger import MemoryLedger
from nightdesk.testing.ledger_rows import T0, a_fill, a_trade, origin


def listed(entries: list[LedgerEntry], selection: Selection) -> tuple[TradeList, TradingBook, int]:
    """Return a list of two, the book, and how often the list had to read the book."""
    ledger, read = MemoryLedger(), []
    ledger.take(entries)

    def book(asked: Selection) -> TradingBook:
        read.append(asked)
        return read_book(ledger, asked)

    return list_trades(ledger, book, selection, 2), read_book(ledger, selection), len(read)


@pytest.mark.parametrize(
    ("fills", "selection", "books"),
    [
        ([], Selection(start=T0 + 1), 0),
        ([replace(a_fill("f"), origin=origin("f", source="freqtrade"))], Selection(), 0),
        ([a_fill("f"), a_fill("g", Side.SELL, at=T0 + 9)], Selection(), 1),
        ([], Selection(end=T0 + 2), 1),
    ],
)
def test_a_list_agrees_with_the_book(fills: list[LedgerEntry], selection: Selection, books: int) -> None:
    """Only matched trades, and the past, cost reading the whole book; either way the answer is the same."""
    trades = [a_trade(str(n), closed_at=T0 + n) for n in range(4)]
    found, book, read = listed([*trades, a_trade("o", closed_at=None), *fills], selection)
    assert read == books
    assert (found.trades, found.open_trades) == (book.trades[::-1][:2], book.open_trades)
    assert (found.total, found.last_trade_at, found.notes) == (len(book.trades), book.last_trade_at, book.notes)
