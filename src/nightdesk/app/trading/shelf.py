"""Books that were read, kept while the ledger says the same: a page that asks again costs a look at one number."""

import threading
from collections import OrderedDict
from dataclasses import replace
from typing import Final

from nightdesk.app.trading.book import LedgerStore, TradingBook, read_book
from nightdesk.model.instant import MAX_INSTANT
from nightdesk.model.ledger import Holdings, Selection

MOST_ROWS: Final = 300_000
"""Rows of the books that are kept, some 1 KB each; one larger book is read again each time."""


class Shelf:
    """The ledger's books and holdings, read once for each of its versions. Threads may share it."""

    def __init__(self, ledger: LedgerStore) -> None:
        """Keep nothing yet."""
        self._ledger, self._turn = ledger, threading.Lock()
        self._version: int | None = None
        self._holdings: list[Holdings] | None = None
        self._books: OrderedDict[Selection, TradingBook] = OrderedDict()

    def holdings(self) -> list[Holdings]:
        """Return what is held of each portfolio."""
        with self._turn:
            return list(self._held())

    def book(self, selection: Selection) -> TradingBook:
        """Return the book of a selection."""
        with self._turn:
            # Nothing lies between the last row and whatever end: books that end there are one book.
            last = max((held.last_at for held in self._held() if held.last_at is not None), default=None)
            name = replace(selection, end=MAX_INSTANT) if last is None or selection.end > last else selection
            book = self._books.pop(name, None) or read_book(self._ledger, name)
            self._books[name] = book
            while sum(map(_rows, self._books.values())) > MOST_ROWS:
                self._books.popitem(last=False)
        return replace(book, selection=selection)

    def _held(self) -> list[Holdings]:
        """Return the holdings of the present version, and forget what was read of an older one."""
        version = self._ledger.version
        if self._holdings is None or version != self._version:
            self._books.clear()
            # The version goes first: rows that come in between are seen, and read once more by whoever asks next.
            self._version, self._holdings = version, self._ledger.holdings()
        return self._holdings


def _rows(book: TradingBook) -> int:
    return len(book.trades) + len(book.open_trades) + (0 if book.equity is None else len(book.equity))
