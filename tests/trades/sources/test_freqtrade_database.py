"""A freqtrade database beside its bot: whole, exact, and never disturbed."""

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from nightdesk.errors import BadPayload, Overloaded
from nightdesk.model.trade import Direction, Fill, Mode, Order, Side, Trade
from nightdesk.testing.trade_files import BotDatabase, read
from nightdesk.trades.sources.freqtrade_database import FreqtradeDatabase
from nightdesk.trades.sources.reading import Stated

DAY_ONE = 1_704_067_200_000_000_000


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[BotDatabase]:
    """Return a bot's database that the bot holds open."""
    database = BotDatabase(tmp_path / "tradesv3.sqlite")
    yield database
    database.close()


def test_a_live_database_is_read_with_its_log(bot: BotDatabase) -> None:
    """What the bot has written only to its write-ahead log is seen, and the bot goes on writing."""
    bot.trade(1)
    assert bot.file.with_name("tradesv3.sqlite-wal").stat().st_size > 0
    entries, aside, _ = read(bot.file)
    assert (len(entries), aside) == (1, [])
    bot.trade(2)
    assert len(read(bot.file)[0]) == 2


def test_a_closed_trade(bot: BotDatabase) -> None:
    """P&L is the net money in the stake currency, times are UTC, floats are their shortest text."""
    bot.trade(1, close_profit_abs=0.1 + 0.2, enter_tag="dip", exit_reason="roi")
    (trade,) = read(bot.file)[0]
    assert isinstance(trade, Trade)
    assert trade.pnl == Decimal("0.30000000000000004")
    assert (trade.opened_at, trade.currency, trade.quantity) == (DAY_ONE, "USDT", Decimal("2.0"))
    assert (trade.direction, trade.fees) == (Direction.LONG, Decimal("0.42"))
    assert (trade.tag, trade.exit_reason, trade.return_ratio) == ("dip", "roi", 0.0978)
    assert (trade.origin.portfolio.account, trade.origin.portfolio.bot) == ("main", "Maker")


def test_a_short_with_leverage(bot: BotDatabase) -> None:
    """A short is one, however it is levered; its entry sells."""
    bot.trade(1, is_short=1, leverage=3.0, pair="BTC/USDT:USDT", stake_currency=None)
    bot.order(1, 1, "sell", ft_pair="BTC/USDT:USDT")
    trade, _, fill = read(bot.file)[0]
    assert isinstance(trade, Trade)
    assert isinstance(fill, Fill)
    assert (trade.direction, trade.currency, fill.side) == (Direction.SHORT, "USDT", Side.SELL)


def test_partial_exits(bot: BotDatabase) -> None:
    """An open trade names what is left and what it realised; once closed, its quantity is all that was entered."""
    bot.trade(1, is_open=1, amount=0.5, realized_profit=7.25, close_date=None, close_rate=None, close_profit_abs=None)
    bot.order(1, 1)
    bot.order(2, 1, "sell", filled=1.5, amount=1.5)
    (trade, *_) = read(bot.file)[0]
    assert isinstance(trade, Trade)
    assert (trade.is_open, trade.quantity, trade.pnl) == (True, Decimal("0.5"), Decimal("7.25"))
    bot.trade(1, amount=0.5, close_profit_abs=9.0)
    (closed, *_) = read(bot.file)[0]
    assert isinstance(closed, Trade)
    assert (closed.quantity, closed.pnl, closed.origin) == (Decimal("2.0"), Decimal("9.0"), trade.origin)


def test_fees_that_were_paid_go_before_rates(bot: BotDatabase) -> None:
    """A fee in the stake currency is the one paid; one in another currency is not taken for it."""
    bot.trade(1, fee_open_cost=0.5, fee_open_currency="USDT", fee_close_cost=3.0, fee_close_currency="BNB")
    (trade,) = read(bot.file)[0]
    assert isinstance(trade, Trade)
    assert trade.fees == Decimal("0.5") + Decimal("0.22")


def test_orders_and_their_fills(bot: BotDatabase) -> None:
    """Each order is kept; what was filled of it is a fill at its average price with its fee."""
    bot.trade(1)
    bot.order(1, 1, average=99.5)
    bot.order(2, 1, "sell", status="canceled", filled=0.0, order_filled_date=None)
    entries = read(bot.file)[0]
    orders = [entry for entry in entries if isinstance(entry, Order)]
    (fill,) = [entry for entry in entries if isinstance(entry, Fill)]
    assert [(order.status, order.filled) for order in orders] == [
        ("closed", Decimal("2.0")),
        ("canceled", Decimal("0.0")),
    ]
    assert (fill.price, fill.fee, fill.order_id, fill.at) == (
        Decimal("99.5"),
        Decimal("0.199"),
        "order-1",
        DAY_ONE + 10**9,
    )


