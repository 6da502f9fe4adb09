"""The trading desk: rows in, the book out, on a thread of its own so that a long import holds up nobody."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from nightdesk.app.trading.book import LedgerStore, TradingBook, read_book
from nightdesk.model.ledger import FileReading, Holdings, LedgerEntry, Selection, SetAside, Taken
from nightdesk.workers import Executor

T = TypeVar("T")


class TradingDesk:
    """What may be asked of the ledger. The plain methods block; on the event loop call them through `ask`."""

    def __init__(self, ledger: LedgerStore, worker: Executor) -> None:
        """`worker` is one thread that does nothing else."""
        self.ledger, self._worker = ledger, worker

    async def ask(self, work: Callable[["TradingDesk"], T]) -> T:
        """Do blocking work with this desk on its thread: `await desk.trading.ask(lambda t: t.book(selection))`."""
        return await asyncio.wrap_future(self._worker.submit(lambda: work(self)))

    def book(self, selection: Selection) -> TradingBook:
        """Return everything about a selection: trades, positions, equity, returns, flows, balances."""
        return read_book(self.ledger, selection)

    def holdings(self) -> list[Holdings]:
        """Return what is held of each portfolio, sorted."""
        return self.ledger.holdings()

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
