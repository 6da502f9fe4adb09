"""The ledger of a data folder that no desk holds; its lock is taken, so that no desk starts meanwhile."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from nightdesk.app.trading.desk import TradingDesk
from nightdesk.clock import SystemClock
from nightdesk.store.folder import DataFolder
from nightdesk.store.folder_lock import Holder
from nightdesk.store.ledger.ledger import Ledger

T = TypeVar("T")


@contextmanager
def open_ledger(data: Path) -> Iterator[TradingDesk]:
    """Open the ledger of a folder, both made where they are missing: the first import may come before the first desk.

    Its methods are called straight; `ask` is for event loops and is not used here.

    Raises:
        DataFolderBusy: a desk holds the folder, or another command for too long.
        StoreError: it cannot be used.
    """
    folder = DataFolder.open(data, Holder.COMMAND)
    try:
        with ledger_in(folder) as trading:
            yield trading
    finally:
        folder.close()


@contextmanager
def ledger_in(folder: DataFolder) -> Iterator[TradingDesk]:
    """Open the ledger of a folder that this process holds. Raises StoreError."""
    with Ledger.open(folder.path, SystemClock()) as ledger:
        yield TradingDesk(ledger, _AtOnce())


class _AtOnce:
    """Runs calls where they are made."""

    def submit(self, call: Callable[[], T]) -> "Future[T]":
        future: Future[T] = Future()
        future.set_result(call())
        return future
