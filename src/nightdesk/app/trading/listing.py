"""A list of trades: as many as are shown are read where their sources report them; matched ones need the whole book."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from nightdesk.app.trading.book import LedgerStore, TradingBook, realised_so_far
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT
from nightdesk.model.ledger import Selection
from nightdesk.model.trade import Trade
from nightdesk.trades.positions import positions
from nightdesk.trades.round_trips import REPORTING


@dataclass(frozen=True, slots=True)
class TradeList:
    """The newest trades of a selection; instants in ns."""

    trades: tuple[Trade, ...]
    """Closed ones, newest first."""
    open_trades: tuple[Trade, ...]
    total: int
    """Closed in the interval, of which `trades` are the newest."""
    last_trade_at: int | None
    notes: tuple[str, ...]


def list_trades(
    ledger: LedgerStore, book: Callable[[Selection], TradingBook], selection: Selection, limit: int
) -> TradeList:
    """Return the newest `limit` closed trades, and all open ones; `book` reads where fills have to be matched."""
    # Before an end in the past trades were open that are closed now: only the book knows.
    if selection.end == MAX_INSTANT and ledger.fill_sources(selection) <= REPORTING:
        return _reported(ledger, selection, limit)
    found = book(selection)
    notes = tuple(note for note in found.notes if note not in found.why_no_worth)
    newest = found.trades[-limit:][::-1]
    return TradeList(newest, found.open_trades, len(found.trades), found.last_trade_at, notes)


def _reported(ledger: LedgerStore, selection: Selection, limit: int) -> TradeList:
    with ledger.at_one_time():
        still_open = ledger.trades(replace(selection, start=MAX_INSTANT))
        last = ledger.newest_trades(replace(selection, start=MIN_INSTANT), 1)
        return TradeList(
            tuple(ledger.newest_trades(selection, limit)),
            tuple(still_open),
            ledger.count_closed(selection),
            last[0].closed_at if last else None,
            tuple(realised_so_far(positions(still_open, ()))),
        )
