"""Following a bot's database: only what changed, nothing lost to a lock or a full ledger, a new file begun anew."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from nightdesk.errors import BadPayload, DataFolderFull, Overloaded
from nightdesk.model.ledger import FileReading, LedgerEntry, Selection, SetAside
from nightdesk.model.trade import Mode, Portfolio
from nightdesk.testing.ledger import MemoryLedger
from nightdesk.testing.trade_files import BotDatabase
from nightdesk.trades.follow import FreqtradeFollower, Standing
from nightdesk.trades.sources.reading import Stated

MAKER = Portfolio.of("main", "Maker", Mode.LIVE)
CLOSE = 1_704_153_600_000_000_000


class Books:
    """A ledger that notes what it was offered, and refuses where the test says so."""

    def __init__(self) -> None:
        """Start empty."""
        self.ledger = MemoryLedger()
        self.offered: list[int] = []
        self.full = False

    def take(self, entries: Sequence[LedgerEntry], aside: Sequence[SetAside], ended: FileReading | None) -> None:
        """Take rows."""
        if self.full:
            raise DataFolderFull("no space is left")
        self.offered.append(len(entries))
        self.ledger.take(entries)
        self.ledger.set_aside(aside)
        if ended is not None:
            self.ledger.end_reading(ended)


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[BotDatabase]:
    """Return a bot's database that the bot holds open."""
    database = BotDatabase(tmp_path / "tradesv3.sqlite")
    yield database
    database.close()


@pytest.fixture
def books() -> Books:
    """Return an empty ledger."""
    return Books()


@pytest.fixture
def follower(bot: BotDatabase, books: Books) -> FreqtradeFollower:
    """Return who follows the bot."""
    return FreqtradeFollower(bot.file, Stated(), books.take)


def test_only_what_changed_is_taken(bot: BotDatabase, books: Books, follower: FreqtradeFollower) -> None:
    """A look at an unchanged file offers nothing, one at a changed trade that trade alone."""
    bot.trade(1)
    bot.trade(2)
    assert follower.catch_up() == {MAKER: Standing(2, 0, CLOSE)}
    follower.catch_up()
    assert books.offered == [2]
    bot.trade(3, is_open=1, close_date=None, close_profit_abs=None)
    assert follower.catch_up() == {MAKER: Standing(2, 1, CLOSE)}
    bot.trade(3)
    assert follower.catch_up() == {MAKER: Standing(3, 0, CLOSE)}
    assert books.offered == [2, 1, 1]
    assert [trade.is_open for trade in books.ledger.trades(Selection())] == [False] * 3


def test_a_lock_delays_and_loses_nothing(bot: BotDatabase, books: Books, follower: FreqtradeFollower) -> None:
    """While the bot holds its file the look fails and says so; the next one catches up."""
    bot.connection.execute("PRAGMA journal_mode = DELETE")
    bot.connection.execute("BEGIN EXCLUSIVE")
    bot.trade(1)
    with pytest.raises(Overloaded):
        follower.catch_up()
    bot.connection.execute("COMMIT")
    assert follower.catch_up() == {MAKER: Standing(1, 0, CLOSE)}
    assert books.offered == [1]


def test_what_the_ledger_refused_is_offered_again(bot: BotDatabase, books: Books, follower: FreqtradeFollower) -> None:
    """A full disk costs no trade: the look after it brings what the ledger did not take."""
    bot.trade(1)
    books.full = True
    with pytest.raises(DataFolderFull):
        follower.catch_up()
    books.full = False
    follower.catch_up()
    assert len(books.ledger.trades(Selection())) == 1


def test_a_database_that_is_gone_is_told_and_one_begun_anew_is_followed(
    bot: BotDatabase, books: Books, follower: FreqtradeFollower
) -> None:
    """Trades of the old file stay, trades of the new one come beside them, though their numbers are the same."""
    bot.trade(1)
    bot.order(1, 1, order_id="old")
    follower.catch_up()
    bot.close()
    bot.file.unlink()
    with pytest.raises(BadPayload, match="cannot be read"):
        follower.catch_up()
    fresh = BotDatabase(bot.file)
    fresh.trade(1)
    fresh.order(1, 1, order_id="new")
    assert follower.catch_up() == {MAKER: Standing(1, 0, CLOSE)}
    fresh.close()
    assert len(books.ledger.trades(Selection())) == 2


def test_a_bot_that_writes_all_the_time_is_followed_to_its_last_trade(
    bot: BotDatabase, books: Books, follower: FreqtradeFollower
) -> None:
    """Hundreds of commits from another thread, many within one tick of the file's clock: none is missed for good."""

    def trade() -> None:
        writer = BotDatabase.joining(bot.file)
        for number in range(1, 301):
            writer.trade(number)
            if number % 50 == 0:
                writer.connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        writer.close()

    thread = threading.Thread(target=trade)
    thread.start()
    while thread.is_alive():
        follower.catch_up()
    thread.join()
    assert follower.catch_up() == {MAKER: Standing(300, 0, CLOSE)}
    assert len(books.ledger.trades(Selection())) == 300
    assert sum(books.offered) == 300


def test_a_deleted_trade_no_longer_counts(bot: BotDatabase, follower: FreqtradeFollower) -> None:
    """What the bot deletes is in its counts no more."""
    bot.trade(1)
    bot.trade(2)
    follower.catch_up()
    bot.connection.execute("DELETE FROM trades WHERE id = 2")
    assert follower.catch_up() == {MAKER: Standing(1, 0, CLOSE)}


def test_a_trade_that_was_put_right_is_set_aside_no_more(
    bot: BotDatabase, books: Books, follower: FreqtradeFollower
) -> None:
    """While it cannot be read it is set aside, with whose it is, at every look; afterwards it is a trade."""
    bot.trade(1, close_profit_abs="many")
    follower.catch_up()
    (aside,) = books.ledger.rows_set_aside(10)
    assert aside.portfolio == MAKER
    bot.trade(2)
    follower.catch_up()
    assert len(books.ledger.rows_set_aside(10)) == 1
    bot.trade(1)
    follower.catch_up()
    assert (books.ledger.rows_set_aside(10), len(books.ledger.trades(Selection()))) == ([], 2)
