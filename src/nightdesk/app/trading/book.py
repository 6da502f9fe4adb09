"""Everything the ledger says about a selection of portfolios, put together once for whoever makes figures of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Protocol

from nightdesk.app.trading.worth import reported_returns, scope, worth
from nightdesk.model.curve import EquityCurve, Returns
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT
from nightdesk.model.ledger import CashFlow, EquityMark, Holdings, Selection, StartingBalance
from nightdesk.model.money import ZERO, exact_sum
from nightdesk.model.trade import Position, Trade
from nightdesk.seams.ledger import (
    BalanceReader,
    EquityReader,
    LedgerIndex,
    LedgerVersions,
    LedgerWriter,
    TradeLister,
    TradeReader,
)
from nightdesk.trades.positions import positions
from nightdesk.trades.round_trips import REPORTING, fees_without_rate, round_trips

PERSON: Final = "person"
"""The source of what a person stated."""


class LedgerStore(
    LedgerWriter, LedgerVersions, LedgerIndex, TradeReader, TradeLister, EquityReader, BalanceReader, Protocol
):
    """The whole ledger, as the trading desk uses it."""


@dataclass(frozen=True, slots=True)
class TradingBook:
    """What the ledger holds of a selection; instants in ns."""

    selection: Selection
    trades: tuple[Trade, ...]
    """Closed in [start, end), reported and matched from fills, by close."""
    open_trades: tuple[Trade, ...]
    """Open at the end of the selection, by opening."""
    open_positions: tuple[Position, ...]
    equity: EquityCurve | None
    """Marks of one account and mode, in one currency; None where there are none, or several: `notes` say which."""
    returns: Returns | None
    """Returns as a source reported them, of one account and mode."""
    flows: tuple[CashFlow, ...]
    starting_balances: tuple[StartingBalance, ...]
    set_aside_count: int
    """Rows that could not be read and may belong to the selection: figures lack them."""
    holdings: tuple[Holdings, ...]
    """Of the portfolios that the selection takes, of all time."""
    last_mark: EquityMark | None = None
    """The end of `equity`, exact."""
    last_trade_at: int | None = None
    """When the last trade before the end of the selection closed, in the window or before it."""
    why_no_worth: tuple[str, ...] = ()
    """Why equity or returns that the ledger holds are told of nobody, as sentences; they are in `notes` too."""
    notes: tuple[str, ...] = ()
    """What a reader of the figures has to know, as sentences."""

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes of the portfolios; figures never mix them."""
        return tuple(sorted({held.portfolio.mode for held in self.holdings}))

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies in which trades closed."""
        return tuple(sorted({trade.currency for trade in self.trades}))


def read_book(ledger: LedgerStore, selection: Selection) -> TradingBook:
    """Put the book of a selection together, of one instant. Blocks for as long as the ledger takes to read."""
    with ledger.at_one_time():
        return _read(ledger, selection)


def _read(ledger: LedgerStore, selection: Selection) -> TradingBook:
    everything = ledger.holdings()
    whole = scope(selection, everything)
    closed, still_open, notes = _trades(ledger, selection)
    open_positions = positions(still_open, ledger.prices(selection))
    known, why_no_equity = worth(ledger.equity(whole), ledger.flows(replace(whole, start=MIN_INSTANT)))
    returns, why_no_returns = reported_returns(ledger.returns(whole))
    return TradingBook(
        selection,
        trades=tuple(trade for trade in closed if _closed_at(trade) >= selection.start),
        open_trades=tuple(still_open),
        open_positions=tuple(open_positions),
        equity=known.curve if known is not None else None,
        last_mark=known.last if known is not None else None,
        returns=returns,
        flows=tuple(ledger.flows(whole)),
        starting_balances=tuple(_stated_first(ledger.starting_balances(whole))),
        set_aside_count=ledger.count_set_aside(selection),
        holdings=tuple(held for held in everything if selection.takes(held.portfolio)),
        last_trade_at=max(map(_closed_at, closed), default=None),
        why_no_worth=(*why_no_equity, *why_no_returns),
        notes=(*notes, *realised_so_far(open_positions), *why_no_equity, *why_no_returns),
    )


def _stated_first(balances: Sequence[StartingBalance]) -> list[StartingBalance]:
    """Leave out what a source says where a person stated the balance of that account and mode."""
    stated = {_owner(balance) for balance in balances if balance.origin.source == PERSON}
    return [each for each in balances if each.origin.source == PERSON or _owner(each) not in stated]


def _owner(balance: StartingBalance) -> tuple[str, str]:
    return balance.origin.portfolio.account, balance.origin.portfolio.mode


def _trades(ledger: LedgerStore, selection: Selection) -> tuple[list[Trade], list[Trade], list[str]]:
    """Return what closed before the end of a selection, what was open then, and notes.

    Every fill is read from the first on, since a position may be older than any window.
    """
    reported = ledger.trades(replace(selection, start=MIN_INSTANT, end=MAX_INSTANT))
    fills = ledger.fills(replace(selection, start=MIN_INSTANT), REPORTING)
    closed, still_open = round_trips(reported, fills)
    later = [_as_if_open(trade) for trade in closed if trade.opened_at < selection.end <= _closed_at(trade)]
    still_open = [trade for trade in still_open if trade.opened_at < selection.end]
    notes = [
        f"The fees of {count} fills were paid in {currency}, for which there is no rate: they are in no P&L."
        for currency, count in fees_without_rate(fills).items()
    ]
    return [trade for trade in closed if _closed_at(trade) < selection.end], still_open + later, notes


def realised_so_far(open_positions: Iterable[Position]) -> list[str]:
    """Say what open trades brought already: it is in no figure before they close."""
    sums: dict[str, Decimal] = {}
    for position in open_positions:
        if position.realised_pnl:
            sums[position.currency] = exact_sum((sums.get(position.currency, ZERO), position.realised_pnl))
    return [
        f"{' '.join(filter(None, (f'{amount:f}', currency)))} was realised by parts of trades that are open still:"
        " it is in no figure until they close."
        for currency, amount in sorted(sums.items())
    ]


def _as_if_open(trade: Trade) -> Trade:
    """Return a trade as it stood before it closed."""
    return replace(trade, closed_at=None, exit_price=None, pnl=None, return_ratio=None, exit_reason="")


def _closed_at(trade: Trade) -> int:
    return MAX_INSTANT if trade.closed_at is None else trade.closed_at