def test_an_entry_that_never_filled_is_no_trade(bot: BotDatabase) -> None:
    """The bot deletes such a trade when the entry is cancelled: it never becomes one here."""
    bot.trade(1, is_open=1, close_date=None)
    bot.order(1, 1, filled=0.0, status="open")
    assert [type(entry) for entry in read(bot.file)[0]] == [Order]


def test_dry_run_is_paper(bot: BotDatabase) -> None:
    """Orders whose ids say dry run make paper trades; what a person states goes before; else it is live, and said."""
    bot.trade(1)
    bot.order(1, 1, order_id="dry_run_buy_BTC/USDT_1704067200.1")
    entries, _, notes = read(bot.file)
    assert {entry.origin.portfolio.mode for entry in entries} == {"paper"}
    assert notes[0].endswith("mode paper.")
    assert read(bot.file, Stated(mode=Mode.LIVE))[0][0].origin.portfolio.mode == "live"
    bot.order(1, 1)
    entries, _, notes = read(bot.file)
    assert entries[0].origin.portfolio.mode == "live"
    assert "--mode" in notes[0]


def test_a_database_begun_anew_makes_new_trades(bot: BotDatabase) -> None:
    """Trade 1 of a new database is not trade 1 of the old one, though numbers begin again."""
    bot.trade(1)
    bot.order(1, 1, order_id="a")
    old = read(bot.file)[0][0].origin
    bot.order(1, 1, order_id="b")
    assert read(bot.file)[0][0].origin != old


def test_a_database_of_long_ago(bot: BotDatabase) -> None:
    """Orders of a form that is no longer written are left out; the trades are read."""
    bot.trade(1)
    bot.connection.execute("DROP TABLE orders")
    bot.connection.execute("CREATE TABLE orders (id INTEGER, ft_trade_id INTEGER, order_id TEXT)")
    bot.connection.execute("INSERT INTO orders VALUES (1, 1, 'a')")
    assert [type(entry) for entry in read(bot.file)[0]] == [Trade]


def test_a_row_that_cannot_be_is_set_aside(bot: BotDatabase) -> None:
    """A closed trade without its P&L is kept with a reason, the others are read."""
    bot.trade(1, close_profit_abs=None)
    bot.trade(2, close_date="nonsense")
    bot.trade(3)
    entries, aside, _ = read(bot.file)
    assert len(entries) == 1
    assert [(row.row, row.reason.partition(":")[0]) for row in aside] == [
        (1, "close_profit_abs is empty"),
        (2, "close_date"),
    ]


def test_a_locked_database_is_told(bot: BotDatabase) -> None:
    """A bot that holds its file exclusively makes the reader give up in time, with the reason."""
    bot.trade(1)
    bot.connection.execute("PRAGMA journal_mode = DELETE")
    bot.connection.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Overloaded, match="locked"):
        FreqtradeDatabase(busy_seconds=0.05).open(bot.file, Stated())


def test_an_idle_database_is_left_as_it_is(bot: BotDatabase) -> None:
    """Reading a database that nobody has open makes no log beside it: the bot might not be allowed to write that."""
    bot.trade(1)
    bot.close()
    assert len(read(bot.file)[0]) == 1
    assert sorted(file.name for file in bot.file.parent.iterdir()) == ["tradesv3.sqlite"]


@pytest.mark.parametrize("table", ["trades (id INTEGER)", "candles (id INTEGER)"])
def test_another_database_is_refused(tmp_path: Path, table: str) -> None:
    """A SQLite file that is none of freqtrade is refused by name."""
    file = tmp_path / "other.sqlite"
    connection = sqlite3.connect(file)
    connection.execute(f"CREATE TABLE {table}")
    connection.close()
    with pytest.raises(BadPayload, match="freqtrade"):
        read(file)


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    """A file that only begins like a database is refused with a sentence."""
    file = tmp_path / "broken.sqlite"
    file.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    with pytest.raises(BadPayload, match="broken"):
        read(file)
