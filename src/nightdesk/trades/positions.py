"""What is open in each symbol, and what it would bring at the last price that a source reported."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import localcontext

from nightdesk.model.ledger import PriceMark
from nightdesk.model.money import AVERAGE, EXACT, ZERO
from nightdesk.model.trade import Direction, Portfolio, Position, Trade

Key = tuple[Portfolio, str, Direction, str]


def positions(open_trades: Iterable[Trade], prices: Iterable[PriceMark]) -> list[Position]:
    """Return positions by portfolio and symbol; trades of one symbol, side and currency are one position.

    `unrealised_pnl` is net of the fees paid so far and before those of the exit; None where no price is known.
    `realised_pnl` is what the source says that parts brought already; None where no source says anything.
    """
    last = {(mark.origin.portfolio, mark.symbol, mark.currency): mark for mark in prices}
    parts: dict[Key, list[Trade]] = defaultdict(list)
    for trade in open_trades:
        parts[trade.origin.portfolio, trade.symbol, trade.direction, trade.currency].append(trade)
    ordered = sorted(parts.items(), key=lambda part: (part[0][0], part[0][1], part[0][2].value, part[0][3]))
    return [_position(key, trades, last.get((key[0], key[1], key[3]))) for key, trades in ordered]


def _position(key: Key, trades: list[Trade], mark: PriceMark | None) -> Position:
    portfolio, symbol, direction, currency = key
    with localcontext(EXACT):
        quantity = sum((trade.quantity for trade in trades), ZERO)
        cost = sum((trade.quantity * trade.entry_price for trade in trades), ZERO)
        fees = sum((trade.fees for trade in trades), ZERO)
        entry = AVERAGE.divide(cost, quantity) if quantity else ZERO
        realised = [trade.pnl for trade in trades if trade.pnl is not None]
        brought = sum(realised, ZERO) if realised else None
        unrealised = None if mark is None else direction.sign * (quantity * mark.price - cost) - fees
    return Position(
        portfolio,
        symbol,
        direction,
        quantity,
        entry,
        min(trade.opened_at for trade in trades),
        currency,
        last_price=mark.price if mark else None,
        last_price_at=mark.at if mark else None,
        unrealised_pnl=unrealised,
        realised_pnl=brought,
    )
