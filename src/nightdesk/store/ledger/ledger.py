"""The ledger of a data folder: what was traded and what accounts were worth, each row once, durable at every return."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from nightdesk.clock import Clock
from nightdesk.errors import CorruptData, DataFolderFull
from nightdesk.model.ledger import (
    CashFlow,
    EquityMark,
    FileReading,
    Holdings,
    LedgerEntry,
    PriceMark,
    ReturnMark,
    Selection,
    SetAside,
    StartingBalance,
    Taken,
)
from nightdesk.model.trade import Fill, Order, Origin, Portfolio, Trade
from nightdesk.store.ledger import aside
from nightdesk.store.ledger import holdings as counting
from nightdesk.store.ledger.forms import (
    BALANCES,
    EQUITY,
    FILLS,
    FLOWS,
    ORDERS,
    PRICES,
    RETURNS,
    TRADES,
    Form,
)
from nightdesk.store.ledger.schema import LEDGER
from nightdesk.store.ledger.taking import all_portfolios, take
from nightdesk.store.ledger.unstated import forget_guesses, recognised, settle_modes
from nightdesk.store.sqlite import Database

Entry = TypeVar("Entry", bound=LedgerEntry)
FILE_NAME = "ledger.db"


class Ledger:
    """`LedgerWriter`, `LedgerIndex`, `TradeReader`, `EquityReader` and `BalanceReader` of one data folder.

    Threads may share it: writers take turns, and so do readers. Reads have a connection of their own, so that a row is
    taken while a long book is read.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open or make a file; the clock says when a row was taken. Raises NewerFormat and StoreError."""
        self._database, self._clock = Database(path, LEDGER), clock
        self._reads = Database.read_only(path, LEDGER)

    @classmethod
    def open(cls, folder: Path, clock: Clock, on_full: Callable[[], None] | None = None) -> Self:
        """Open or make `ledger.db` in a folder whose lock the caller holds; a full disk asks `on_full` once for room.

        Raises:
            NewerFormat: a newer release wrote the file.
            StoreError: it cannot be used.
        """
        path = folder / FILE_NAME
        try:
            return cls(path, clock)
        except DataFolderFull:
            if on_full is None:
                raise
        on_full()
        return cls(path, clock)

    # ----------------------------------------------------------- writer

    def take(self, entries: Sequence[LedgerEntry]) -> Taken:
        """Take entries in one transaction, durable when it returns. Raises Refused for an amount that is none.

        Worth whose mode nobody stated moves to the mode of an account's trades, where they are all of one.
        """
        with self._database.transaction():
            entries = recognised(self._database, entries)
            taken = take(self._database, entries, self._clock.now())
            forget_guesses(self._database, entries)
            settle_modes(self._database, entries)
        return taken

    def set_aside(self, rows: Sequence[SetAside]) -> None:
        """Keep rows that could not be read, each once."""
        aside.keep(self._database, rows, self._clock.now())

    def end_reading(self, reading: FileReading) -> None:
        """Forget the rows of its file and account that were set aside by other readings only: they were put right."""
        aside.forget(self._database, reading)

    # ------------------------------------------------------------ index

    @property
    def version(self) -> int:
        """A number that differs once rows were added, corrected, moved or set aside."""
        return int(self._reads.execute("PRAGMA data_version")[0][0])

    def at_one_time(self) -> AbstractContextManager[None]:
        """Read everything inside as of one instant; rows are taken meanwhile."""
        return self._reads.transaction(reading=True)

    def holdings(self) -> list[Holdings]:
        """Return what is held of each portfolio, sorted by portfolio."""
        return counting.holdings(self._reads)

    def rows_set_aside(self, limit: int) -> list[SetAside]:
        """Return the newest rows that could not be read, newest first."""
        return aside.newest(self._reads, limit)

    def count_set_aside(self, selection: Selection) -> int:
        """Return how many rows that could not be read may belong to a selection's portfolios."""
        return aside.count(self._reads, selection)

    # ----------------------------------------------------------- readers

    def fills(self, selection: Selection, without: Collection[str] = ()) -> list[Fill]:
        """Return fills by (instant, sequence, id), without those of some sources."""
        return self._read(FILLS, selection, "at, sequence, id", without=without)

    def trades(self, selection: Selection) -> list[Trade]:
        """Return trades as reported: those that closed in the interval, by close, then open ones by opening."""
        return self._read(TRADES, selection, "closed_at, opened_at, id") + self._read(
            TRADES, selection, "opened_at, id", "closed_at IS NULL"
        )

    def newest_trades(self, selection: Selection, limit: int) -> list[Trade]:
        """Return the reported trades that closed last in the interval, newest first."""
        return self._read(TRADES, selection, f"closed_at DESC, opened_at DESC, id DESC LIMIT {limit:d}")

    def count_closed(self, selection: Selection) -> int:
        """Return how many reported trades closed in the interval."""
        numbers = list(self._portfolios(selection))
        rows = self._reads.execute(
            f"SELECT COUNT(*) FROM trades WHERE portfolio IN ({_places(numbers)})"  # noqa: S608 - our own words only
            " AND closed_at >= ? AND closed_at < ?",
            (*numbers, selection.start, selection.end),
        )
        return int(rows[0][0])

    def fill_sources(self, selection: Selection) -> set[str]:
        """Return the sources of a selection's fills: one step of the key for each, however many fills there are."""
        found: set[str] = set()
        for number in self._portfolios(selection):
            last = ""
            while rows := self._reads.execute(
                "SELECT source FROM fills WHERE portfolio = ? AND source > ? ORDER BY source LIMIT 1", (number, last)
            ):
                ((source,),) = rows
                if not isinstance(source, str) or source <= last:
                    # A damaged index would hand the same one over for ever.
                    raise CorruptData(f"the ledger is damaged: sources of its fills go from {last!r} to {source!r}")
                last = source
                found.add(last)
        return found

    def orders(self, selection: Selection) -> list[Order]:
        """Return orders by the instant they were released."""
        return self._read(ORDERS, selection, "at, id")

    def equity(self, selection: Selection) -> list[EquityMark]:
        """Return equity marks by instant; of several for one instant, portfolio and currency the one taken last."""
        marks = self._read(EQUITY, selection, "at, taken_at, source, id")
        last = {(mark.at, mark.origin.portfolio, mark.currency): mark for mark in marks}
        return list(last.values())

    def flows(self, selection: Selection) -> list[CashFlow]:
        """Return deposits and withdrawals by instant."""
        return self._read(FLOWS, selection, "at, id")

    def returns(self, selection: Selection) -> list[ReturnMark]:
        """Return reported returns by instant; of several for one instant and portfolio the one taken last."""
        marks = self._read(RETURNS, selection, "at, taken_at, source, id")
        return list({(mark.at, mark.origin.portfolio): mark for mark in marks}.values())

    def starting_balances(self, selection: Selection) -> list[StartingBalance]:
        """Return the starting balances that were given."""
        return self._read(BALANCES, selection, "portfolio, currency, id", "TRUE")

    def prices(self, selection: Selection) -> list[PriceMark]:
        """Return the last price of each symbol, portfolio and currency."""
        marks = self._read(PRICES, selection, "at, taken_at, id", "TRUE")
        return list({(mark.origin.portfolio, mark.symbol, mark.currency): mark for mark in marks}.values())

    def _read(
        self, form: Form[Entry], selection: Selection, order: str, where: str = "", without: Collection[str] = ()
    ) -> list[Entry]:
        """Read the rows of a form that a selection takes; without `where` those whose instant lies in its interval."""
        portfolios = self._portfolios(selection)
        if not portfolios:
            return []
        bounds: tuple[Any, ...] = () if where else (selection.start, selection.end)
        condition = where or f"{form.instant} >= ? AND {form.instant} < ?"
        marks, others = _places(portfolios), _places(without)
        rows = self._reads.execute(
            f"SELECT portfolio, source, id, {form.names} FROM {form.table}"  # noqa: S608 - our own words only
            f" WHERE portfolio IN ({marks}) AND source NOT IN ({others}) AND {condition} ORDER BY {order}",
            (*portfolios, *without, *bounds),
        )
        return [form.read(Origin(portfolios[row[0]], row[1], row[2]), row[3:]) for row in rows]

    def _portfolios(self, selection: Selection) -> dict[int, Portfolio]:
        """Return the portfolios that a selection takes, by their numbers."""
        return {number: portfolio for number, portfolio in all_portfolios(self._reads) if selection.takes(portfolio)}

    def close(self) -> None:
        """Close the file."""
        self._reads.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _places(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))
