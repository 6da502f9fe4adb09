"""Opening the trading desk of a data folder: the ledger's file, and two threads, of which one takes and one reads."""

from collections.abc import Callable
from contextlib import ExitStack

from nightdesk.app.trading.desk import TradingDesk
from nightdesk.clock import Clock
from nightdesk.store.folder import DataFolder
from nightdesk.store.ledger.ledger import Ledger
from nightdesk.workers import Workers


def open_trading(folder: DataFolder, clock: Clock, held: ExitStack, on_full: Callable[[], None]) -> TradingDesk:
    """Open the ledger of a folder that this process holds; `held` closes it. Raises StoreError."""
    ledger = Ledger.open(folder.path, clock, on_full)
    held.callback(ledger.close)
    worker, reader = Workers("ledger"), Workers("ledger-reads")
    held.callback(worker.stop)
    held.callback(reader.stop)
    return TradingDesk(ledger, worker, reader)
