"""What the tests of sources share: files of rows, and databases as freqtrade makes them."""

import sqlite3
from pathlib import Path
from typing import Any

from nightdesk.model.ledger import LedgerEntry, SetAside
from nightdesk.trades.sources.mapping import Mapping, RowKind
from nightdesk.trades.sources.reading import Stated
from nightdesk.trades.sources.table import open_file

TRADES = """CREATE TABLE trades (id INTEGER PRIMARY KEY, pair TEXT, stake_currency TEXT, is_open BOOLEAN,
 fee_open FLOAT, fee_open_cost FLOAT, fee_open_currency TEXT, fee_close FLOAT, fee_close_cost FLOAT,
 fee_close_currency TEXT, open_rate FLOAT, close_rate FLOAT, realized_profit FLOAT, close_profit FLOAT,
 close_profit_abs FLOAT, amount FLOAT, open_date DATETIME, close_date DATETIME, exit_reason TEXT, strategy TEXT,
 enter_tag TEXT, leverage FLOAT, is_short BOOLEAN, funding_fees FLOAT, max_rate FLOAT)"""
ORDERS = """CREATE TABLE orders (id INTEGER PRIMARY KEY, ft_trade_id INTEGER, ft_order_side TEXT, ft_pair TEXT,
 ft_is_open BOOLEAN, ft_amount FLOAT, ft_price FLOAT, order_id TEXT, status TEXT, order_type TEXT, side TEXT,
 price FLOAT, average FLOAT, amount FLOAT, filled FLOAT, order_date DATETIME, order_filled_date DATETIME,
 order_update_date DATETIME, ft_order_tag TEXT)"""


def read(
    file: Path, stated: Stated | None = None, mapping: Mapping | None = None, kind: RowKind = RowKind.TRADES
) -> tuple[list[LedgerEntry], list[SetAside], list[str]]:
    """Return a file's entries, the rows set aside, and the notes."""
    reading = open_file(file, stated or Stated(), kind, mapping)
    items = list(reading.items)
    aside = [item for item in items if isinstance(item, SetAside)]
    return [item for item in items if not isinstance(item, SetAside)], aside, reading.notes


def written(folder: Path, text: str, name: str = "rows.csv") -> Path:
    """Write a file of rows."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


class BotDatabase:
    """A database in WAL mode, written as a running bot writes it."""

    def __init__(self, file: Path) -> None:
        """Make the tables, and keep the connection open as the bot does."""
        self.file = file
        self.connection = sqlite3.connect(file, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute(TRADES)
        self.connection.execute(ORDERS)

    @classmethod
    def joining(cls, file: Path) -> "BotDatabase":
        """Open a database that is there, on a connection of its own, for another thread."""
        database = cls.__new__(cls)
        database.file, database.connection = file, sqlite3.connect(file, isolation_level=None, timeout=10)
        return database

    def trade(self, number: int, **columns: Any) -> None:
        """Insert or replace a trade; a closed long of 2 BTC unless the columns say otherwise."""
        row = {
            "id": number,
            "pair": "BTC/USDT",
            "stake_currency": "USDT",
            "is_open": 0,
            "fee_open": 0.001,
            "fee_close": 0.001,
            "open_rate": 100.0,
            "close_rate": 110.0,
            "realized_profit": 19.58,
            "close_profit": 0.0978,
            "close_profit_abs": 19.58,
            "amount": 2.0,
            "open_date": "2024-01-01 00:00:00.000000",
            "close_date": "2024-01-02 00:00:00.000000",
            "strategy": "Maker",
            "is_short": 0,
            **columns,
        }
        self._insert("trades", row)

    def order(self, number: int, trade: int, side: str = "buy", **columns: Any) -> None:
        """Insert or replace an order that was filled."""
        row = {
            "id": number,
            "ft_trade_id": trade,
            "ft_order_side": side,
            "ft_pair": "BTC/USDT",
            "ft_is_open": 0,
            "ft_amount": 2.0,
            "ft_price": 100.0,
            "order_id": f"order-{number}",
            "status": "closed",
            "order_type": "limit",
            "side": side,
            "price": 100.0,
            "average": 100.0,
            "amount": 2.0,
            "filled": 2.0,
            "order_date": "2024-01-01 00:00:00.000000",
            "order_filled_date": "2024-01-01 00:00:01.000000",
            **columns,
        }
        self._insert("orders", row)

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        marks = ", ".join("?" * len(row))
        statement = f"INSERT OR REPLACE INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608 - our own names
        self.connection.execute(statement, tuple(row.values()))

    def close(self) -> None:
        """Let the file go, as a bot that ends."""
        self.connection.close()
