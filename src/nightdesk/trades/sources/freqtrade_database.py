"""The database of a freqtrade bot, read beside the bot: read-only, in one snapshot, its write-ahead log included.

A trade's `close_profit_abs` is net of fees and funding, in the stake currency; times are naive and UTC.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any, Final

from nightdesk.errors import BadPayload, Overloaded
from nightdesk.model.ledger import SetAside
from nightdesk.model.money import EXACT, ZERO
from nightdesk.model.trade import Direction, Fill, Mode, Order, Origin, Portfolio, Side, Trade
from nightdesk.trades.sources.cells import Instant, exact_float, instants, zone_of
from nightdesk.trades.sources.guarded import MOST_CELL, TOO_LARGE, Row, columns, connect, rows
from nightdesk.trades.sources.reading import Item, Reading, RowFault, Stated

SOURCE: Final = "freqtrade"
BUSY_SECONDS: Final = 5.0
MAGIC: Final = b"SQLite format 3\x00"
WAL_MODE: Final = b"\x02\x02"
DRY_RUN: Final = "dry_run"
"""How freqtrade begins the ids of orders that never left the house."""
_NEEDED: Final = frozenset(
    {"id", "pair", "is_open", "open_rate", "amount", "open_date", "close_date", "close_rate", "close_profit_abs"}
)
_ORDERS_NEEDED: Final = frozenset({"id", "ft_trade_id", "ft_order_side", "ft_pair", "order_id", "filled", "order_date"})


class FreqtradeDatabase:
    """A `tradesv3.sqlite`, whether its bot is running or not."""

    def __init__(self, busy_seconds: float = BUSY_SECONDS) -> None:
        """Wait this long for a bot that holds its database."""
        self._busy_seconds = busy_seconds

    def recognises(self, file: Path) -> bool:
        """Tell a SQLite file by its first bytes."""
        try:
            with file.open("rb") as stream:
                return stream.read(len(MAGIC)) == MAGIC
        except OSError:
            return False

    def open(self, file: Path, stated: Stated) -> Reading:
        """Take one snapshot of trades and orders.

        Raises:
            BadPayload: it is no database of freqtrade, or is damaged.
            Overloaded: the bot kept it locked; try again.
        """
        trades, orders = snapshot(file, self._busy_seconds)
        notes: list[str] = []
        return Reading(SOURCE, items_of(trades, orders, stated, notes, file.name), notes)


def snapshot(file: Path, busy_seconds: float = BUSY_SECONDS) -> tuple[list[Row], dict[int, list[Row]]]:
    """Return the trades, and the orders of each, read in one transaction: no trade is newer than its orders.

    Raises:
        BadPayload: it is no database of freqtrade, or is damaged or gone.
        Overloaded: the bot kept it locked all the time.
    """
    try:
        idle = _is_idle(file)
        found = _read(file, busy_seconds, idle=idle)
        # A bot that started meanwhile wrote beside us: once more, now with its locks.
        return _read(file, busy_seconds, idle=False) if idle and not _is_idle(file) else found
    except OSError as error:
        raise BadPayload(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadPayload(f"{file} is damaged: the names in it are no text") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Overloaded(f"{file} is locked by its bot: try again") from error
        raise BadPayload(f"{file} cannot be read as a database of freqtrade: {error}") from error


def _read(file: Path, busy_seconds: float, *, idle: bool) -> tuple[list[Row], dict[int, list[Row]]]:
    with closing(connect(file, busy_seconds, idle=idle)) as connection:
        connection.execute("BEGIN")
        known = columns(connection, "trades")
        if not known >= _NEEDED:
            raise BadPayload(f"{file} is no database of freqtrade: its trades lack {_list(_NEEDED - known)}")
        trades = rows(connection, "trades")
        orders: dict[int, list[Row]] = defaultdict(list)
        # Databases of long ago have no orders, or orders without a side; their trades say all there is to know.
        for order in rows(connection, "orders") if columns(connection, "orders") >= _ORDERS_NEEDED else ():
            if TOO_LARGE not in order:  # its trade tells what was made of it
                orders[order["ft_trade_id"]].append(order)
        return trades, orders


def _is_idle(file: Path) -> bool:
    """Tell whether a database in WAL mode has no log: nobody has it open, and all is in the file itself.

    Opened in the usual way it would get a log and an index beside it, which the bot may not be allowed to write.
    """
    with file.open("rb") as stream:
        head = stream.read(20)
    return head[18:20] == WAL_MODE and not file.with_name(file.name + "-wal").exists()


def _list(names: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(names))


def items_of(
    trades: list[Row], orders: Mapping[int, list[Row]], stated: Stated, notes: list[str], name: str
) -> Iterator[Item]:
    """Give out the entries of trades and their orders; `notes` are whole once all is given."""
    instant = instants("iso", zone_of("UTC"))
    assumed = dry = 0
    for row in trades:
        own = orders.get(row["id"], [])
        is_dry = any(str(order.get("order_id")).startswith(DRY_RUN) for order in own)
        dry += is_dry
        assumed += not is_dry and stated.mode is None
        mode = Mode.PAPER if is_dry else None
        portfolio = stated.portfolio(str(row.get("strategy") or ""), mode)
        if TOO_LARGE in row:
            yield SetAside(name, int(row["id"]), f"a cell of the trade has over {MOST_CELL} bytes", "", portfolio)
            continue
        reader = _TradeReader(row, own, portfolio, stated.currency, instant)
        for read, content in reader.parts():
            try:
                yield read()
            except RowFault as fault:
                yield SetAside(name, int(row["id"]), str(fault), repr(dict(content)), portfolio)
    if dry:
        notes.append(f"{dry} trades are dry-run, by the ids of their orders: mode {(stated.mode or Mode.PAPER).value}.")
    if assumed:
        notes.append(
            f"The file does not say whether its trades are live: mode {stated.usual_mode.value}; --mode changes it."
        )


class _TradeReader:
    """Reads one trade and its orders."""

    def __init__(self, row: Row, orders: list[Row], portfolio: Portfolio, currency: str, instant: Instant) -> None:
        self._row, self._orders, self._portfolio, self._instant = row, orders, portfolio, instant
        pair = str(row["pair"])
        self._currency = currency or str(row.get("stake_currency") or pair.partition("/")[2].partition(":")[0])
        self._direction = Direction.SHORT if row.get("is_short") else Direction.LONG

    def parts(self) -> Iterator[tuple[Any, Row]]:
        """Give out what reads each entry, and the row it comes from."""
        # A trade whose entry is not filled yet is none, and freqtrade deletes it when the entry is cancelled.
        if not self._row["is_open"] or not self._orders or any(_is_filled(order) for order in self._orders):
            yield self._trade, self._row
        for order in self._orders:
            yield (lambda order=order: self._order(order)), order
            if _is_filled(order):
                yield (lambda order=order: self._fill(order)), order

    def _trade(self) -> Trade:
        row = self._row
        is_open = bool(row["is_open"])
        quantity, entry = self._quantity(), self._money(row, "open_rate")
        leave = None if is_open else self._money(row, "close_rate")
        realised = self._money_or_none(row, "realized_profit") if is_open else self._money(row, "close_profit_abs")
        ratio = self._money_or_none(row, "close_profit")
        return Trade(
            Origin(self._portfolio, SOURCE, self._identity()),
            str(row["pair"]),
            self._direction,
            quantity,
            entry,
            self._time(row, "open_date"),
            self._currency,
            exit_price=leave,
            closed_at=None if is_open else self._time(row, "close_date"),
            pnl=realised,
            fees=self._fees(quantity, entry, leave),
            return_ratio=None if ratio is None or is_open else float(ratio),
            tag=str(row.get("enter_tag") or ""),
            exit_reason=str(row.get("exit_reason") or ""),
        )

    def _identity(self) -> str:
        """Return what never changes, and differs after a database was begun anew: the first order's own id."""
        first = str(self._orders[0]["order_id"]) if self._orders else str(self._row["open_date"])
        return f"trade/{self._row['id']}/{first}"

    def _quantity(self) -> Decimal:
        """Return what was entered in all; after partial exits the trade itself names only what is left."""
        row = self._row
        if not row["is_open"]:
            entering = "sell" if self._direction is Direction.SHORT else "buy"
            filled = [order for order in self._orders if order["ft_order_side"] == entering and _is_filled(order)]
            with localcontext(EXACT):
                total = sum((exact_float(order["filled"]) for order in filled), ZERO)
            if total:
                return total
        quantity = self._money(row, "amount")
        if quantity <= 0:
            raise RowFault(f"amount is {quantity}; it has to be above zero")
        return quantity

    def _fees(self, quantity: Decimal, entry: Decimal, leave: Decimal | None) -> Decimal:
        """Return the fees in the stake currency: what was paid where the database says so, else by their rates."""
        with localcontext(EXACT):
            total = self._fee("open", quantity * entry)
            return total + self._fee("close", quantity * leave) if leave is not None else total

    def _fee(self, which: str, value: Decimal) -> Decimal:
        row = self._row
        paid = self._money_or_none(row, f"fee_{which}_cost")
        if paid is not None and row.get(f"fee_{which}_currency") == self._currency:
            return paid
        return value * (self._money_or_none(row, f"fee_{which}") or ZERO)

    def _order(self, order: Row) -> Order:
        average = self._money_or_none(order, "average")
        filled_at = order.get("order_filled_date")
        return Order(
            Origin(self._portfolio, SOURCE, f"order/{order['ft_pair']}/{order['order_id']}"),
            str(order["ft_pair"]),
            self._side(order),
            self._money(order, "amount" if order.get("amount") is not None else "ft_amount"),
            self._time(order, "order_date"),
            str(order.get("status") or ""),
            kind=str(order.get("order_type") or ""),
            limit_price=self._money_or_none(order, "price"),
            filled=self._money_or_none(order, "filled") or ZERO,
            average_price=average,
            filled_at=None if filled_at is None else self._time(order, "order_filled_date"),
            tag=str(order.get("ft_order_tag") or ""),
        )

    def _fill(self, order: Row) -> Fill:
        """Return what of an order was filled, as one fill at its average price: the database keeps no finer ones."""
        side = self._side(order)
        quantity = self._money(order, "filled")
        price = self._money(order, "average" if order.get("average") else "price" if order.get("price") else "ft_price")
        is_entry = (side is Side.BUY) == (self._direction is Direction.LONG)
        rate = self._money_or_none(self._row, "fee_open" if is_entry else "fee_close") or ZERO
        when = next(name for name in ("order_filled_date", "order_update_date", "order_date") if order.get(name))
        with localcontext(EXACT):
            fee = quantity * price * rate
        return Fill(
            Origin(self._portfolio, SOURCE, f"fill/{order['ft_pair']}/{order['order_id']}"),
            str(order["ft_pair"]),
            side,
            quantity,
            price,
            self._currency,
            self._time(order, when),
            sequence=int(order["id"]),
            fee=fee,
            order_id=str(order["order_id"]),
            tag=str(order.get("ft_order_tag") or ""),
        )

    def _side(self, order: Row) -> Side:
        word = str(order.get("side") or order["ft_order_side"])
        if word == "stoploss":
            return Side.BUY if self._direction is Direction.SHORT else Side.SELL
        if word not in ("buy", "sell"):
            raise RowFault(f"side of the order is {word!r}; it has to be buy or sell")
        return Side(word)

    def _money(self, row: Row, name: str) -> Decimal:
        value = row.get(name)
        if value is None:
            raise RowFault(f"{name} is empty")
        try:
            return exact_float(value)
        except RowFault as fault:
            raise RowFault(f"{name}: {fault}") from None

    def _money_or_none(self, row: Row, name: str) -> Decimal | None:
        return None if row.get(name) is None else self._money(row, name)

    def _time(self, row: Row, name: str) -> int:
        value = row.get(name)
        if not value:
            raise RowFault(f"{name} is empty")
        try:
            return self._instant(str(value))
        except RowFault as fault:
            raise RowFault(f"{name}: {fault}") from None


def _is_filled(order: Row) -> bool:
    filled = order.get("filled")
    return isinstance(filled, int | float) and filled > 0


def number_of(trade: Trade) -> int:
    """Return the number of a trade's row, which its identity begins with."""
    return int(trade.origin.id.split("/")[1])
