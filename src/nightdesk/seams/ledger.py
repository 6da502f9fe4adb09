"""The sockets of the ledger: who takes rows, and who reads trades, equity and balances."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

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
from nightdesk.model.trade import Fill, Order, Trade


class LedgerWriter(Protocol):
    """Takes rows of the ledger. Safe to call from several threads."""

    def take(self, entries: Sequence[LedgerEntry]) -> Taken:
        """Take entries in ONE transaction, durable when it returns; each identity is kept once.

        The same identity with other content replaces the older form, which is kept as history.
        """
        ...

    def set_aside(self, rows: Sequence[SetAside]) -> None:
        """Keep rows that could not be read, each (account, file, source, row, content) once."""
        ...

    def end_reading(self, reading: FileReading) -> None:
        """Forget the rows of its file and account that were set aside by other readings only: they were put right."""
        ...


class LedgerVersions(Protocol):
    """Whether the ledger still says what it said, and reads that belong together."""

    @property
    def version(self) -> int:
        """A number that differs once rows were added, corrected, moved or set aside."""
        ...

    def at_one_time(self) -> AbstractContextManager[None]:
        """Read everything inside as of one instant; rows may be taken meanwhile."""
        ...


class LedgerIndex(Protocol):
    """What there is in the ledger."""

    def holdings(self) -> list[Holdings]:
        """Return what is held of each portfolio, sorted by portfolio."""
        ...

    def rows_set_aside(self, limit: int) -> list[SetAside]:
        """Return the newest rows that could not be read."""
        ...

    def count_set_aside(self, selection: Selection) -> int:
        """Return how many rows that could not be read may belong to a selection's portfolios."""
        ...


class TradeReader(Protocol):
    """Reads what was traded."""

    def fills(self, selection: Selection, without: Collection[str] = ()) -> list[Fill]:
        """Return fills by (instant, sequence, id), without those of some sources; the interval is of their instants."""
        ...

    def trades(self, selection: Selection) -> list[Trade]:
        """Return trades as their sources reported them: those that closed in the interval, by close, then open ones.

        Trades matched from fills are not among them; `trades.round_trips` puts both together.
        """
        ...

    def orders(self, selection: Selection) -> list[Order]:
        """Return orders by the instant they were released."""
        ...


class TradeLister(Protocol):
    """Lists trades without reading all of them."""

    def newest_trades(self, selection: Selection, limit: int) -> list[Trade]:
        """Return the reported trades that closed last in the interval, newest first."""
        ...

    def count_closed(self, selection: Selection) -> int:
        """Return how many reported trades closed in the interval."""
        ...

    def fill_sources(self, selection: Selection) -> set[str]:
        """Return the sources of a selection's fills, whatever the interval."""
        ...


class EquityReader(Protocol):
    """Reads what accounts were worth."""

    def equity(self, selection: Selection) -> list[EquityMark]:
        """Return equity marks by instant, one an instant, portfolio and currency: the one taken last."""
        ...

    def flows(self, selection: Selection) -> list[CashFlow]:
        """Return deposits and withdrawals by instant."""
        ...

    def returns(self, selection: Selection) -> list[ReturnMark]:
        """Return reported returns by instant, one an instant and portfolio: the one taken last."""
        ...


class BalanceReader(Protocol):
    """Reads what values a person or a source gave without an instant's history."""

    def starting_balances(self, selection: Selection) -> list[StartingBalance]:
        """Return the starting balances that were given, whatever the interval."""
        ...

    def prices(self, selection: Selection) -> list[PriceMark]:
        """Return the last price of each symbol and portfolio, whatever the interval."""
        ...
