"""The trading desk: rows in, the book out, each on a thread of its own so that neither holds up the other."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from nightdesk.app.trading.book import LedgerStore, TradingBook
from nightdesk.app.trading.listing import TradeList, list_trades
from nightdesk.app.trading.shelf import Shelf
from nightdesk.model.ledger import FileReading, Holdings, LedgerEntry, Selection, SetAside, Taken
from nightdesk.workers import Executor

T = TypeVar("T")


class TradingDesk:
    """What may be asked of the ledger. The plain methods block; on the event loop call them through `ask`."""

    def __init__(self, ledger: LedgerStore, worker: Executor, reader: Executor | None = None) -> None:
        """`worker` is one thread that takes rows, `reader` one that reads books; without it the first does both."""
        self.ledger, self._worker, self._reader = ledger, worker, reader or worker
        self._shelf = Shelf(ledger)

    async def ask(self, work: Callable[["TradingDesk"], T]) -> T:
        """Read on the thread of readers: `await desk.trading.ask(lambda t: t.book(selection))`."""
        return await asyncio.wrap_future(self._reader.submit(lambda: work(self)))

    async def keep(self, work: Callable[["TradingDesk"], T]) -> T:
        """Take rows on the thread of writers: no report that is being read holds them up."""
        return await asyncio.wrap_future(self._worker.submit(lambda: work(self)))

    def book(self, selection: Selection) -> TradingBook:
        """Return everything about a selection: trades, positions, equity, returns, flows, balances."""
        return self._shelf.book(selection)

    def newest(self, selection: Selection, limit: int) -> TradeList:
        """Return the newest closed trades of a selection, and all open ones."""
        return list_trades(self.ledger, self.book, selection, limit)

    def holdings(self) -> list[Holdings]:
        """Return what is held of each portfolio, sorted."""
        return self._shelf.holdings()

    def take(
        self, entries: Sequence[LedgerEntry], aside: Sequence[SetAside] = (), ended: FileReading | None = None
    ) -> Taken:
        """Keep rows, each once, and those that could not be read; durable when it returns. Raises Refused.

        A reading that has ended makes the ledger forget what only older readings of its file set aside.
        """
        taken = self.ledger.take(entries)
        if aside:
            self.ledger.set_aside(aside)
        if ended is not None:
            self.ledger.end_reading(ended)
        return taken
