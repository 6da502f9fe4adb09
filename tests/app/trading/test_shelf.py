"""Books are read once for each version of the ledger, and rows are taken while one is read."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from nightdesk.app.trading import shelf
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.app.trading.shelf import Shelf
from nightdesk.clock import SystemClock
from nightdesk.model.ledger import Selection
from nightdesk.store.ledger.ledger import Ledger
from nightdesk.testing.ledger import MemoryLedger
from nightdesk.testing.ledger_rows import DAY, T0, a_fill, a_trade
from nightdesk.workers import Workers


def test_a_book_is_read_once_for_each_version() -> None:
    """The same question gets the same trades until a row changes; an end after the last row is no other question."""
    ledger = MemoryLedger()
    ledger.take([a_trade("1"), a_trade("o", closed_at=None)])
    books = Shelf(ledger)
    first = books.book(Selection(end=T0 + DAY))
    assert books.book(Selection(end=T0 + 2 * DAY)).trades is first.trades
    assert books.book(Selection(end=T0 + 2 * DAY)).selection.end == T0 + 2 * DAY
    assert books.book(Selection(end=T0)).trades == ()
    ledger.take([a_trade("2")])
    assert len(books.book(Selection()).trades) == 2


def test_no_more_is_kept_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The book that was asked for longest ago goes first."""
    monkeypatch.setattr(shelf, "MOST_ROWS", 1)
    ledger = MemoryLedger()
    ledger.take([a_trade("1")])
    books = Shelf(ledger)
    first = books.book(Selection())
    books.book(Selection(account="main"))
    again = books.book(Selection())
    assert again.trades == first.trades
    assert again.trades is not first.trades


def test_a_row_is_taken_while_a_book_is_read(tmp_path: Path) -> None:
    """A report that takes long holds up no fill, and does not see what came in meanwhile."""
    writer, reader, may_end = Workers("writer"), Workers("reader"), threading.Event()

    async def night(ledger: Ledger) -> tuple[int, int]:
        desk = TradingDesk(ledger, writer, reader)
        ledger.take([a_fill("1")])

        def report(trading: TradingDesk) -> int:
            with trading.ledger.at_one_time():
                trading.ledger.fills(Selection())
                assert may_end.wait(10)
                return len(trading.ledger.fills(Selection()))

        seen = asyncio.ensure_future(desk.ask(report))
        taken = await asyncio.wait_for(desk.keep(lambda trading: trading.take([a_fill("2", at=T0 + 1)])), 5)
        may_end.set()
        return taken.added, await seen

    with Ledger.open(tmp_path, SystemClock()) as ledger:
        added, seen = asyncio.run(night(ledger))
        assert added == 1
        assert seen in (1, 2), "2 where the row was in before the report began"
        assert len(ledger.fills(replace(Selection(), account="main"))) == 2
    writer.stop()
    reader.stop()
