"""The ledger in memory, honest: every row once, corrections kept, intervals and orders as the sockets promise."""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from nightdesk.errors import Refused
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
    Worth,
)
from nightdesk.model.trade import Fill, Order, Origin, Portfolio, Trade

Entry = TypeVar("Entry", bound=LedgerEntry)
_AMOUNTS = ("quantity", "price", "fee", "entry_price", "exit_price", "pnl", "fees", "equity", "amount")


class MemoryLedger:
    """All sockets of the ledger in one object that lives as long as the process. Threads may share it."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.RLock()
        self._rows: dict[tuple[type, Origin], LedgerEntry] = {}
        self._aside: dict[tuple[tuple[str, str], str, int, str], SetAside] = {}
        self.replaced: list[LedgerEntry] = []
        """Older forms of corrected rows, oldest first."""
        self.version = 0
        """Rises with every change."""

    def take(self, entries: Sequence[LedgerEntry]) -> Taken:
        """Take entries, all or none."""
        for entry in entries:
            _demand_amounts(entry)
        with self._lock:
            taken = Taken()
            for entry in entries:
                taken += self._take(entry)
            for account in {entry.origin.portfolio.account for entry in entries}:
                self._settle_mode(account)
            self.version += bool(taken.added or taken.corrected)
            return taken

    def _settle_mode(self, account: str) -> None:
        """Move worth whose mode nobody stated to the only mode in which its account trades."""
        own = [row for row in self._rows.values() if row.origin.portfolio.account == account]
        modes = {row.origin.portfolio.mode for row in own if isinstance(row, Trade | Fill)}
        if len(modes) != 1:
            return
        (mode,) = modes
        for row in own:
            if isinstance(row, Worth) and not row.mode_is_stated and row.origin.portfolio.mode != mode:
                portfolio = replace(row.origin.portfolio, mode=mode)
                moved = replace(row, origin=replace(row.origin, portfolio=portfolio))
                del self._rows[type(row), row.origin]
                self._rows.setdefault((type(row), moved.origin), moved)

    def _of_a_known_mode(self, entry: LedgerEntry) -> LedgerEntry:
        """Let a row that is held with its mode stated stand for one that comes without, and the other way round."""
        if not isinstance(entry, Worth):
            return entry
        for twin in [row for row in self._rows.values() if _are_twins(row, entry)]:
            if isinstance(twin, Worth) and twin.mode_is_stated and not entry.mode_is_stated:
                return replace(entry, origin=twin.origin, mode_is_stated=True)
            if (
                isinstance(twin, Worth)
                and entry.mode_is_stated
                and not twin.mode_is_stated
                and twin.origin != entry.origin
            ):
                del self._rows[type(twin), twin.origin]
        return entry

    def _take(self, entry: LedgerEntry) -> Taken:
        entry = self._of_a_known_mode(entry)
        key = (type(entry), entry.origin)
        old = self._rows.get(key)
        if old == entry:
            return Taken(known=1)
        # What is taken last stands last, as the later `taken_at` makes it in a file.
        self._rows.pop(key, None)
        self._rows[key] = entry
        if old is None:
            return Taken(added=1)
        if _says_the_same(old, entry):
            return Taken(known=1)
        self.replaced.append(old)
        return Taken(corrected=1)

    def set_aside(self, rows: Sequence[SetAside]) -> None:
        """Keep rows that could not be read, each once."""
        with self._lock:
            self.version += 1
            self._aside.update({(_owner(row), row.source, row.row, row.content): row for row in rows})

    def end_reading(self, reading: FileReading) -> None:
        """Forget what only other readings of a file set aside."""
        with self._lock:
            self.version += 1
            own = (reading.account, reading.file)
            self._aside = {key: row for key, row in self._aside.items() if key[0] != own or row.reading == reading}

    @contextmanager
    def at_one_time(self) -> Iterator[None]:
        """Let nothing change meanwhile."""
        with self._lock:
            yield

    def holdings(self) -> list[Holdings]:
        """Return what is held of each portfolio, sorted by portfolio."""
        with self._lock:
            rows = list(self._rows.values())
        return [
            _holdings(portfolio, [row for row in rows if row.origin.portfolio == portfolio])
            for portfolio in sorted({row.origin.portfolio for row in rows})
        ]

    def rows_set_aside(self, limit: int) -> list[SetAside]:
        """Return the newest rows that could not be read, newest first."""
        with self._lock:
            return list(reversed(self._aside.values()))[:limit]

    def count_set_aside(self, selection: Selection) -> int:
        """Return how many rows that could not be read may be a selection's."""
        mode = selection.mode.value if selection.mode is not None else None
        asked = (selection.account, selection.bot, mode)
        with self._lock:
            return sum(
                all(not own or word in (None, own) for own, word in zip(_words(row), asked, strict=True))
                for row in self._aside.values()
            )

    def fills(self, selection: Selection, without: Collection[str] = ()) -> list[Fill]:
        """Return fills by (instant, sequence, id), without those of some sources."""
        found = self._read(Fill, selection, _at, lambda fill: (fill.at, fill.sequence, fill.origin.id))
        return [fill for fill in found if fill.origin.source not in without]

    def trades(self, selection: Selection) -> list[Trade]:
        """Return trades that closed in the interval, by close, then open ones by opening."""
        closed = self._read(
            Trade,
            selection,
            lambda trade: trade.closed_at,
            lambda trade: (trade.closed_at, trade.opened_at, trade.origin.id),
        )
        everything = self._read(Trade, selection, None, lambda trade: (trade.opened_at, trade.origin.id))
        return closed + [trade for trade in everything if trade.is_open]

    def newest_trades(self, selection: Selection, limit: int) -> list[Trade]:
        """Return the trades that closed last in the interval, newest first."""
        return [trade for trade in self.trades(selection) if not trade.is_open][::-1][:limit]

    def count_closed(self, selection: Selection) -> int:
        """Return how many trades closed in the interval."""
        return len([trade for trade in self.trades(selection) if not trade.is_open])

    def fill_sources(self, selection: Selection) -> set[str]:
        """Return the sources of a selection's fills."""
        return {fill.origin.source for fill in self._read(Fill, selection, None, _at)}

    def orders(self, selection: Selection) -> list[Order]:
        """Return orders by the instant they were released."""
        return self._read(Order, selection, _at, lambda order: (order.at, order.origin.id))

    def equity(self, selection: Selection) -> list[EquityMark]:
        """Return equity marks by instant, the last taken of an instant, portfolio and currency."""
        marks = self._read(EquityMark, selection, _at, _at)
        return list({(mark.at, mark.origin.portfolio, mark.currency): mark for mark in marks}.values())

    def flows(self, selection: Selection) -> list[CashFlow]:
        """Return deposits and withdrawals by instant."""
        return self._read(CashFlow, selection, _at, lambda flow: (flow.at, flow.origin.id))

    def returns(self, selection: Selection) -> list[ReturnMark]:
        """Return reported returns by instant, the last taken of an instant and portfolio."""
        marks = self._read(ReturnMark, selection, _at, _at)
        return list({(mark.at, mark.origin.portfolio): mark for mark in marks}.values())

    def starting_balances(self, selection: Selection) -> list[StartingBalance]:
        """Return the starting balances that were given."""
        return self._read(
            StartingBalance, selection, None, lambda each: (each.origin.portfolio, each.currency, each.origin.id)
        )

    def prices(self, selection: Selection) -> list[PriceMark]:
        """Return the last price of each symbol, portfolio and currency."""
        marks = self._read(PriceMark, selection, None, _at)
        return list({(mark.origin.portfolio, mark.symbol, mark.currency): mark for mark in marks}.values())

    def _read(
        self,
        kind: type[Entry],
        selection: Selection,
        instant: Callable[[Any], int | None] | None,
        order: Callable[[Any], Any],
    ) -> list[Entry]:
        with self._lock:
            rows = [row for row in self._rows.values() if isinstance(row, kind)]
        chosen = [
            row
            for row in rows
            if selection.takes(row.origin.portfolio)
            and (instant is None or ((at := instant(row)) is not None and selection.start <= at < selection.end))
        ]
        return sorted(chosen, key=order)


def _says_the_same(old: LedgerEntry, new: LedgerEntry) -> bool:
    """Leave out how the rows came: their place in a file, and whether their mode was stated."""
    if isinstance(old, Fill) and isinstance(new, Fill):
        return replace(old, sequence=new.sequence) == new
    if isinstance(old, Worth) and isinstance(new, Worth):
        return replace(old, mode_is_stated=new.mode_is_stated) == new
    return False


def _at(row: Any) -> int:
    at: int = row.at
    return at


def _owner(row: SetAside) -> tuple[str, str]:
    if row.reading is not None:
        return row.reading.account, row.reading.file
    return (row.portfolio.account if row.portfolio is not None else "", "")


def _words(row: SetAside) -> tuple[str, str, str]:
    bot, mode = (row.portfolio.bot, row.portfolio.mode) if row.portfolio is not None else ("", "")
    return _owner(row)[0], bot, mode


def _are_twins(one: LedgerEntry, other: LedgerEntry) -> bool:
    """Tell whether two rows are one but for their mode."""
    moved = replace(one.origin, portfolio=replace(one.origin.portfolio, mode=other.origin.portfolio.mode))
    return type(one) is type(other) and moved == other.origin


def _demand_amounts(entry: LedgerEntry) -> None:
    for name in _AMOUNTS:
        value = getattr(entry, name, None)
        if value is not None and not value.is_finite():
            raise Refused(f"{value} is no amount")


def _holdings(portfolio: Portfolio, rows: list[LedgerEntry]) -> Holdings:
    def count(kind: type) -> int:
        return sum(isinstance(row, kind) for row in rows)

    moved = [row.at for row in rows if isinstance(row, Fill | Order | EquityMark | CashFlow | ReturnMark)]
    trades = [row for row in rows if isinstance(row, Trade)]
    begun = [trade.opened_at for trade in trades]
    ended = [trade.opened_at if trade.closed_at is None else trade.closed_at for trade in trades]
    money = [row for row in rows if isinstance(row, Fill | Trade | EquityMark | CashFlow | StartingBalance)]
    return Holdings(
        portfolio,
        fills=count(Fill),
        orders=count(Order),
        trades=len(trades),
        equity_marks=count(EquityMark),
        return_marks=count(ReturnMark),
        currencies=tuple(sorted({row.currency for row in money} - {""})),
        first_at=min(moved + begun, default=None),
        last_at=max(moved + ended, default=None),
        last_trade_closed_at=max((trade.closed_at for trade in trades if trade.closed_at is not None), default=None),
    )
